"""A host of the fewest lines, in virtual time, for the real firmware in the twin."""

import binascii

from driver import VirtualBench

from soakwire import messages, names
from soakwire.host_end import BoardSeen, Event, HostEnd, Records, Response, State
from soakwire.records import EVENT

LEASE_MS = 30_000
STEP_MS = 250
ANSWER_MS = 60_000


class Host:
    """A host of the fewest lines: it commits at once and keeps what it saw."""

    def __init__(self, bench: VirtualBench) -> None:
        self._bench = bench
        self._end = HostEnd()
        self.hello: dict[str, int] = {}
        self.events: list[str] = []
        self.seqs: list[int] = []
        self.state: State | None = None
        self.heard: list[Event] = []
        """All events but records."""
        self._reason: int | None = None

    @property
    def link(self) -> str:
        """The state of the link."""
        return self._end.state

    def connect(self) -> None:
        """Until the session is up."""
        self._end.port_opened(self._bench.now_ms)
        self.turn_until("up")

    def turn_until(self, link: str, within_ms: int = 60_000) -> None:
        """Until the link is in this state."""
        limit = self._bench.now_ms + within_ms
        while self._end.state != link:
            self.turn()
            assert self._bench.now_ms <= limit, (self._end.state, self.heard[-10:])

    def turn(self) -> None:
        """Let a quarter of a second pass, with all bytes delivered."""
        if not self._has_port():
            self._bench.advance(STEP_MS)
            return
        self._end.beat(LEASE_MS)
        for event in self._end.tick(self._bench.now_ms):
            self._take(event)
        for line in self._end.take_output():
            self._bench.send(line)
        self._bench.advance(STEP_MS)
        if not self._has_port():
            return
        for event in self._end.receive(self._bench.read(), self._bench.now_ms):
            self._take(event)

    def _has_port(self) -> bool:
        """Whether the port is there; opens and closes it as a link does."""
        there = self._bench.link.exists()
        if self._end.state == "closed" and there:
            self._bench.open_host()
            self._end.port_opened(self._bench.now_ms)
        elif self._end.state != "closed" and not there:
            self._bench.close_host()
            for event in self._end.port_closed("unplugged"):
                self._take(event)
        return there

    def command(self, verb: int, values: list[int | None], data: bytes = b"") -> None:
        """Give a command and take its answer."""
        self._reason = None
        self._end.command(verb, messages.ARGS[verb].pack(values) + data, 0, self._bench.now_ms)
        limit = self._bench.now_ms + ANSWER_MS
        while self._reason is None:
            self.turn()
            assert self._bench.now_ms <= limit, ("no answer", verb, self.heard[-10:])
        assert self._reason == messages.REASON_OK, names.REASONS[self._reason]

    def upload(self, blob: int, data: bytes) -> None:
        self.command(messages.BLOB_BEGIN, [blob, len(data), binascii.crc32(data)])
        for offset in range(0, len(data), messages.BLOB_CHUNK):
            chunk = data[offset : offset + messages.BLOB_CHUNK]
            self.command(messages.BLOB_DATA, [blob, offset], chunk)
        self.command(messages.BLOB_COMMIT, [blob])

    def run(self, tracks: list[int]) -> None:
        """Start these tracks from their first step, together."""
        for track in tracks:
            self.command(messages.START, [track, 0, 0, 0, 0, 0])
        self.command(messages.RESUME, [None])

    def _take(self, event: Event) -> None:
        if not isinstance(event, Records):
            self.heard.append(event)
        if isinstance(event, BoardSeen):
            self.hello = event.hello
            self._end.greet(1, event.hello["oldest_seq"], self._bench.now_ms)
        elif isinstance(event, Response):
            self._reason = event.reason
        elif isinstance(event, State):
            self.state = event
        elif isinstance(event, Records):
            for record in event.items:
                self.seqs.append(record.seq)
                if record.kind == EVENT:
                    self.events.append(names.EVENT_NAMES[record.place])
            self._end.committed(self.hello["boot_id"], self.seqs[-1] + 1)
