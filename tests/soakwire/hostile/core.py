"""The board's end as the firmware has it: its real journal, the real BoardEnd, a stub application.

In MicroPython's dialect: the same file runs in the test's process and in a MicroPython child.
Every record carries a number of its own in its body, so that it can be told from all others.
"""

from soakfw.journal import RingJournal
from soakwire import messages
from soakwire.board_end import Application, BoardEnd
from soakwire.records import CELLS, EVENT, TRACK
from soakwire.schema import SCHEMA_ID

SENSES = 8


def stamp(t_ms: int) -> tuple[int, int, int]:
    """Device time in three words; `t_ms` stays below 2**30 here."""
    return (t_ms & 0xFFFF, t_ms >> 16, 0)


def event_values(number: int) -> list[int | None]:
    """An event with `number` in its body."""
    return [None, None, 0, None, 0, 0, number, 0]


def sample_values(number: int) -> tuple[int, list[int | None]]:
    """Kind and body of a sample with `number` in it."""
    if number % 2:
        return TRACK, [None, 0, 0, 0, number, 0, 0, 0]
    values: list[int | None] = [number]
    values.extend([None] * SENSES)
    return CELLS, values


class StubApplication(Application):
    """Writes down what commands did; `number` is a command's own, hidden in its lease."""

    def __init__(self, boot_id: int, journal: RingJournal, window_slots: int) -> None:
        self._boot_id = boot_id
        self._journal = journal
        self._window_slots = window_slots
        self.effects: list[int] = []
        self.t_ms = 0

    def hello_values(self) -> dict[str, int | None]:
        """As the firmware's, where it matters to the link."""
        values: dict[str, int | None] = {}
        for field in messages.HELLO_LAYOUT.fields:
            values[field[0]] = 0
        lo, mid, hi = stamp(self.t_ms)
        values["t_lo"], values["t_mid"], values["t_hi"] = lo, mid, hi
        values["major"] = 1
        values["schema"] = SCHEMA_ID
        values["boot_id"] = self._boot_id
        values["oldest_seq"] = self._journal.oldest_seq
        values["newest_seq"] = self._journal.next_seq
        values["window_slots"] = self._window_slots
        return values

    def state_payload(self) -> bytes:
        """Time and how many records there have been."""
        head: list[int | None] = list(stamp(self.t_ms))
        head.extend([0, 0, 0, 0, self._journal.next_seq, 0, 0, 0, 0, 0, 0, 0, 0])
        return messages.STATE_HEAD.pack(head)

    def execute(self, verb: int, arguments: memoryview) -> tuple[int, int]:
        """LOAD only; the answer's detail is the command's number."""
        values = messages.ARGS[verb].unpack_from(arguments)
        if verb != messages.LOAD:
            return messages.REASON_NOT_NOW, 0
        number = values[2] or 0
        self.effects.append(number)
        return messages.REASON_OK, number


class BoardCore:
    """One boot."""

    def __init__(
        self, boot_id: int, sample_slots: int, event_slots: int, window_slots: int
    ) -> None:
        self.journal = RingJournal(sample_slots, event_slots)
        self.app = StubApplication(boot_id, self.journal, window_slots)
        self.end = BoardEnd(self.journal, self.app, window_slots)

    def receive(self, data: bytes, ticks: int, t_ms: int) -> list[int]:
        """Bytes from the host; the numbers of the commands that took effect."""
        self.app.t_ms = t_ms
        now = stamp(t_ms)
        for byte in data:
            self.end.push(byte, ticks, now)
        done, self.app.effects = self.app.effects, []
        return done

    def next_frame(self, ticks: int, t_ms: int) -> bytes:
        """The next line to send; empty if there is none."""
        self.app.t_ms = t_ms
        return self.end.next_frame(ticks) or b""

    def sample(self, t_ms: int, number: int, count: int) -> None:
        """One sampling: `count` records, numbered from `number`."""
        now = stamp(t_ms)
        if self.journal.begin_round(now, count):
            for i in range(count):
                kind, values = sample_values(number + i)
                self.journal.add(now, kind, 0, values)

    def event(self, t_ms: int, number: int) -> None:
        """One event."""
        self.journal.add(stamp(t_ms), EVENT, 1, event_values(number))

    def status(self) -> tuple[int, int, int, int]:
        """Next seq, records held, frames that were bad and stale."""
        journal = self.journal
        held = journal.samples.held + journal.events.held
        return (journal.next_seq, held, self.end.bad_frames, self.end.stale_frames)
