"""The I2C bus: what its devices answer, and what can be wrong with its two wires.

Transactions take no time of the twin. Their results are what `machine.I2C` of an RP2040 makes of
them: EIO if nobody acknowledges, ETIMEDOUT if the bus is not free.
"""

import errno
from typing import NamedTuple, Protocol

from soakbench.config.bench import I2c
from soakbench.twin.channel import PinState

CLOCKS_TO_FREE = 9
"""The eight bits of a byte and its acknowledge: after them a device that was cut off in the middle
of a byte has nothing more to say, and lets go of SDA."""


class I2cDevice(Protocol):
    """A chip on the bus."""

    def write(self, data: bytes, now_ms: float) -> bool:
        """Take what follows its address. False if it does not acknowledge all of it."""

    def read(self, length: int, now_ms: float) -> bytes | None:
        """`length` bytes. None if it does not acknowledge its address."""

    def peek(self, register: int, length: int, now_ms: float) -> bytes | None:
        """What a read of this register would give, without the read. None: nobody can know."""

    def reset(self) -> None:
        """It has lost its power, and is as after power-on."""


class Result(NamedTuple):
    """Of a transaction: 0 or an errno, and what was read."""

    status: int
    data: bytes = b""


_NO_ANSWER = Result(errno.EIO)
_NOT_FREE = Result(errno.ETIMEDOUT)


class I2cBus:
    """The devices by their addresses. Without pins there is no bus, and nobody answers."""

    def __init__(self, pins: I2c | None, devices: dict[int, I2cDevice]) -> None:
        self._sda = None if pins is None else pins.sda
        self._scl = None if pins is None else pins.scl
        self._devices = devices
        self._silent: set[int] = set()
        self._clock = PinState.RELEASED
        self._clocks_left = 0
        self.shorted = False
        """SDA lies on ground."""

    @property
    def fitted(self) -> bool:
        """Whether there is a bus."""
        return self._scl is not None

    @property
    def hung(self) -> bool:
        """Whether a device holds SDA low."""
        return self._clocks_left > 0

    def hang(self) -> None:
        """A device holds SDA low, until it has had its clocks."""
        self._clocks_left = CLOCKS_TO_FREE

    def silence(self, address: int, silent: bool) -> None:
        """Nothing answers at `address`, or what is there answers again."""
        if silent:
            self._silent.add(address)
        else:
            self._silent.discard(address)

    def follow(self, gpio: int, state: PinState) -> None:
        """The board drives a pin as such: each rise of SCL is a clock."""
        if gpio != self._scl:
            return
        rises = self._clock is PinState.LOW and state is not PinState.LOW
        self._clock = state
        if rises and self._clocks_left:
            self._clocks_left -= 1

    def release(self) -> None:
        """The board lets go of all pins."""
        if self._scl is not None:
            self.follow(self._scl, PinState.RELEASED)

    def lose_power(self) -> None:
        """The board feeds the chips: they start anew together."""
        self._clocks_left = 0
        for device in self._devices.values():
            device.reset()

    def pulled_up(self, gpio: int) -> bool:
        """Whether a pin that nobody on the board drives is high."""
        if gpio == self._sda:
            return not (self.hung or self.shorted)
        return gpio == self._scl

    def write(self, address: int, data: bytes, now_ms: float) -> Result:
        """A write of `data`; without any, a look whether the address is acknowledged."""
        if self._blocked():
            return _NOT_FREE
        device = self._device(address)
        if device is None or not device.write(data, now_ms):
            return _NO_ANSWER
        return Result(0)

    def read(self, address: int, length: int, now_ms: float) -> Result:
        """A read of `length` bytes."""
        if self._blocked():
            return _NOT_FREE
        device = self._device(address)
        data = None if device is None else device.read(length, now_ms)
        return _NO_ANSWER if data is None else Result(0, data)

    def read_register(self, address: int, register: int, length: int, now_ms: float) -> Result:
        """A write of the register's number and a read, with a repeated start between them."""
        named = self.write(address, bytes((register,)), now_ms)
        return named if named.status else self.read(address, length, now_ms)

    def peek(self, address: int, register: int, length: int, now_ms: float) -> bytes | None:
        """What `read_register` would give, without the transaction. None: ask."""
        device = None if self._blocked() else self._device(address)
        return None if device is None else device.peek(register, length, now_ms)

    def _blocked(self) -> bool:
        return self.hung or self.shorted or self._clock is PinState.LOW

    def _device(self, address: int) -> I2cDevice | None:
        return None if address in self._silent else self._devices.get(address)
