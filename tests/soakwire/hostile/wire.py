"""One direction of a serial line: bounded, in order, late, in pieces, and damaged by its seed."""

import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from hostile.damage import Damage
from hostile.timeline import Timeline

WHOLE = "as it comes"
PIECES = "in pieces"
SINGLE = "one byte at a time"
NEVER = 1 << 60


@dataclass(frozen=True)
class WireKind:
    """What does not change during a scenario."""

    capacity: int = 2048  # bytes under way; a writer that meets a full wire has to wait
    latency_ms: tuple[int, int] = (0, 5)
    bytes_per_ms: int = 1000
    arrival: str = WHOLE


class Wire:
    """Bytes go in at `write` and come out at `deliver`, unless something befalls them."""

    def __init__(
        self,
        timeline: Timeline,
        rng: random.Random,
        kind: WireKind,
        damage: Damage,
        seen: Counter[str],
    ) -> None:
        self._timeline = timeline
        self._rng = rng
        self._kind = kind
        self.damage = damage
        self._seen = seen
        self.deliver: Callable[[bytes], None] | None = None  # None: nobody reads
        self.on_room: Callable[[], None] = lambda: None
        self._queue: deque[tuple[int, bytes]] = deque()
        self._arrived = b""
        self._held = 0
        self._last_due_ms = 0
        self._stalled_until_ms = 0
        self._due_at_ms = NEVER
        self.cut = False  # the cable is out: what is written is gone

    def write(self, data: bytes) -> int:
        """Put bytes on the wire; how many there was room for."""
        taken = data[: max(0, self._kind.capacity - self._held)]
        if not taken:
            self._seen["writer blocked"] += 1
            return 0
        if self.cut:
            self._seen["bytes into a cut cable"] += 1
            return len(taken)
        self.put(self.damage.pass_on(taken))
        return len(taken)

    def put(self, data: bytes) -> None:
        """Bytes that are on the wire as they are: they will arrive after a while."""
        if not data:
            return
        kind = self._kind
        due = self._timeline.now_ms + self._rng.randint(*kind.latency_ms)
        self._last_due_ms = max(due, self._last_due_ms) + len(data) // kind.bytes_per_ms
        self._queue.append((self._last_due_ms, data))
        self._held += len(data)
        self._wake(self._last_due_ms)

    def stall(self, until_ms: int) -> None:
        """The reader takes nothing until then."""
        self._stalled_until_ms = max(self._stalled_until_ms, until_ms)

    def attach(self, deliver: Callable[[bytes], None] | None) -> None:
        """Who reads from now on; what waits goes to the new reader."""
        self.deliver = deliver
        self._wake(self._timeline.now_ms)

    def flush(self) -> bool:
        """Whatever is under way is gone; whether there was something."""
        had = bool(self._queue or self._arrived)
        self._queue.clear()
        self._arrived = b""
        self._held = 0
        return had

    def heal(self) -> None:
        """From now on a good wire with a reader that reads."""
        self.damage.harm = 0.0
        self.cut = False
        self._stalled_until_ms = 0
        self._wake(self._timeline.now_ms)

    def _wake(self, at_ms: int) -> None:
        at_ms = max(at_ms, self._stalled_until_ms)
        if at_ms < self._due_at_ms:
            self._due_at_ms = at_ms
            self._timeline.at(at_ms, self._arrive)

    def _arrive(self) -> None:
        now = self._timeline.now_ms
        if now < self._due_at_ms:
            return  # put off since
        self._due_at_ms = NEVER
        if now < self._stalled_until_ms:
            self._wake(self._stalled_until_ms)
            return
        while self._queue and self._queue[0][0] <= now:
            self._arrived += self._queue.popleft()[1]
        self._hand_over()
        if self._queue:
            self._wake(self._queue[0][0])

    def _hand_over(self) -> None:
        """To the reader, in the pieces it gets it in; what it does not live to take stays."""
        had = len(self._arrived)
        while self._arrived and self.deliver is not None:
            size = self._piece(len(self._arrived))
            piece, self._arrived = self._arrived[:size], self._arrived[size:]
            self._held = max(0, self._held - size)
            self.deliver(piece)
        if len(self._arrived) < had:
            self.on_room()

    def _piece(self, length: int) -> int:
        if self._kind.arrival == WHOLE:
            return length
        if self._kind.arrival == SINGLE:
            return 1
        return self._rng.randint(1, length)
