"""The hardware: all of `machine`, `select`, `time` and `sys` I/O, and nothing else.

Serial: one byte is read only after POLLIN (`read(n)` blocks until n bytes are there), and at most
64 bytes are written only after POLLOUT (a longer write to a host that does not read blocks for up
to a second). `idle` is the only place that waits.
"""

import gc
import os
import select
import struct
import sys
import time

import machine

from soakfw import limits, scratch
from soakwire import messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# WATCHDOG_SCRATCH0; the boot ROM and the SDK use only 4 to 7.
_WATCHDOG_BASE = 0x400D8000 if "RP2350" in sys.implementation._machine else 0x40058000
_SCRATCH = _WATCHDOG_BASE + 0x0C
# 23, 24, 25 and 29 serve the Pico itself (or its radio).
_PINS = tuple(range(23)) + (26, 27, 28)
_ADC_PINS = (26, 27, 28)
_POLLIN = select.POLLIN
_I2C_TIMEOUT_US = 5000  # a dead device costs this much of a control period
_FREEING_CLOCKS = 9  # a byte's bits and its acknowledge
_ALL_OF_IT = 1 << 20  # more heap than there is
_SETTLE_MS = 20  # for contacts that have just been opened, before a reset drops the others


class Board:
    """What `soakfw.app.App` needs of an RP2040."""

    def __init__(self) -> None:
        self.boot_scratch = [machine.mem32[_SCRATCH + 4 * i] for i in range(scratch.REGISTERS)]
        word = self.boot_scratch[scratch.CAUSE]
        by_watchdog = machine.reset_cause() == machine.WDT_RESET
        self.reset_cause = scratch.boot_cause(word, by_watchdog)
        self.fast_resets = scratch.fast_resets(word, self.reset_cause)
        # Until the watchdog runs a reset is one that somebody asked for, at the prompt of a
        # maintenance boot for instance.
        self.keep(scratch.CAUSE, scratch.pack_cause(messages.CAUSE_COMMAND, 0))
        self.uid = struct.unpack(">II", machine.unique_id())
        self.boot_id = struct.unpack("<I", os.urandom(4))[0]
        self._heap_free = _ALL_OF_IT  # after the last collection
        self._byte = bytearray(1)
        self._read_into = sys.stdin.buffer.readinto
        self._in = select.poll()
        self._in.register(sys.stdin, select.POLLIN)
        self._out = select.poll()
        self._out.register(sys.stdout, select.POLLOUT)
        self._watchdog: machine.WDT | None = None
        self._timer: machine.Timer | None = None

    # --- time ---

    def ticks(self) -> int:
        """Milliseconds that wrap at 2**30."""
        return time.ticks_ms()  # type: ignore[return-value]  # a small integer, made opaque

    def idle(self, until: int) -> None:
        """Sleep until `until` ticks or until a byte has arrived."""
        left_ms = time.ticks_diff(until, time.ticks_ms())
        if left_ms > 0:
            self._in.poll(left_ms)

    def start_timer(self, tick: "Callable[[machine.Timer], None]") -> None:
        """Call `tick` every PULSE_MS in interrupt context."""
        self._timer = machine.Timer(-1)
        self._timer.init(
            period=limits.PULSE_MS, mode=machine.Timer.PERIODIC, callback=tick, hard=True
        )

    def start_watchdog(self) -> None:
        """From now on `feed` must be called, and a reset is unexpected; this cannot be undone."""
        self.keep(scratch.CAUSE, scratch.pack_cause(messages.CAUSE_UNKNOWN, self.fast_resets))
        self._watchdog = machine.WDT(timeout=limits.WATCHDOG_MS)

    def feed(self) -> None:
        """All jobs have checked in."""
        if self._watchdog:
            self._watchdog.feed()

    # --- the serial line ---

    def read_line(self, assemble: "Callable[[int], bytes | None]", most: int) -> bytes | None:
        """Give what the host has sent to `assemble`, byte by byte, until it has made a line of it;
        None if nothing more is there, or after `most` bytes. Allocates nothing."""
        ipoll, read_into, byte = self._in.ipoll, self._read_into, self._byte
        for _ in range(most):
            for _stream, event in ipoll(0):
                if event & _POLLIN and read_into(byte):
                    line = assemble(byte[0])
                    if line:
                        return line
                    break
            else:
                return None
        return None

    def write(self, data: memoryview) -> int:
        """Write at most one packet if the host takes it; how many bytes it took."""
        for _stream, event in self._out.ipoll(0):
            if event & select.POLLOUT:
                return sys.stdout.buffer.write(data[: limits.WRITE_BYTES]) or 0
        return 0

    # --- pins ---

    def has_pin(self, pin: int) -> bool:
        """Whether this GPIO may be used."""
        return pin in _PINS

    def has_adc(self, pin: int) -> bool:
        """Whether this GPIO is a free analog input."""
        return pin in _ADC_PINS

    def pin(self, pin: int, level: int) -> machine.Pin:
        """An output, at `level` from the first instant; called with its level."""
        return machine.Pin(pin, machine.Pin.OUT, value=level)

    def adc(self, pin: int) -> machine.ADC:
        """An analog input with `read_u16`."""
        return machine.ADC(machine.Pin(pin))

    def i2c(self, bus: int, sda: int, scl: int, khz: int) -> machine.I2C:
        """A bus with `readfrom_mem_into`, `writeto_mem`, `readfrom_into` and `writeto`, which raise
        OSError. Asked for again, it is set up anew."""
        return machine.I2C(
            bus,
            scl=machine.Pin(scl),
            sda=machine.Pin(sda),
            freq=khz * 1000,
            timeout=_I2C_TIMEOUT_US,
        )

    def free_i2c(self, sda: int, scl: int) -> None:
        """If a device holds SDA low, give it the clocks it waits for, then a stop. The pins must be
        given back to the bus with `i2c`."""
        data = machine.Pin(sda, machine.Pin.OPEN_DRAIN, value=1)
        if data():
            return
        clock = machine.Pin(scl, machine.Pin.OPEN_DRAIN, value=1)
        for _ in range(_FREEING_CLOCKS):
            clock(0)  # a call takes some microseconds: no device is too slow for that
            clock(1)
        clock(0)
        data(0)
        clock(1)
        data(1)

    def release(self) -> None:
        """Every pin as after power-on: an input with pull-down, so that nothing is driven."""
        for pin in _PINS:
            machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_DOWN)

    # --- memory and reset ---

    def heap_free_kb(self) -> int:
        """Free heap, garbage not counted. Collects once half of it is garbage: better here, beside
        an answer to the host, than wherever memory runs out."""
        if 2 * gc.mem_free() < self._heap_free:
            gc.collect()
            self._heap_free = gc.mem_free()
        return self._heap_free // 1024

    def keep(self, register: int, value: int) -> None:
        """Leave a 32-bit value for the next boot; power-off clears it."""
        machine.mem32[_SCRATCH + 4 * register] = value

    def recall(self, register: int) -> int:
        """What was kept."""
        return machine.mem32[_SCRATCH + 4 * register] & 0xFFFFFFFF

    def reset(self, cause: int) -> None:
        """Leave the cause and restart the chip, which releases every pin. Does not return."""
        self.keep(scratch.CAUSE, scratch.pack_cause(cause, self.fast_resets))
        time.sleep_ms(_SETTLE_MS)
        machine.reset()
