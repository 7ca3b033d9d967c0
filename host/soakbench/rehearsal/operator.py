"""The person of a rehearsal: moves cells and confirms, at once or after a while."""

from collections.abc import Callable

from soakbench.daemon.engine import Engine
from soakbench.run.machine import Place
from soakbench.run.orders import Pause
from soakbench.status import Order

Move = Callable[[list[str], str], None]


class Operator:
    """Looks at the bench whenever the board has reported. `move` puts cells at a station."""

    def __init__(self, delay_ms: int, move: Move) -> None:
        self._delay_ms = delay_ms
        self._move = move
        self._called_at_ms: dict[Place, int] = {}
        self._asked_at_ms: dict[tuple[int, int], int] = {}

    async def look(self, engine: Engine, now_ms: int) -> None:
        """Do what a person is asked to do, if it is time."""
        await self._resume(engine, now_ms)
        for place, track in engine.keeper.waiting().items():
            called_at_ms = self._called_at_ms.setdefault(place, now_ms)
            if now_ms - called_at_ms >= self._delay_ms:
                _, moved = await engine.confirm(track, "rehearsed")
                self._carry(moved)

    async def _resume(self, engine: Engine, now_ms: int) -> None:
        """Agree to what the plan asks after a gap. Who has paused for a trip looks further."""
        active = engine.keeper.active
        for number, pause in dict(active.orders.pauses if active is not None else {}).items():
            assert active is not None
            if pause.cause == "gap" and now_ms - self._first_seen(number, pause, now_ms) >= (
                self._delay_ms
            ):
                name = active.program.tracks[number].name
                await engine.resume(Order(track=name, who="rehearsed"))

    def _first_seen(self, number: int, pause: Pause, now_ms: int) -> int:
        return self._asked_at_ms.setdefault((number, pause.since_utc_ms), now_ms)

    def _carry(self, moved: dict[str, str]) -> None:
        for station in dict.fromkeys(moved.values()):
            self._move([cell for cell, to in moved.items() if to == station], station)
