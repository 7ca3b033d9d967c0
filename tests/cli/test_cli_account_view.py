"""The account of a run as people see it: rounds that went alike, cells, and the ISOS label."""

import io

import make_status as make
import pytest
from rich.console import Console, RenderableType

from soakbench.cell_history import CellAccount, Cycles, Exposure, Handling, IsosLabel, Readings
from soakbench.cli import words
from soakbench.cli.output import THEME
from soakbench.cli.view.summary import summary_view
from soakbench.status import PhaseSummary


def shown(view: RenderableType, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width, theme=THEME, highlight=False).print(view)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert all(len(line) <= width for line in lines)
    assert "…" not in out.getvalue()
    return "\n".join(lines)


def line_of(text: str, *parts: str) -> str:
    """The one line that has all `parts`, with single spaces."""
    (line,) = [line for line in text.splitlines() if all(part in line for part in parts)]
    return " ".join(line.split())


# --- rounds ---


def day(cycle: int, mean_c: float = 42.0, state: str = "done") -> list[PhaseSummary]:
    """A day and a night."""
    lit = PhaseSummary(
        track="oc",
        phase="ageing",
        cycle=cycle,
        station="simulator",
        planned=12.0,
        delivered=12.0 if state == "done" else 3.0,
        unit="h",
        dose_sun_h=12.0,
        temp_c_mean=mean_c,
        temp_c_sd=0.0,
        temp_sensor="stage",
        samples=100,
        state=state,
    )
    night = {"phase": "dark_recovery", "dose_sun_h": 1e-6, "temp_c_mean": 23.0}
    return [lit, lit.model_copy(update=night)]


def test_rounds_that_went_alike_share_their_lines() -> None:
    phases = [*day(0), *day(1, 41.0), *day(2, 42.0), *day(3, 43.0), *day(4, 42.0, "running")]
    text = shown(summary_view(make.summary(phases=phases)))
    assert line_of(text, "ageing #2-4") == "ageing #2-4 3 × 12 h 36 h 36 sun-h 42.0 ± 0.8 stage"
    assert (
        line_of(text, "dark recovery #2-4") == "dark recovery #2-4 3 × 12 h 36 h 23.0 ± 0.0 stage"
    )
    assert line_of(text, "oc", "ageing") == "oc ageing 12 h 12 h 12 sun-h 42.0 ± 0.0 stage"
    assert line_of(text, "ageing #5").startswith("ageing #5 12 h 3 h so far")
    assert "#3" not in text


def test_two_rounds_and_a_round_that_was_skipped_keep_their_lines() -> None:
    phases = [*day(0), *day(1), *day(2), *day(3, state="skipped"), *day(4)]
    text = shown(summary_view(make.summary(phases=phases)))
    for round_number in (2, 3, 4, 5):
        assert f"ageing #{round_number} " in text
    assert "3 h, skipped" in text


# --- cells ---


def account(cell: str, **changes: object) -> CellAccount:
    """Sixteen hours at OC, and as many in the dark."""
    temp = Readings(sensor="stage", mean=42.81, sd=1.32, low=23.04, high=43.04, read_h=16)
    dark = Readings(sensor="plate", mean=23, sd=0, low=23, high=23.1, read_h=14, unread_h=2)
    values: dict[str, object] = {
        "cell": cell,
        "track": "dark",
        "position": 1.0,
        "ageing": Exposure(oc_h=16, sc_h=0, temp_c=temp),
        "dark_recovery": Exposure(oc_h=16, sc_h=0, temp_c=dark),
        "thermal_recovery": Exposure(oc_h=0, sc_h=0, temp_c=Readings()),
        "light_suns": Readings(sensor="light", mean=1, sd=0.004, low=0.98, high=1.01, read_h=16),
        "humidity_percent": Readings(unread_h=32),
        "dose_sun_h": 16.0,
        "oc_sun_h": 16.0,
        "sc_sun_h": 0.0,
        "outside_sun_h": 0.0,
        "outside_unread_h": 0.0,
        "cycles": Cycles(complete=1, light_h=16, dark_h=16, period_h=32),
        "handling": Handling(
            moved_h=0, away_h=0, interruptions=0, longest_interruption_h=None, interrupted=False
        ),
    }
    return CellAccount.model_validate(values | changes)


DISTURBED = Handling(
    moved_h=0.2, away_h=0.105, interruptions=3, longest_interruption_h=1 / 3, interrupted=True
)


def test_cells_with_one_history_share_a_line_and_empty_columns_are_left_out() -> None:
    cells = [account(f"A{n}") for n in range(1, 5)]
    text = shown(summary_view(make.summary(cells=cells)))
    assert line_of(text, "Cells", "Track") == "Cells Track lit at OC dark light dose"
    assert line_of(text, "A1-A4", "dark") == "A1-A4 dark 16 h 16 h 16 sun-h"
    temperature = line_of(text, "ageing", "stage °C")
    assert temperature == "A1-A4 ageing stage °C 42.8 ± 1.3 23.0 43.0"
    assert line_of(text, "light suns") == "light suns 1.00 ± 0.00 0.98 1.01"
    assert line_of(text, "plate °C") == "dark recovery plate °C 23.0 ± 0.0 23.0 23.1 2 h"
    assert "humidity" not in text


def test_every_column_fits_and_says_what_is_not_known() -> None:
    cell = account(
        "B1",
        track="a-track-of-some-length",
        ageing=Exposure(oc_h=84, sc_h=21.5, temp_c=Readings(unread_h=105)),
        thermal_recovery=Exposure(oc_h=3, sc_h=0, temp_c=Readings()),
        light_suns=Readings(unread_h=105),
        humidity_percent=Readings(sensor="humidity", mean=41, sd=2, low=35, high=44, read_h=9),
        dose_sun_h=None,
        outside_sun_h=0.002,
        handling=DISTURBED,
    )
    text = shown(summary_view(make.summary(cells=[account("A1"), cell])))
    line = line_of(text, "B1", "some-length")
    assert line.endswith("84 h 21.5 h 16 h 3 h – < 0.01 sun-h")
    assert line_of(text, "B1", "ageing") == "B1 ageing stage °C – – – 105 h"
    assert line_of(text, "light suns", "105 h") == "light suns – – – 105 h"
    assert line_of(text, "humidity %") == "all of it humidity % 41 ± 2 35 44"


def test_what_happened_to_which_cells() -> None:
    cells = [account("A1"), *(account(f"B{n}", handling=DISTURBED) for n in (1, 2, 3))]
    text = shown(summary_view(make.summary(cells=cells)))
    assert "Interrupted 3 times, for up to 20 min, longer than max_gap: B1-B3\n" in text
    assert "The board was away for 6 min 18 s: B1-B3\n" in text
    assert "Moved, unplugged for up to 12 min: B1-B3" in text


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["A1"], "A1"),
        (["A1", "A2"], "A1, A2"),
        (["A1", "A2", "A3"], "A1-A3"),
        (["A1", "A2", "A3", "B1", "B2", "B3", "B9"], "A1-A3, B1-B3, B9"),
        (["A9", "A10", "A11", "left"], "A9-A11, left"),
    ],
)
def test_cells_in_short(names: list[str], told: str) -> None:
    assert words.cells(names) == told


# --- ISOS ---


def label(nearest: str, *deviations: str, cells: tuple[str, ...] = ("A1",)) -> IsosLabel:
    text = f"nearest: {nearest}, but: {'; '.join(deviations)}"
    return IsosLabel(
        cells=list(cells),
        track="x",
        nearest=nearest,
        claimed=None,
        deviations=list(deviations),
        text=text,
    )


def test_a_protocol_is_never_named_without_what_departs_from_it() -> None:
    both = [
        label("ISOS-LC-1", "MPP was not tracked", "period 32 h", cells=("A1", "A2", "A3")),
        label("ISOS-LC-1", "MPP was not tracked", "SC while lit", cells=("B1",)),
        label("ISOS-D-2", "temperature not measured", cells=("B2",)),
    ]
    text = shown(summary_view(make.summary(isos=both)))
    start = text.index("ISOS, nearest: ISOS-D-2")
    assert text[start:].splitlines()[:8] == [
        "ISOS, nearest: ISOS-D-2, but:",
        "B2  temperature not measured",
        "",
        "ISOS, nearest: ISOS-LC-1, but:",
        "A1-A3, B1  MPP was not tracked",
        "A1-A3      period 32 h",
        "B1         SC while lit",
    ]
