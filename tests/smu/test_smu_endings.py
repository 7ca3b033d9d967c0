"""However a measurement ends, its last word to the source meter is output off."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from smu_world import SETTINGS, WatchedSmu, virtually

from soakbench.clock import Clock
from soakbench.config.smu_table import SmuTable
from soakbench.smu import SweepPlan, measure, open_smu
from soakbench.smu.errors import SmuLostError, SmuSilentError
from soakbench.smu.finishing import finish
from soakbench.smu.in_thread import InThread
from soakbench.smu.points import Point
from soakbench.smu.result import Sweep
from soakbench.smu.smu import Identity, Reading, Settings

PLAN = SweepPlan(0, 0.04, SETTINGS)  # 10 points
CALLS = 3 + 10 + 9  # prepare, source, on; readings; the other voltages; then off


def test_that_is_how_many_calls_there_are() -> None:
    smu = WatchedSmu()
    virtually(lambda clock: measure(smu, PLAN, clock))
    assert len(smu.calls) == CALLS + 1


@pytest.mark.parametrize("at", range(CALLS))
def test_an_error_of_the_instrument_at_any_call(at: int) -> None:
    smu = WatchedSmu()

    def fail(call: int) -> None:
        if call == at:
            raise SmuSilentError("no answer")

    smu.trouble = fail
    sweep = virtually(lambda clock: measure(smu, PLAN, clock))
    assert smu.calls[at + 1 :] == ["off"]
    assert not smu.is_on
    assert (sweep.outcome.ended, sweep.outcome.off) == ("failed", True)


@pytest.mark.parametrize("at", range(CALLS))
def test_an_error_of_ours_at_any_call(at: int) -> None:
    smu = WatchedSmu()

    def fail(call: int) -> None:
        if call == at:
            raise RuntimeError("ours")

    smu.trouble = fail
    with pytest.raises(RuntimeError, match="ours"):
        virtually(lambda clock: measure(smu, PLAN, clock))
    assert smu.calls[at + 1 :] == ["off"]
    assert not smu.is_on


@pytest.mark.parametrize("at", range(CALLS))
@pytest.mark.parametrize("again", [False, True])
def test_a_task_cancelled_at_any_call(at: int, again: bool) -> None:
    """Also if it is cancelled once more while it is switching off."""
    smu = WatchedSmu()

    async def cancelled(clock: Clock) -> None:
        task = asyncio.ensure_future(measure(smu, PLAN, clock))

        def trouble(call: int) -> Awaitable[None] | None:
            if call == at:
                task.cancel()
                return asyncio.sleep(1)
            if smu.calls[call] == "off" and again:
                task.cancel()
                return asyncio.sleep(1)
            return None

        smu.trouble = trouble
        with pytest.raises(asyncio.CancelledError):
            await task

    virtually(cancelled)
    assert smu.calls[at + 1 :] == ["off"]
    assert not smu.is_on


def test_an_error_of_who_watches() -> None:
    smu = WatchedSmu()

    def seen(_: Point) -> None:
        raise ValueError("cannot show it")

    with pytest.raises(ValueError, match="cannot show"):
        virtually(lambda clock: measure(smu, PLAN, clock, on_point=seen))
    assert smu.calls[-2:] == ["read", "off"]


def test_finish_gives_the_result_or_the_error_of_its_work() -> None:
    async def works() -> int:
        return 7

    async def fails() -> int:
        raise SmuLostError("gone")

    async def main(_: Clock) -> None:
        assert await finish(works()) == 7
        with pytest.raises(SmuLostError):
            await finish(fails())

    virtually(main)


class BlockingDriver:
    """A Driver whose reading takes until it is let go."""

    identity = Identity("a", "b", "c", "d")
    found_on = False

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.threads: set[int] = set()
        self.reading = threading.Event()
        self.let_go = threading.Event()

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.threads.add(threading.get_ident())

    def reading_ms(self, settings: Settings, zeroed: bool) -> int:
        return 1

    def prepare(self, settings: Settings, most_v: float, zeroed: bool) -> None:
        self._called("prepare")

    def source_v(self, voltage_v: float) -> None:
        self._called("source")

    def output_on(self) -> None:
        self._called("on")

    def read(self) -> Reading:
        self.reading.set()
        assert self.let_go.wait(10)
        self._called("read")
        return Reading(0.0, 0.0)

    def output_off(self) -> None:
        self._called("off")

    def close(self) -> None:
        self._called("close")


async def reached(event: threading.Event) -> None:
    while not event.is_set():
        await asyncio.sleep(0.001)


def test_cancelled_in_a_reading_that_blocks_it_is_switched_off_after_it() -> None:
    """And the event loop never waited for the instrument."""
    driver = BlockingDriver()
    plan = SweepPlan(0, 0.04, SETTINGS, rate_v_per_s=1)

    async def main() -> None:
        smu = await InThread.open(lambda: driver)
        task = asyncio.ensure_future(measure(smu, plan, Clock()))
        await reached(driver.reading)
        task.cancel()
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0.01)
        assert not task.done()
        driver.let_go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        await smu.close()

    asyncio.run(main())
    assert driver.calls == ["prepare", "source", "on", "read", "off", "close"]
    assert len(driver.threads) == 1
    assert threading.get_ident() not in driver.threads


def test_cancelled_while_connecting_what_was_opened_is_closed() -> None:
    driver = BlockingDriver()
    closed = threading.Event()
    driver.close = closed.set  # type: ignore[method-assign]

    def connect() -> BlockingDriver:
        driver.reading.set()
        assert driver.let_go.wait(10)
        return driver

    async def main() -> None:
        task = asyncio.ensure_future(InThread.open(connect))
        await reached(driver.reading)
        task.cancel()
        driver.let_go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        await reached(closed)

    asyncio.run(main())


SIMULATED = SmuTable(driver="simulated", compliance_ma=20)


def leaving(how: Callable[[], None], smu: WatchedSmu, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block of `open_smu` with the output on, left by `how`."""
    monkeypatch.setattr("soakbench.smu.opening.SimulatedSmu", lambda _: smu)

    async def main(_: Clock) -> None:
        async with open_smu(SIMULATED) as opened:
            await opened.prepare(SETTINGS, 1, False)
            await opened.output_on()
            how()

    virtually(main)


def test_leaving_the_context_switches_off(monkeypatch: pytest.MonkeyPatch) -> None:
    smu = WatchedSmu()
    leaving(lambda: None, smu, monkeypatch)
    assert not smu.is_on


def test_leaving_the_context_with_an_error_switches_off(monkeypatch: pytest.MonkeyPatch) -> None:
    smu = WatchedSmu()

    def fail() -> None:
        raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        leaving(fail, smu, monkeypatch)
    assert not smu.is_on


def test_leaving_the_context_of_a_lost_instrument(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who leaves in peace is told; who leaves with an error hears of that one."""
    smu = WatchedSmu()
    with pytest.raises(SmuLostError, match="unplugged"):
        leaving(lambda: setattr(smu, "unplugged", True), smu, monkeypatch)

    def fail() -> None:
        smu.unplugged = True
        raise RuntimeError("ours")

    smu.unplugged = False
    with pytest.raises(RuntimeError, match="ours"):
        leaving(fail, smu, monkeypatch)
    assert "may still be on" in caplog.text


def test_unplugged_from_the_start() -> None:
    """A measurement that failed before its first point is still a whole result."""
    smu = WatchedSmu()
    smu.unplugged = True
    sweep: Sweep = virtually(lambda clock: measure(smu, PLAN, clock))
    assert sweep.outcome.points == ()
    assert sweep.rate_v_per_s("reverse") is None
    assert sweep.missing("forward") == 5
    assert sweep.flags == ("incomplete", "left_on")
