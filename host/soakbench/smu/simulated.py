"""A source meter without a wire: what the simulated bench has, and what tests measure with.

Stricter than an instrument: what a 2400 would refuse, it refuses, and it counts what is done to it.
It takes its time, so that a sweep lasts as long as a real one, in virtual time too.
"""

import asyncio
import math
from collections.abc import Callable

from soakbench.smu.errors import SmuLostError, SmuRefusedError
from soakbench.smu.smu import Identity, Reading, Settings

Terminals = Callable[[float], float]
"""Voltage (V) at the terminals → the current (mA) that what is connected to them delivers. It falls
as the voltage rises."""

_LINE_HZ = 50.0
_OVERHEAD_MS = 10
_MOST_V = 21.0
_SOLVED_V = 1e-9


def nothing_connected(_: float) -> float:
    """What an open pair of terminals delivers."""
    return 0.0


class SimulatedSmu:
    """An Smu. `unplugged` is for whoever pulls its cable."""

    def __init__(self, terminals: Terminals = nothing_connected) -> None:
        self.terminals = terminals
        self.identity = Identity("soakbench", "simulated source meter", "0", "0")
        self.found_on = False
        self.unplugged = False
        self.is_on = False
        self.set_v = 0.0
        self.readings = 0
        self._settings: Settings | None = None
        self._most_v = 0.0
        self._zeroed = False

    def reading_ms(self, settings: Settings, zeroed: bool) -> int:
        """As a 2400's."""
        conversions = 6 if zeroed else 2
        return math.ceil(conversions * settings.nplc / _LINE_HZ * 1000) + _OVERHEAD_MS

    async def prepare(self, settings: Settings, most_v: float, zeroed: bool) -> None:
        """See Driver."""
        self._answer()
        self.is_on, self.set_v = False, 0.0
        if not 0 < most_v <= _MOST_V:
            raise SmuRefusedError(f"the simulated source meter cannot source {most_v:g} V")
        self._settings, self._most_v, self._zeroed = settings, most_v, zeroed

    async def source_v(self, voltage_v: float) -> None:
        """See Driver."""
        self._answer()
        if abs(voltage_v) > self._most_v:
            raise SmuRefusedError(f"{voltage_v:g} V are beyond the range of {self._most_v:g} V")
        self.set_v = voltage_v

    async def output_on(self) -> None:
        """See Driver."""
        self._answer()
        if self._settings is None:
            raise SmuRefusedError("output on before anything was set")
        self.is_on = True

    async def read(self) -> Reading:
        """The reading is that of its end."""
        self._answer()
        settings = self._settings
        if settings is None or not self.is_on:
            raise SmuRefusedError("a reading with output off")
        await asyncio.sleep(self.reading_ms(settings, self._zeroed) / 1000)
        self._answer()
        self.readings += 1
        return self._measured(settings.compliance_ma)

    async def output_off(self) -> None:
        """See Driver."""
        self._answer()
        self.is_on = False

    async def close(self) -> None:
        """Nothing to let go of."""

    def _measured(self, compliance_ma: float) -> Reading:
        current_ma = self.terminals(self.set_v)
        if abs(current_ma) <= compliance_ma:
            return Reading(self.set_v, current_ma)
        limit_ma = math.copysign(compliance_ma, current_ma)
        return Reading(self._voltage_at(limit_ma), limit_ma, in_compliance=True)

    def _voltage_at(self, current_ma: float) -> float:
        """Where what is connected delivers `current_ma`, by bisection."""
        low_v, high_v = -_MOST_V, _MOST_V
        while high_v - low_v > _SOLVED_V:
            middle_v = (low_v + high_v) / 2
            if self.terminals(middle_v) > current_ma:
                low_v = middle_v
            else:
                high_v = middle_v
        return low_v

    def _answer(self) -> None:
        if self.unplugged:
            raise SmuLostError("the simulated source meter is unplugged")
