"""Virtual time, a lit cell, and a source meter that remembers and may be broken."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from soakbench.clock import Clock
from soakbench.config.twin_table import CellTable
from soakbench.rehearsal.host import HostClock
from soakbench.rehearsal.virtual_loop import VirtualLoop
from soakbench.smu import Settings
from soakbench.smu.simulated import SimulatedSmu
from soakbench.smu.smu import Reading
from soakbench.twin.cell_curve import CellCurve

Result = TypeVar("Result")

AREA_CM2 = 0.07
VOC_V = 1.05
SETTINGS = Settings(compliance_ma=20, nplc=1)
READING_MS = SimulatedSmu().reading_ms(SETTINGS, False)

CURVE = CellCurve(CellTable(), AREA_CM2)


def lit(voltage_v: float) -> float:
    """A cell under one sun."""
    return CURVE.current_ma(voltage_v, 25.0, 1.0, VOC_V)


def dark(voltage_v: float) -> float:
    """The same without light."""
    return CURVE.current_ma(voltage_v, 25.0, 0.0, VOC_V)


class World:
    """Nothing but time."""

    def __init__(self) -> None:
        self.now_ms = 0

    def pass_time(self, until_ms: int | None) -> None:
        """Go there at once."""
        assert until_ms is not None, "everybody waits for ever"
        self.now_ms = until_ms


def virtually(work: Callable[[Clock], Awaitable[Result]]) -> Result:
    """Run `work` in virtual time; it is given the clock."""
    world = World()

    async def main() -> Result:
        return await work(HostClock(world))

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(world)) as runner:
        return runner.run(main())


class WatchedSmu(SimulatedSmu):
    """Keeps what is done to it; `trouble` is called before each call with its number, from 0."""

    def __init__(self, cell: Callable[[float], float] = lit) -> None:
        super().__init__(cell)
        self.calls: list[str] = []
        self.trouble: Callable[[int], Awaitable[None] | None] = lambda _: None

    async def _call(self, name: str) -> None:
        self.calls.append(name)
        waits = self.trouble(len(self.calls) - 1)
        if waits is not None:
            await waits

    async def prepare(self, settings: Settings, most_v: float, zeroed: bool) -> None:
        await self._call("prepare")
        await super().prepare(settings, most_v, zeroed)

    async def source_v(self, voltage_v: float) -> None:
        await self._call(f"source {voltage_v:g}")
        await super().source_v(voltage_v)

    async def output_on(self) -> None:
        await self._call("on")
        await super().output_on()

    async def read(self) -> Reading:
        await self._call("read")
        return await super().read()

    async def output_off(self) -> None:
        await self._call("off")
        await super().output_off()
