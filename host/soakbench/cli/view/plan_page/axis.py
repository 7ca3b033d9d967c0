"""The grid behind the lanes: nights, dates and hours above, hours since the start below."""

from collections.abc import Iterator

from soakbench.cli.view.plan_page.markup import Markup, joined, tag
from soakbench.cli.view.plan_page.scale import LEFT, RIGHT, Scale
from soakbench.cli.view.plan_page.sheet import Sheet

_DAY_Y, _HOUR_Y = 13.0, 28.0
_DATE, _TIME = 56.0, 20.0  # width of what is written there


def background(sheet: Sheet, scale: Scale, top: float, bottom: float) -> Markup:
    """Nights, midnights, times of day, and changes of the clocks."""
    clock, start, end = sheet.clock, scale.start, sheet.end
    nights = [
        tag(
            "rect",
            x=scale.x(evening),
            y=top,
            width=scale.x(morning) - scale.x(evening),
            height=bottom - top,
            class_="night",
        )
        for evening, morning in clock.nights(start, end)
    ]
    ticks = [_line(scale.x(at), top - 6, bottom, "tick") for at, _ in scale.ticks(clock)]
    days = [
        _line(scale.x(at), 2 if date else top - 6, bottom, "midnight")
        for at, date in scale.days(clock)
    ]
    changes = [_line(scale.x(at), top - 6, bottom, "change") for at in clock.changes(start, end)]
    frame = tag("rect", x=LEFT, y=top, width=RIGHT - LEFT, height=bottom - top, class_="frame")
    return joined(*nights, *ticks, *days, *changes, frame)


def dates(sheet: Sheet, scale: Scale) -> Markup:
    """What is written above: the first day always, the others at their midnights."""
    days = [(scale.x(at) + 3, text) for at, text in scale.days(sheet.clock)]
    labelled = [x for x, text in days if text]
    if not labelled or labelled[0] - LEFT > _DATE + 10:
        days.insert(0, (LEFT + 3, sheet.clock.day(sheet.start)))
    return joined(
        *(tag("text", text, x=x, y=_DAY_Y, class_="day") for x, text in days if x < RIGHT - _DATE),
        *_hours_of_day(sheet, scale),
    )


def _hours_of_day(sheet: Sheet, scale: Scale) -> Iterator[Markup]:
    for at, text in scale.ticks(sheet.clock):
        if scale.x(at) < RIGHT - _TIME:
            yield tag("text", text, x=scale.x(at) + 3, y=_HOUR_Y, class_="small")


def below(sheet: Sheet, scale: Scale, bottom: float) -> Markup:
    """Hours since the start, in the cells' time."""
    faster = sheet.plan.plan.accelerate
    parts = [tag("text", "since the start", x=8.0, y=bottom + 15, class_="small")]
    for at, hours in scale.hours(faster):
        x = scale.x(at)
        parts.append(_line(x, bottom, bottom + 4, "edge"))
        if x < RIGHT - 8:
            parts.append(tag("text", f"{hours:g} h", x=x + 2, y=bottom + 15, class_="small"))
    return joined(*parts)


def _line(x: float, y: float, end: float, kind: str) -> Markup:
    return tag("path", d=f"M{x:.1f} {y:g}V{end:g}", class_=kind)
