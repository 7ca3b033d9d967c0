"""The person of a rehearsal: moves cells and confirms, at once or after a while.

Where sensors may confirm, the person only does what is asked: opens the box, moves the cells, and
shuts it.
"""

from collections.abc import Callable

from soakbench.daemon.engine import Engine
from soakbench.run.machine import Place
from soakbench.run.orders import Pause
from soakbench.status import Order

Move = Callable[[list[str], str], None]
OpenBox = Callable[[str, float], None]
"""Lets so much light, in lux, into a station."""

ROOM_LUX = 300.0
OPEN_MS = 30_000


class Operator:
    """Looks at the bench whenever the board has reported. `move` puts cells at a station."""

    def __init__(self, delay_ms: int, move: Move, open_box: OpenBox) -> None:
        self._delay_ms = delay_ms
        self._move = move
        self._open_box = open_box
        self._is_away = False
        self._box: dict[Place, int] = {}
        """1: open, 2: shut again."""
        self._called_at_ms: dict[Place, int] = {}
        self._asked_at_ms: dict[tuple[int, int], int] = {}

    def be_away(self, is_away: bool) -> None:
        """Do nothing for now."""
        self._is_away = is_away

    async def look(self, engine: Engine, now_ms: int) -> None:
        """Do what a person is asked to do, if it is time."""
        if self._is_away:
            return
        await self._resume(engine, now_ms)
        for place, track in engine.keeper.waiting().items():
            called_at_ms = self._called_at_ms.setdefault(place, now_ms)
            if self._by_sensors(engine, place):
                self._work_for_sensors(engine, place, now_ms - called_at_ms)
            elif now_ms - called_at_ms >= self._delay_ms:
                _, moved = await engine.confirm(track, "rehearsed")
                self._carry(moved)

    def _by_sensors(self, engine: Engine, place: Place) -> bool:
        active = engine.keeper.active
        assert active is not None
        return bool(active.program.tracks[place.track].steps[place.step].by_sensors)

    def _work_for_sensors(self, engine: Engine, place: Place, since_called_ms: int) -> None:
        """Have the box open for a while, with the cells moved in its light."""
        active = engine.keeper.active
        assert active is not None
        track = active.program.tracks[place.track]
        step = track.steps[place.step]
        station = step.moves_to or step.station
        state = sum(since_called_ms >= self._delay_ms + after for after in (0, OPEN_MS))
        if state == self._box.get(place, 0):
            return
        self._box[place] = state
        self._open_box(station, ROOM_LUX if state == 1 else 0.0)
        if state == 1 and step.moves_to is not None:
            self._move(list(track.cells), station)

    async def _resume(self, engine: Engine, now_ms: int) -> None:
        """Agree to go on after a gap, or after the plan has paused. Who has paused for a trip looks
        further."""
        active = engine.keeper.active
        for number, pause in dict(active.orders.pauses if active is not None else {}).items():
            assert active is not None
            if pause.cause in ("gap", "policy") and now_ms - self._first_seen(
                number, pause, now_ms
            ) >= (self._delay_ms):
                name = active.program.tracks[number].name
                await engine.resume(Order(track=name, who="rehearsed"))

    def _first_seen(self, number: int, pause: Pause, now_ms: int) -> int:
        return self._asked_at_ms.setdefault((number, pause.since_utc_ms), now_ms)

    def _carry(self, moved: dict[str, str]) -> None:
        for station in dict.fromkeys(moved.values()):
            self._move([cell for cell, to in moved.items() if to == station], station)
