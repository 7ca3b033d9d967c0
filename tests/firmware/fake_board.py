"""An RP2040 in memory, for both interpreters: what soakfw.app.App asks of a board, and its clock.

Stricter than the hardware: a pin is taken once, a line is read one byte at a time, and timer
callbacks run with the heap locked (on MicroPython), so one that allocates fails as on the board.
"""

from array import array

from fake_bus import FakeBus, FakeVeml7700

from soakwire.ticks import ticks_add, ticks_diff

try:
    from micropython import heap_lock, heap_unlock
except ImportError:

    def heap_lock():
        """CPython cannot lock its heap."""

    heap_unlock = heap_lock

PERIOD_MS = 100
WRITE_BYTES = 64
KEPT_WRITES = 1000  # output that no test looks at must not pile up


class ResetError(Exception):
    """The firmware has reset the chip."""

    def __init__(self, cause):
        super().__init__(cause)
        self.cause = cause


class FakePin:
    """An output; called with its level."""

    def __init__(self, board, gpio, level):
        self._board = board
        self.gpio = gpio
        self.level = level

    def __call__(self, level):
        if level != self.level:
            self.level = level
            self._board.note(self.gpio, level)


class FakeAdc:
    """An analog input; the board's `codes` has a number or a function for it."""

    def __init__(self, board, gpio):
        self._board = board
        self._gpio = gpio

    def read_u16(self):
        code = self._board.codes[self._gpio]
        return code if isinstance(code, int) else code()


class FakeBoard:
    """The board and its time, which only `advance` moves."""

    uid = (0x01020304, 0x05060708)
    boot_id = 0x0A0B0C0D

    def __init__(self, start=0, fast_resets=0, log_size=1024):
        self.now = start
        self.reset_cause = 1
        self.fast_resets = fast_resets
        self.boot_scratch = [0, 0, 0, 0]
        self.kept = {}
        self.pins = {}
        self.codes = {26: 32768, 27: 32768, 28: 0}
        self.bus = FakeBus(self)
        self.veml = self.bus.chips[16] = FakeVeml7700()
        self.inbox = []
        self.outbox = []
        self.host_reads = True
        self.room = 0  # bytes that are taken all the same once the host does not read
        self._log_size = log_size  # pin changes; the oldest are overwritten
        self._log_t = array("i", bytes(4 * log_size))
        self._log_change = array("B", bytes(log_size))
        self.changes = 0
        self._tick = None
        self._tick_at = 0

    # --- what the app uses ---

    def ticks(self):
        return self.now

    def start_timer(self, tick):
        self._tick = tick
        self._tick_at = ticks_add(self.now, PERIOD_MS)

    def read_line(self, assemble, most):
        for _ in range(min(most, len(self.inbox))):
            line = assemble(self.inbox.pop(0))
            if line:
                return line
        return None

    def write(self, data):
        assert len(data) <= WRITE_BYTES
        if not self.host_reads:
            data = data[: self.room]
            self.room -= len(data)
        if not data:
            return 0
        if len(self.outbox) == KEPT_WRITES:
            self.outbox = []
        self.outbox.append(bytes(data))
        return len(data)

    def has_pin(self, pin):
        return pin < 23 or pin in (26, 27, 28)

    def has_adc(self, pin):
        return pin in (26, 27, 28)

    def pin(self, gpio, level):
        assert gpio not in self.pins, "taken twice"
        self.pins[gpio] = FakePin(self, gpio, level)
        return self.pins[gpio]

    def adc(self, gpio):
        return FakeAdc(self, gpio)

    def i2c(self, _bus, _sda, _scl, _khz):
        self.bus.is_set_up = True
        return self.bus

    def free_i2c(self, _sda, _scl):
        self.bus.free()

    def release(self):
        self.pins = {}

    def heap_free_kb(self):
        return 100

    def keep(self, register, value):
        assert 0 <= value <= 0xFFFFFFFF
        self.kept[register] = value

    def recall(self, register):
        return self.kept.get(register, self.boot_scratch[register])

    def reset(self, cause):
        raise ResetError(cause)

    # --- what tests use ---

    def note(self, gpio, level):
        """Log a pin change without allocating."""
        at = self.changes % self._log_size
        self._log_t[at] = self.now
        self._log_change[at] = gpio << 1 | level
        self.changes += 1

    def log(self, since=0):
        """[(ticks, gpio, level)] from change number `since` on."""
        made = []
        for i in range(since, self.changes):
            change = self._log_change[i % self._log_size]
            made.append((self._log_t[i % self._log_size], change >> 1, change & 1))
        return made

    def advance(self, until):
        """Let time pass to `until` ticks; the timer interrupts on its way."""
        while ticks_diff(until, self._tick_at) >= 0:
            self.now = self._tick_at
            self._tick_at = ticks_add(self._tick_at, PERIOD_MS)
            heap_lock()
            try:
                self._tick(None)
            finally:
                heap_unlock()
        self.now = until
