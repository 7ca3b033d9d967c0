"""The whole page."""

from collections.abc import Iterator
from datetime import timedelta

from soakbench.cli import words
from soakbench.cli.view.plan_page.actions import Action, actions
from soakbench.cli.view.plan_page.lanes import picture
from soakbench.cli.view.plan_page.looks import LEGEND, look_of
from soakbench.cli.view.plan_page.markup import Markup, joined, tag
from soakbench.cli.view.plan_page.sheet import Sheet
from soakbench.cli.view.plan_page.style import CSS
from soakbench.cli.view.plan_page.tables import phase_table, to_do_table
from soakbench.config.policy import Policy
from soakbench.plan import NOTE
from soakbench.units import format_duration

_MINUTE = timedelta(minutes=1)
_NIGHTS = "Grey behind the lanes: night, from 20:00 to 6:00."


def plan_page(sheet: Sheet) -> str:
    """HTML of `sheet`."""
    to_do = actions(sheet)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{sheet.title} – soakbench plan"),
        tag("style", Markup(CSS)),
    )
    body = tag("body", *_body(sheet, to_do))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _body(sheet: Sheet, to_do: list[Action]) -> Iterator[Markup]:
    yield tag("h1", sheet.title)
    yield tag("dl", *_facts(sheet))
    for warning in sheet.warnings:
        yield tag("p", f"Warning: {warning}", class_="warning")
    yield tag("div", picture(sheet, to_do), class_="picture")
    yield _legend(sheet)
    yield tag("h2", "What a person has to do")
    yield to_do_table(sheet, to_do)
    yield tag("h2", "Every phase")
    for track in sheet.tracks:
        yield tag("h3", f"Track {track.track}")
        yield tag("p", _cells(sheet, track.track), class_="quiet")
        yield phase_table(sheet, track)
    yield tag("h2", "If something goes wrong")
    yield tag("dl", *_policies(sheet))
    yield tag("p", NOTE, class_="quiet")


def _facts(sheet: Sheet) -> Iterator[Markup]:
    head, bench = sheet.plan.plan, sheet.bench.bench.name
    yield from _fact("Plan", head.name)
    yield from _fact("Bench", bench)
    yield from _fact("Start", sheet.whole(sheet.start))
    yield from _fact("Expected end", f"{sheet.whole(sheet.end)}, {_lasts(sheet)}")
    yield from _fact("Time zone", f"{head.timezone or 'of this computer'} ({_short_names(sheet)})")
    for moment in sheet.clock.changes(sheet.start, sheet.end):
        before = f"{sheet.clock.at(moment - _MINUTE):%H:%M %Z}"
        yield from _fact("Clocks change", f"{sheet.whole(moment)} follows {before}")
    if head.accelerate != 1:
        faster = f"{head.accelerate:g} times faster than the clock (simulated bench)"
        yield from _fact("Cells live", faster)


def _short_names(sheet: Sheet) -> str:
    """ "CEST, CET": those of the beginning and the end."""
    names = [f"{sheet.clock.at(moment):%Z}" for moment in (sheet.start, sheet.end)]
    return ", ".join(dict.fromkeys(names))


def _lasts(sheet: Sheet) -> str:
    seconds = sheet.end.timestamp() - sheet.start.timestamp()
    return f"after {words.duration(seconds)}"


def _fact(name: str, value: str) -> Iterator[Markup]:
    yield tag("dt", name)
    yield tag("dd", value)


def _cells(sheet: Sheet, track: str) -> str:
    roles = sheet.plan.tracks[track].roles
    cells = sheet.plan.tracks[track].cells
    told = [
        f"{cell} ({roles[cell].replace('_', ' ')})" if cell in roles else cell for cell in cells
    ]
    return f"Cells: {', '.join(told) or 'none'}"


def _legend(sheet: Sheet) -> Markup:
    kinds = {phase.phase for track in sheet.tracks for phase in track.phases}
    entries = [_entry(kind) for kind in LEGEND if kind in kinds]
    if "jv" in kinds:
        entries.append(_key("J-V curves", tag("path", d="M13 0v14", class_="jv")))
    if "confirm" in kinds:
        entries.append(
            _key("a person is needed", tag("circle", cx="13", cy="7", r="6", class_="disc"))
        )
    for load, text in (("OC", "open circuit"), ("SC", "short circuit")):
        box = tag("rect", x="2", y="3", width="22", height="8", class_=load)
        entries.append(_key(f"{load}, {text}", box))
    if any(sheet.clock.changes(sheet.start, sheet.end)):
        entries.append(_key("clocks change", tag("path", d="M13 0v14", class_="change")))
    return tag("p", *entries, tag("span", _NIGHTS), class_="legend quiet")


def _entry(kind: str) -> Markup:
    bar = tag("rect", x="1", y="1", width="24", height="12", fill=look_of(kind).fill, class_="bar")
    return _key(LEGEND[kind], bar)


def _key(text: str, sign: Markup) -> Markup:
    return tag("span", tag("svg", sign, viewBox="0 0 26 14"), joined(f" {text}"))


def _policies(sheet: Sheet) -> Iterator[Markup]:
    head = sheet.plan.plan
    over = "it waits until that is over"
    yield from _policy("No light when there should be", head.lamp_failure, over)
    yield from _policy("Light when it should be dark", head.light_leak, over)
    yield from _policy("A safety rule trips", head.trip, "it waits for `soakbench clear`")
    yield from _policy("Nobody confirms", head.operator_absence, "it waits")
    yield from _fact("The board was away", _resume(head.resume))
    yield from _fact("Reminders", f"after {format_duration(head.remind_ms)}, then less often")


def _policy(name: str, policy: Policy | str, hold: str) -> Iterator[Markup]:
    yield from _fact(name, hold if str(policy) == "hold" else str(policy))


def _resume(resume: int | str) -> str:
    if resume == "always":
        return "it goes on"
    if isinstance(resume, str):
        return "it waits for `soakbench resume`"
    return f"it goes on after {format_duration(resume)} at most, else it waits"
