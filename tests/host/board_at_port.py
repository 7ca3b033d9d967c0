"""A board at the other end of a pseudo-terminal: the real BoardEnd, a journal, a manual clock."""

import os
import pty
import select
import threading
import tty
from collections import deque

from soakbench.clock import ManualClock
from soakwire import board_end, frame, messages, records
from soakwire.schema import SCHEMA_ID

LIMIT_S = 20.0
PACKET = 64


class StepClock(ManualClock):
    """Stands still until told; can wait until the link's thread has lived through a moment."""

    def __init__(self) -> None:
        super().__init__()
        self._looks = threading.Condition()
        self._count = 0

    def monotonic_ms(self) -> int:
        now = super().monotonic_ms()
        if threading.current_thread().name == "serial-link":
            with self._looks:
                self._count += 1
                self._looks.notify_all()
        return now

    def step(self, by_ms: int) -> None:
        """Let time pass and the link see it, with what came meanwhile."""
        with self._looks:
            self.advance(by_ms)
            wanted = self._count + 2  # the first may have begun before
            assert self._looks.wait_for(lambda: self._count >= wanted, LIMIT_S)


class Journal(board_end.Journal):
    """Keeps everything until it is released."""

    def __init__(self) -> None:
        self._slots: deque[tuple[int, bytes]] = deque()
        self._lock = threading.Lock()
        self.next_seq = 0
        self.released = 0

    @property
    def oldest_seq(self) -> int:
        return self.released

    def produce(self, count: int = 1) -> None:
        for _ in range(count):
            slot = bytearray(records.SLOT_SIZE)
            body: list[int | None] = [None, None, 0, None, self.next_seq, 0, 0, 0]
            records.pack_slot(slot, 0, self.next_seq, (0, 0, 0), records.EVENT, 1, body)
            with self._lock:
                self._slots.append((self.next_seq, bytes(slot)))
                self.next_seq += 1

    def release(self, seq: int) -> None:
        with self._lock:
            while self._slots and self._slots[0][0] < seq:
                self._slots.popleft()
        self.released = max(self.released, seq)

    def collect(self, seq: int, buf: memoryview, most: int) -> int:
        with self._lock:
            chosen = [slot for have, slot in self._slots if have >= seq][:most]
        for i, slot in enumerate(chosen):
            buf[i * records.SLOT_SIZE : (i + 1) * records.SLOT_SIZE] = slot
        return len(chosen)

    def sent(self, seq: int) -> None:
        """Nothing gives way here."""

    def held_before(self, seq: int) -> int:
        with self._lock:
            return sum(have < seq for have, _ in self._slots)


class Application(board_end.Application):
    """Holds nothing, agrees to all."""

    def __init__(self, boot_id: int) -> None:
        self.boot_id = boot_id

    def hello_values(self) -> dict[str, int | None]:
        values: dict[str, int | None] = {f[0]: 0 for f in messages.HELLO_LAYOUT.fields}
        return values | {
            "major": 1,
            "schema": SCHEMA_ID,
            "boot_id": self.boot_id,
            "window_slots": records.USB_WINDOW_SLOTS,
        }

    def state_payload(self) -> bytes:
        return messages.STATE_HEAD.pack([0 for _ in messages.STATE_HEAD.fields])

    def execute(self, verb: int, arguments: memoryview) -> tuple[int, int]:
        return messages.REASON_OK, verb


class BoardAtPort:
    """Runs in a thread of its own inside `with`; `unplug` and `plug` change its port."""

    def __init__(self, clock: ManualClock, boot_id: int = 0x1234ABCD) -> None:
        self.restart(boot_id)
        self.sessions: list[int] = []
        self.windows: list[int] = []
        self.text: bytearray | None = None
        """What came in, while not None: it is then kept here and not understood."""
        self.port = ""
        self._clock = clock
        self._master: int | None = None
        self._pending = b""
        self._line = frame.LineAssembler()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="board")

    def __enter__(self) -> "BoardAtPort":
        self.plug()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.unplug()

    def restart(self, boot_id: int) -> None:
        """Another boot, with nothing recorded yet."""
        self.journal = Journal()
        self.end = board_end.BoardEnd(self.journal, Application(boot_id), records.USB_WINDOW_SLOTS)

    def plug(self) -> None:
        """Appear at a new port; its name is another one while the old one is still open."""
        master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        with self._lock:
            old, self._master = self._master, master
            self.port = os.ttyname(slave)
            self._pending = b""
        os.close(slave)
        if old is not None:
            os.close(old)

    def unplug(self) -> None:
        """The port is gone."""
        with self._lock:
            if self._master is not None:
                os.close(self._master)
            self._master = None

    def say(self, text: bytes) -> None:
        """Write past the protocol."""
        with self._lock:
            assert self._master is not None
            os.write(self._master, text)

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                moved = self._master is not None and self._serve(self._master)
            if not moved:
                self._stop.wait(0.001)

    def _serve(self, master: int) -> bool:
        """One turn; whether anything was moved."""
        poll = select.poll()
        poll.register(master, select.POLLIN | select.POLLOUT)
        ready = poll.poll(0)
        event = ready[0][1] if ready else 0
        if event & select.POLLHUP:
            return False  # nobody has the port open
        moved = False
        if event & select.POLLIN:
            self._take(os.read(master, 4096))
            moved = True
        if event & select.POLLOUT and self.text is None:
            moved = self._send(master) or moved
        return moved

    def _take(self, data: bytes) -> None:
        if self.text is not None:
            self.text += data
            return
        for byte in data:
            self._note(self._line.push(byte))
            self.end.push(byte, self._clock.monotonic_ms(), (0, 0, 0))

    def _note(self, line: bytes | None) -> None:
        """Keep what HELLO_ACKs say."""
        if line and (got := frame.decode(line)).kind == messages.HELLO_ACK:
            self.sessions.append(got.session)
            _, window = messages.HELLO_ACK_LAYOUT.unpack_from(got.payload)
            self.windows.append(window or 0)

    def _send(self, master: int) -> bool:
        if not self._pending:
            self._pending = self.end.next_frame(self._clock.monotonic_ms()) or b""
        if not self._pending:
            return False
        self._pending = self._pending[os.write(master, self._pending[:PACKET]) :]
        return True
