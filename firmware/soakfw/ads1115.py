"""The ADS1115: four inputs against ground, converted one after the other, with nobody waiting.

Each `poll` takes the conversion that the one before has begun, and begins that of the next input in
use. What was converted is believed only if the chip's configuration comes back as it was written,
with the ready bit, and the chip takes the next one: after a loss of power it would answer with
zeros, and while it converts with what the input before was at. A chip that fails in any of this
has no readings at all until it has converted each input anew.
"""

from soakfw.limits import BAD_SAMPLES
from soakwire.ticks import ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from soakfw.bus import Bus
    from soakfw.converters import ConverterThermistor
    from soakfw.senses import Quantity

_CONVERSION = 0
_CONFIG = 1
_BUSY = 0x7FFF  # the configuration but for its ready bit, which is 0 while the chip converts
_SINGLE = 0xC183  # begin, input 0 against ground, one conversion at 128 SPS, no comparator
_SLOW_MS = 100  # a conversion takes 8.7 ms at most

# Full scale.
MV_4096 = 1
MV_2048 = 2
MV_256 = 5

TOP = 32767  # at and beyond full scale


class Converter:
    """One chip. `told` is called with True when it has become silent, with False once it answers.

    Whoever uses an input has `begin` (its conversion begins), `take` (the signed code of that
    conversion) and `lose` (there is no reading).
    """

    def __init__(self, bus: "Bus", address: int, told: "Callable[[int, bool], None]") -> None:
        self._bus = bus
        self.address = address
        self._told = told
        self._users: list[ConverterThermistor | Quantity] = []
        self._configs: list[int] = []
        self._turn = 0
        self._began: int | None = None  # ticks
        self._word = bytearray(2)
        self._bad = 0
        self._is_silent = False

    def use(self, number: int, full_scale: int, user: "ConverterThermistor | Quantity") -> None:
        """Convert input `number` for `user` from now on."""
        self._users.append(user)
        self._configs.append(_SINGLE | number << 12 | full_scale << 9)

    def poll(self, now: int) -> None:
        """Take one conversion and begin the next."""
        if not self._users:
            return
        if self._began is None:
            if self._begin(now):
                self._users[self._turn].begin()
            else:
                self._fail()
            return
        config = self._configs[self._turn]
        found = self._read(_CONFIG)
        if found == config & _BUSY and ticks_diff(now, self._began) < _SLOW_MS:
            return
        raw = self._read(_CONVERSION) if found == config else -1
        user = self._users[self._turn]
        self._turn = (self._turn + 1) % len(self._users)
        if raw < 0 or not self._begin(now):
            self._fail()
            return
        self._bad = 0
        if self._is_silent:
            self._is_silent = False
            self._told(self.address, False)
        user.take(raw - 0x10000 if raw >> 15 else raw)
        self._users[self._turn].begin()

    def _begin(self, now: int) -> bool:
        config = self._configs[self._turn]
        self._word[0] = config >> 8
        self._word[1] = config & 0xFF
        self._began = now
        return self._bus.write(self.address, _CONFIG, self._word)

    def _read(self, register: int) -> int:
        """A register, or -1."""
        if not self._bus.read(self.address, register, self._word):
            return -1
        return self._word[0] << 8 | self._word[1]

    def _fail(self) -> None:
        self._began = None
        for user in self._users:
            user.lose()
        self._bad = min(self._bad + 1, BAD_SAMPLES)
        if self._bad == BAD_SAMPLES and not self._is_silent:
            self._is_silent = True
            self._told(self.address, True)
