"""What the simulated bench needs of its microcontroller, wherever the firmware really runs.

A chip reads no clock: whoever runs it says what time it is, in whole milliseconds of the twin. It
goes on only in `answer`, and otherwise waits; what ends the wait stands in `wait`.

One exchange per poll: between two polls only the hard timer runs, and nothing can come from outside
before the host, the cable or a fault does something. `quiet_until_ms` of `answer` says when that is
at the earliest. All that the board does by itself *before* that moment it may do at once, each pin
change with its own time. In real time nothing is known, quiet_until_ms is now, and every tick of
the timer is an exchange.
"""

from enum import IntEnum
from typing import NamedTuple, Protocol

from soakbench.twin.channel import Wants

CTRL_C = 3
INPUT_RING = 512  # what the board's USB holds before it tells the host to wait


class ResetCause(IntEnum):
    """`machine.reset_cause()` of the RP2040: it cannot tell a watchdog from a call."""

    POWER_ON = 1
    WATCHDOG = 3


class Wait(NamedTuple):
    """The program waits for its answer until `until_ms` (None: for ever), or for what it wants."""

    until_ms: int | None
    wants: Wants


class Observer(Protocol):
    """Who is told of the firmware's records without the link."""

    def produced(self, slot: bytes) -> None:
        """The firmware has taken this record into its journal."""

    def left_out(self, first_seq: int, count: int) -> None:
        """`count` records from `first_seq` on were due and not taken in: thinned at the source."""


class Chip(Protocol):
    """A microcontroller. It is off, running, or (the program has ended) does nothing more."""

    observer: Observer | None

    @property
    def powered(self) -> bool:
        """Whether the chip has power, whatever its program does."""

    @property
    def running(self) -> bool:
        """Whether there is a program that may read, write and drive pins."""

    @property
    def wait(self) -> Wait | None:
        """What the program waits for; None while it computes, and when there is none."""

    @property
    def request_fd(self) -> int | None:
        """Readable when a program that computes has got ahead; None if there is none such."""

    @property
    def due_ms(self) -> int | None:
        """When the wait ends by itself, or the watchdog bites; None: neither."""

    @property
    def ticks(self) -> int:
        """The time as the program knows it."""

    @property
    def boots(self) -> int:
        """How often it has started."""

    @property
    def exchanges(self) -> int:
        """How often it was answered."""

    @property
    def watchdog_resets(self) -> int:
        """How often the watchdog has bitten."""

    @property
    def reset_requested(self) -> bool:
        """The firmware has called machine.reset(); `reset` is due."""

    def power_on(self, now_ms: int) -> None:
        """Start with empty scratch registers."""

    def power_off(self, now_ms: int) -> None:
        """Take the power away: the program is gone, the pins float."""

    def reset(self, now_ms: int) -> None:
        """Restart with the scratch registers as they are."""

    def hang(self) -> None:
        """Let the program be stuck from its next wait on; interrupts go on."""

    def feed(self, data: bytearray) -> bool:
        """Move serial bytes from `data` to the board as far as its ring takes them.

        True if there is anything that the program has not read. Call only while it waits.
        """

    def output(self) -> bytes:
        """What the board has written since the last call."""

    def receive(self) -> bool:
        """Take what the program has asked for. False if it has just ended."""

    def answer(self, now_ms: int, room: int, quiet_until_ms: int) -> None:
        """Let the program go on at `now_ms`; its output may be `room` bytes.

        Before `quiet_until_ms` nothing will come from outside. ValueError if it does not wait.
        """

    def ends_wait(self, input_waits: bool, room: bool) -> bool:
        """Whether what the program wants has come."""

    def watch(self, now_ms: int) -> bool:
        """Whether the watchdog bites now. A wait that ends before it would comes first."""
