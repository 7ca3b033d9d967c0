"""The load of each cell over time: cells that always have the same share a row."""

from collections.abc import Iterator

from soakbench.cli.view.plan_page.markup import Markup, tag
from soakbench.cli.view.plan_page.scale import LEFT, Scale
from soakbench.cli.view.plan_page.sheet import began, ended
from soakbench.config.base import Load
from soakbench.plan import PlannedPhase, TrackTimeline

ROW = 12.0
_BOX = 9.0
_NAMES_PX = 5.2


def groups(track: TrackTimeline) -> list[list[str]]:
    """The cells of `track`, those of one course of loads together."""
    lasting = [phase for phase in track.phases if phase.end_h > phase.start_h]
    by_course: dict[tuple[Load, ...], list[str]] = {}
    for cell in track.cells:
        by_course.setdefault(tuple(phase.loads[cell] for phase in lasting), []).append(cell)
    return list(by_course.values())


def load_rows(track: TrackTimeline, scale: Scale, top: float) -> Iterator[Markup]:
    """A row for each group: a white box for OC, a dark one for SC."""
    for number, cells in enumerate(groups(track)):
        y = top + number * ROW
        yield tag("text", _names(cells), x=LEFT - 6, y=y + 8, class_="cells")
        for load, x, end in _stretches(track.phases, cells[0], scale):
            yield tag("rect", x=x, y=y, width=max(end - x, 0.6), height=_BOX, class_=load)
            if end - x > 20:
                yield tag("text", load, x=x + 4, y=y + 7.5, class_=f"load of-{load}")


def _stretches(
    phases: list[PlannedPhase], cell: str, scale: Scale
) -> Iterator[tuple[Load, float, float]]:
    """From where to where the cell has which load."""
    last: tuple[Load, float, float] | None = None
    for phase in phases:
        if phase.end_h <= phase.start_h:
            continue
        load, x, end = phase.loads[cell], scale.x(began(phase)), scale.x(ended(phase))
        if last is not None and last[0] != load:
            yield last
            last = None
        last = (load, x if last is None else last[1], end)
    if last is not None:
        yield last


def _names(cells: list[str]) -> str:
    """All of them, or the ends of a long list."""
    names = " ".join(cells)
    if len(names) * _NAMES_PX < LEFT - 12:
        return names
    return f"{cells[0]} … {cells[-1]} ({len(cells)})"
