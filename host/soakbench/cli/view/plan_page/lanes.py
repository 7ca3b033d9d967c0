"""The picture: a lane for each track with its phases to scale, over days and nights."""

from collections.abc import Iterator
from itertools import pairwise

from soakbench.cli import words
from soakbench.cli.view.plan_page.actions import Action
from soakbench.cli.view.plan_page.axis import background, below, dates
from soakbench.cli.view.plan_page.loads import ROW as LOAD_ROW
from soakbench.cli.view.plan_page.loads import groups, load_rows
from soakbench.cli.view.plan_page.looks import Look, look_of, patterns
from soakbench.cli.view.plan_page.markup import Markup, joined, tag
from soakbench.cli.view.plan_page.scale import LEFT, RIGHT, WIDTH, Scale
from soakbench.cli.view.plan_page.sheet import Sheet, began, ended
from soakbench.plan import PlannedPhase, TrackTimeline

_AXIS = 38.0  # dates and hours, above the lanes
_FOOT = 22.0  # hours since the start, below them
_MARKS, _BAR, _STATIONS, _GAP = 19.0, 30.0, 13.0, 16.0
_CHARACTER = 5.9  # of the words in a bar, at most
_SMALL = 5.3  # of the words around it
_DISC = 7.0
_LEAST_CHARACTERS = 16  # of a message that is cut


def picture(sheet: Sheet, to_do: list[Action]) -> Markup:
    """All lanes."""
    scale = Scale(sheet.start, sheet.end)
    heights = [_height(track) for track in sheet.tracks]
    bottom = _AXIS + sum(heights)
    parts = [patterns(), background(sheet, scale, _AXIS, bottom), dates(sheet, scale)]
    top = _AXIS
    for track, height in zip(sheet.tracks, heights, strict=True):
        parts.append(_lane(sheet, track, to_do, scale, top))
        top += height
    parts.append(below(sheet, scale, bottom))
    view = f"0 0 {WIDTH:g} {bottom + _FOOT:g}"
    return tag("svg", *parts, viewBox=view, role="img", aria_label="Timeline of the tracks")


def _height(track: TrackTimeline) -> float:
    return _MARKS + _BAR + _STATIONS + LOAD_ROW * len(groups(track)) + _GAP


def _lane(
    sheet: Sheet, track: TrackTimeline, to_do: list[Action], scale: Scale, top: float
) -> Markup:
    bar = top + _MARKS
    stations = bar + _BAR
    return joined(
        tag("text", track.track, x=8.0, y=bar + 20, class_="track"),
        *(_phase(sheet, phase, scale, bar) for phase in track.phases if _lasts(phase)),
        *_curves(sheet, track, scale, bar),
        *_stations(track, scale, stations),
        *load_rows(track, scale, stations + _STATIONS),
        *_marks(track, to_do, scale, top),
    )


def _lasts(phase: PlannedPhase) -> bool:
    return phase.end_h > phase.start_h


def _phase(sheet: Sheet, phase: PlannedPhase, scale: Scale, top: float) -> Markup:
    x, end = scale.x(began(phase)), scale.x(ended(phase))
    look = look_of(phase.phase)
    name = words.phase_words(phase.phase, phase.cycle)
    told = f"{name}, {phase.detail}: {sheet.written(began(phase))} to"
    told += f" {sheet.written(ended(phase))}, {phase.station}"
    label = _fitting(_labels(phase), end - x - 6, _CHARACTER)
    return tag(
        "g",
        tag("title", told),
        tag("rect", x=x, y=top, width=max(end - x, 0.6), height=_BAR, fill=look.fill, class_="bar"),
        *_inside(label, (x + end) / 2, top + 19, look),
    )


def _labels(phase: PlannedPhase) -> list[str]:
    name = words.phase_words(phase.phase)
    return [f"{name}, {phase.detail}", f"{name} {phase.goal}", phase.goal]


def _inside(label: str, x: float, y: float, look: Look) -> Iterator[Markup]:
    if label:
        kind = "in halo" if look.patterned else "in"
        yield tag("text", label, x=x, y=y, style=f"fill:{look.ink}", class_=kind)


def _fitting(candidates: list[str], width: float, character: float) -> str:
    """The first that is not too wide."""
    return next((text for text in candidates if len(text) * character <= width), "")


def _curves(sheet: Sheet, track: TrackTimeline, scale: Scale, bar: float) -> Iterator[Markup]:
    for phase in track.phases:
        if phase.phase == "jv":
            x = scale.x(began(phase))
            told = tag("title", f"J-V curves, {sheet.written(began(phase))}")
            yield tag("path", told, d=f"M{x:.1f} {bar - 3:g}v{_BAR + 6:g}", class_="jv")


def _stations(track: TrackTimeline, scale: Scale, top: float) -> Iterator[Markup]:
    """Where the cells are: a name wherever that changes, if there is room for it."""
    stays: list[tuple[str, float, float]] = []
    for phase in filter(_lasts, track.phases):
        x, end = scale.x(began(phase)), scale.x(ended(phase))
        if stays and stays[-1][0] == phase.station:
            x = stays.pop()[1]
        stays.append((phase.station, x, end))
    for station, x, end in stays:
        yield tag("path", d=f"M{x:.1f} {top:g}v{_STATIONS - 1:g}", class_="edge")
        name = _fitting([station], end - x - 4, _SMALL)
        yield tag("text", name, x=x + 3, y=top + 10, class_="small")


def _marks(track: TrackTimeline, to_do: list[Action], scale: Scale, top: float) -> Iterator[Markup]:
    """Numbered points where a person is needed, with the message where there is room for it."""
    found = [
        (scale.x(moment), action)
        for action in to_do
        for name, _ in action.places
        if name == track.track
        for moment in action.moments
    ]
    found.sort(key=lambda mark: mark[0])
    free_from = LEFT - _DISC
    for (x, action), (next_x, _) in pairwise([*found, (RIGHT + 80, None)]):
        yield tag("path", d=f"M{x:.1f} {top + 2:g}v{_MARKS + _BAR - 2:g}", class_="person")
        if x - _DISC < free_from:  # there is a number already, and no room for another one
            yield tag("circle", cx=x, cy=top + _DISC + 1, r=2.2, class_="disc")
            continue
        assert action is not None
        free_from = x + _DISC
        yield _disc(x, top + _DISC + 1, action)
        room = min(next_x - _DISC, WIDTH) - free_from - 6
        yield tag("text", _cut(action.message, room), x=free_from + 3, y=top + 12, class_="small")


def _cut(message: str, room: float) -> str:
    """As much of it as there is room for; nothing where that would be too little to be read."""
    most = int(room / _SMALL)
    if len(message) <= most:
        return message
    return f"{message[: most - 1].rstrip()}…" if most >= _LEAST_CHARACTERS else ""


def _disc(x: float, y: float, action: Action) -> Markup:
    return tag(
        "g",
        tag("title", action.message),
        tag("circle", cx=x, cy=y, r=_DISC, class_="disc"),
        tag("text", str(action.number), x=x, y=y + 3.3, class_="number"),
    )
