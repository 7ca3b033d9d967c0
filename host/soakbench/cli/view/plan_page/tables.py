"""The tables under the picture: every phase of a track, and what a person has to do."""

from collections.abc import Iterator

from soakbench.cli import words
from soakbench.cli.view.plan_page.actions import Action
from soakbench.cli.view.plan_page.folding import Rounds, folded
from soakbench.cli.view.plan_page.markup import Markup, joined, tag
from soakbench.cli.view.plan_page.rhythm import all_of
from soakbench.cli.view.plan_page.sheet import Sheet, began, ended
from soakbench.config.base import Load
from soakbench.plan import PlannedPhase, TrackTimeline

# Each with its share of the width, in percent.
_PHASE_COLUMNS = {
    "No.": 3,
    "Phase": 13,
    "From": 12,
    "To": 12,
    "Station": 10,
    "Loads": 12,
    "Goal": 17,
    "Condition": 12,
    "At most": 9,
}
_TO_DO_COLUMNS = {"No.": 3, "When": 24, "Track": 12, "What": 46, "If nobody does": 15}


def phase_table(sheet: Sheet, track: TrackTimeline) -> Markup:
    """Every phase with from, to, station, loads, goal and condition; repeated rounds in one row."""
    rows = [
        _again(sheet, row) if isinstance(row, Rounds) else _phase(sheet, row)
        for row in folded(track.phases)
    ]
    return _table(_PHASE_COLUMNS, rows)


def _phase(sheet: Sheet, phase: PlannedPhase) -> Markup:
    instant = phase.start_h == phase.end_h
    asked = phase.detail if phase.phase == "confirm" else phase.goal
    return tag(
        "tr",
        tag("td", str(phase.phase_index + 1), class_="number"),
        tag("td", words.phase_words(phase.phase, phase.cycle)),
        tag("td", sheet.written(began(phase)), class_="when"),
        tag("td", "" if instant else sheet.written(ended(phase)), class_="when"),
        tag("td", phase.station),
        tag("td", load_words(phase.loads)),
        tag("td", asked),
        tag("td", phase.condition),
        tag("td", phase.limit),
        class_="instant" if instant else "lasting",
    )


def _again(sheet: Sheet, rounds: Rounds) -> Markup:
    first, last = rounds.first_phase + 1, rounds.last_phase + 1
    which = f"phase {first}" if first == last else f"phases {first} to {last}"
    count = len(rounds.begins)
    text = f"{which} again, rounds 2 to {count + 1}. They begin {all_of(sheet, rounds.begins)};"
    text += f" the last one ends {sheet.written(rounds.end)}"
    return tag("tr", tag("td", "↻"), tag("td", text, colspan="8", class_="again"))


def load_words(loads: dict[str, Load]) -> str:
    """ "all OC", or "OC A1 A2, SC A3 A4"."""
    by_load: dict[Load, list[str]] = {}
    for cell, load in loads.items():
        by_load.setdefault(load, []).append(cell)
    if len(by_load) == 1:
        return f"all {next(iter(by_load))}"
    return ", ".join(f"{load} {' '.join(cells)}" for load, cells in sorted(by_load.items()))


def to_do_table(sheet: Sheet, to_do: list[Action]) -> Markup:
    """What a person has to do, from before the start on."""
    before = [
        tag(
            "tr",
            tag("td", "", class_="number"),
            tag("td", "before the start"),
            tag("td", track.track),
            tag("td", _placed(sheet, track)),
            tag("td", ""),
        )
        for track in sheet.tracks
        if track.cells
    ]
    return _table(_TO_DO_COLUMNS, [*before, *(_action(sheet, action) for action in to_do)])


def _placed(sheet: Sheet, track: TrackTimeline) -> str:
    station = sheet.plan.tracks[track.track].station
    return f"cells {' '.join(track.cells)} at {station}"


def _action(sheet: Sheet, action: Action) -> Markup:
    return tag(
        "tr",
        tag("td", str(action.number), class_="number"),
        tag("td", _moments(sheet, action), class_="when" if len(action.moments) == 1 else "each"),
        tag("td", ", ".join(action.tracks)),
        tag("td", *_what(action)),
        tag("td", _without_anybody(sheet, action)),
    )


def _without_anybody(sheet: Sheet, action: Action) -> str:
    """The confirm's own time-out, else what the plan says of all of them."""
    if action.limit:
        return f"after {action.limit}"
    absence = sheet.plan.plan.operator_absence
    return "it waits" if absence.do == "hold" else str(absence)


def _moments(sheet: Sheet, action: Action) -> str:
    told = all_of(sheet, action.moments)
    return told if len(action.moments) == 1 else f"{len(action.moments)} times: {told}"


def _what(action: Action) -> Iterator[str]:
    yield action.message
    if action.moves_to:
        yield joined(tag("br"), tag("span", f"then the cells are at {action.moves_to}"))
    if action.condition:
        yield joined(tag("br"), tag("span", f"confirmed by hand {action.condition}"))


def _table(columns: dict[str, int], rows: list[Markup]) -> Markup:
    names = (tag("th", name, style=f"width:{width}%") for name, width in columns.items())
    head = tag("thead", tag("tr", *names))
    return tag("table", head, tag("tbody", *rows))
