"""The person of a rehearsal: moves cells and confirms, at once or after a while."""

from collections.abc import Callable

from soakbench.daemon.engine import Engine
from soakbench.run.machine import Place

Move = Callable[[list[str], str], None]


class Operator:
    """Looks at the bench whenever the board has reported. `move` puts cells at a station."""

    def __init__(self, delay_ms: int, move: Move) -> None:
        self._delay_ms = delay_ms
        self._move = move
        self._called_at_ms: dict[Place, int] = {}

    async def look(self, engine: Engine, now_ms: int) -> None:
        """Do what a person is asked to do, if it is time."""
        for place, track in engine.keeper.waiting().items():
            called_at_ms = self._called_at_ms.setdefault(place, now_ms)
            if now_ms - called_at_ms >= self._delay_ms:
                _, moved = await engine.confirm(track, "rehearsed")
                self._carry(moved)

    def _carry(self, moved: dict[str, str]) -> None:
        for station in dict.fromkeys(moved.values()):
            self._move([cell for cell, to in moved.items() if to == station], station)
