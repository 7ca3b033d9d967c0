"""How often a host beats, in virtual time."""

import asyncio

from soakbench.clock import Clock
from soakbench.daemon.heart import Heart
from soakbench.rehearsal.virtual_loop import VirtualLoop


class World(Clock):
    """Only time passes."""

    now_ms = 0

    def pass_time(self, until_ms: int | None) -> None:
        assert until_ms is not None
        self.now_ms = until_ms

    def monotonic_ms(self) -> int:
        return self.now_ms


class Beating:
    """A heart and the times (s) of its beats."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.beats: list[float] = []
        self.lease_s = 30.0
        self.is_busy = False
        self.heart = Heart(
            world,
            lambda: self.beats.append(world.now_ms / 1000),
            lambda: self.lease_s,
            lambda: self.is_busy,
        )

    async def until(self, at_s: float) -> list[float]:
        """The beats up to then."""
        await asyncio.sleep(at_s - self._world.now_ms / 1000)
        beats, self.beats = self.beats, []
        return beats


def watch(main) -> None:
    world = World()

    async def run() -> None:
        beating = Beating(world)
        task = asyncio.create_task(beating.heart.run())
        await main(beating)
        task.cancel()

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(world)) as runner:
        runner.run(run())


def test_it_beats_six_times_a_lease_and_no_less_than_every_five_seconds():
    async def main(beating: Beating) -> None:
        assert await beating.until(12) == [0, 5, 10]
        beating.lease_s = 6.0
        assert await beating.until(18.5) == [15, 16, 17, 18]
        beating.lease_s = 600.0
        assert await beating.until(30) == [19, 24, 29]

    watch(main)


def test_news_make_it_beat_at_once_and_only_once():
    async def main(beating: Beating) -> None:
        assert await beating.until(2) == [0]
        beating.heart.hurry()
        beating.heart.hurry()
        assert await beating.until(6) == [2]
        assert await beating.until(8) == [7]

    watch(main)


def test_while_somebody_watches_it_beats_every_second():
    async def main(beating: Beating) -> None:
        assert await beating.until(2.5) == [0]
        for _ in range(4):
            beating.heart.watched()
        assert await beating.until(5) == [2.5, 3.5, 4.5]
        beats = await beating.until(30)
        assert beats[:8] == [5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5]
        assert beats[8:] == [17.5, 22.5, 27.5]

    watch(main)


def test_while_a_run_comes_to_its_end_it_beats_every_second():
    async def main(beating: Beating) -> None:
        beating.is_busy = True
        assert await beating.until(2.5) == [0, 1, 2]

    watch(main)
