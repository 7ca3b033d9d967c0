"""Which J-V of a run a curve belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass

from soakbench.config.explain import did_you_mean
from soakbench.errors import CurveError
from soakbench.jv.sweep import Direction
from soakbench.run.curves.stages import Stage, Stages
from soakbench.store import Store
from soakbench.store.sweeps import JvPlace


@dataclass(frozen=True)
class CellPlace:
    """A J-V of one cell: pending, or taken as far as `directions` says."""

    cell: str
    place: JvPlace
    stage: Stage
    since_utc_ms: int
    """When the phase before it had ended."""
    directions: frozenset[Direction]

    @property
    def words(self) -> str:
        """For messages: `ageing 16 h (--step 2 --cycle 0)`."""
        return f"{self.stage.words} (--step {self.place.step} --cycle {self.place.cycle})"


@dataclass(frozen=True)
class Wish:
    """What the person says of the place; None: nothing."""

    stage: str | None = None
    step: int | None = None
    cycle: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing is said."""
        return self == Wish()

    def fits(self, at: CellPlace) -> bool:
        """Whether a place is one that is meant."""
        return (
            self.stage in (None, at.stage.name)
            and self.step in (None, at.place.step)
            and self.cycle in (None, at.place.cycle)
        )


def cell_places(store: Store, run: str, stages: Stages) -> list[CellPlace]:
    """The J-V of a run that have come due, by cell and in order of time."""
    begun = {
        JvPlace(row["track"], row["step"], row["cycle"]): row["t"]
        for row in store.rows(
            "SELECT track, step, cycle, min(t_utc_ms) AS t FROM event"
            " WHERE run = ? AND event = 'barrier' GROUP BY track, step, cycle",
            (run,),
        )
    }
    taken: dict[tuple[str, JvPlace], set[Direction]] = {}
    for row in store.rows(
        "SELECT cell, direction, track, step, cycle FROM sweep"
        " WHERE run = ? AND withdrawn_utc_ms IS NULL",
        (run,),
    ):
        key = row["cell"], JvPlace(row["track"], row["step"], row["cycle"])
        taken.setdefault(key, set()).add(row["direction"])
    found = []
    for cell, *at, utc_ms in store.rows(
        "SELECT cell, track, step, cycle, utc_ms FROM jv WHERE run = ?"
        " ORDER BY cell, utc_ms, track, cycle, step",
        (run,),
    ):
        place = JvPlace(*at)
        directions = frozenset(taken.get((cell, place), ()))
        since = begun.get(place, utc_ms)
        found.append(CellPlace(cell, place, stages.of(place), since, directions))
    return found


def choose_place(
    places: list[CellPlace], wish: Wish, directions: Iterable[Direction], cell: str
) -> CellPlace:
    """Where curves of these directions belong: what the person says, else the place that had only
    the other direction last, else the oldest without curves. CurveError if there is none."""
    wanted = set(directions)
    fitting = [at for at in places if wish.fits(at)]
    if not fitting:
        raise _no_place(places, wish, cell)
    taken = [at for at in fitting if at.directions]
    pending = [at for at in fitting if not at.directions]
    if taken and not wanted & taken[-1].directions:
        return taken[-1]
    if pending:
        return pending[0]
    raise CurveError(
        f"{cell} has its {' and '.join(sorted(wanted))} curve there already: {taken[-1].words}",
        hint="--replace puts this one in its place; --step and --cycle name another place",
    )


def _no_place(places: list[CellPlace], wish: Wish, cell: str) -> CurveError:
    if not places:
        return CurveError(
            f"no J-V of {cell} has come due in this run yet",
            hint="`soakbench jv` shows which cells have one; is it the right --run and --cell?",
        )
    stages = list(dict.fromkeys(at.stage.name for at in places))
    if wish.stage is not None and wish.stage not in stages:
        guess = did_you_mean(wish.stage, stages)
        return CurveError(
            f'{cell} has no J-V at the stage "{wish.stage}"{guess}',
            hint=f"there is: {', '.join(stages)}",
        )
    listed = "; ".join(at.words for at in places)
    return CurveError(f"{cell} has no J-V at that step and cycle", hint=f"there is: {listed}")
