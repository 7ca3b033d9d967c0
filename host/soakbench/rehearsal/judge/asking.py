"""From the tracks' progress to who asks for heat where."""

from soakbench.rehearsal.judge.heat import Heat
from soakbench.rehearsal.judge.progress import Goes, Visit


class HeatAsked:
    """Heat is asked for by a running step that has a target."""

    def __init__(self, heat: Heat, stations: list[str]) -> None:
        self._heat = heat
        self._stations = stations

    def comes(self, at_ms: float, visit: Visit, goes: Goes) -> None:
        """It may ask at once."""
        self.turns(at_ms, visit, goes)

    def turns(self, at_ms: float, visit: Visit, goes: Goes) -> None:
        """Asks while it runs."""
        station = visit.wanted["station"]
        wants = visit.wanted["target"] is not None and station is not None
        if goes is Goes.RUNNING and wants and station is not None:
            self._heat.ask(at_ms, self._stations[station], visit.track)
        else:
            self._heat.rest(at_ms, visit.track)

    def tells(self, at_ms: float, visit: Visit, _delivered: int, _dose: int) -> None:
        """Changes nothing."""

    def ends(self, at_ms: float, visit: Visit, _delivered: int, _dose: int) -> None:
        """Asks no more; the next step says for itself."""
        self._heat.rest(at_ms, visit.track)

    def drops(self, at_ms: float, visit: Visit) -> None:
        """Asks no more."""
        self._heat.rest(at_ms, visit.track)
