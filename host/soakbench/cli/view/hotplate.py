"""A hotplate's calibration for people: the heat-up as it goes on, and what it has found."""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from soakbench.calibration.identify import Identified
from soakbench.calibration.plate import BAND_C
from soakbench.calibration.tuning import LID_S, Prediction
from soakbench.cli import words

LINE_EVERY = 60  # looks, where there is no terminal that could be overwritten

Tell = Callable[[str], None]


@contextlib.contextmanager
def progress_line(console: Console) -> Iterator[Tell]:
    """One line that is always the newest; elsewhere than on a terminal a line now and then."""
    if console.is_terminal:
        with Live(console=console, auto_refresh=False) as live:
            yield lambda line: live.update(Text(line), refresh=True)
        return
    count = 0

    def print_some(line: str) -> None:
        nonlocal count
        if count % LINE_EVERY == 0:
            console.print(line, markup=False, soft_wrap=True)
        count += 1

    yield print_some


def findings(found: Identified, old: Prediction, new: Prediction) -> RenderableType:
    """The plate, and the coefficients side by side with what they would do."""
    return Group(_plate(found), "", _coefficients(old, new), *_warnings(old, new))


def _plate(found: Identified) -> Table:
    plate = found.plate
    table = _table("The plate", "", "")
    rows = [
        (
            "rises at full power by",
            f"{plate.rise_c_per_s * 60:.2f} °C/min ± {found.rise_error:.1%}",
            "from the room's temperature",
        ),
        ("full power would end at", f"{plate.hottest_c:.0f} °C", ""),
        (
            "a degree above the room takes",
            f"{plate.hold_permille_per_c:.2f} ‰ ± {found.hold_error:.1%}",
            "of the power",
        ),
        ("time constant", words.duration(plate.time_constant_s), "of cooling down"),
        (
            "delay",
            f"{plate.delay_s:.1f} s ± {found.delay_error_s:.1f} s",
            f"dead time {plate.dead_s:.1f} s, lag of the thermistor {plate.lag_s:.1f} s",
        ),
        ("room", f"{plate.ambient_c:.1f} °C", ""),
        (
            "left unexplained",
            f"{found.residual_c:.3f} °C",
            f"RMS of {words.count(found.samples)} samples",
        ),
    ]
    for name, value, note in rows:
        table.add_row(name, value, Text(note, style="quiet"))
    return table


def _coefficients(old: Prediction, new: Prediction) -> Table:
    table = _table("Coefficient", "now", "new")
    before, after = old.coefficients, new.coefficients
    for name in ("kp_permille_per_c", "ki_permille_per_c_s", "feed_permille_per_c"):
        table.add_row(name, f"{getattr(before, name):g}", f"{getattr(after, name):g}")
    target = f"from {old.nominal.temp_c[0]:.0f} to {old.nominal.target_c:g} °C"
    table.add_row(Text(f"predicted, {target}:", style="quiet"), "", "")
    table.add_row("overshoot", *(f"{each.nominal.overshoot_c:.2f} °C" for each in (old, new)))
    table.add_row(
        "overshoot, plate and room a little different",
        *(f"{each.worst_overshoot_c:.2f} °C" for each in (old, new)),
    )
    settled = (_time(each.nominal.settled_s) for each in (old, new))
    table.add_row(f"within ±{BAND_C:g} °C for good after", *settled)
    lid = f"predicted, lid opened for {LID_S / 60:g} min (twice the loss):"
    table.add_row(Text(lid, style="quiet"), "", "")
    table.add_row("falls below the target by", *(f"{_fall_c(each):.2f} °C" for each in (old, new)))
    table.add_row("once shut, back after", *(_time(each.back_s) for each in (old, new)))
    return table


def _fall_c(made: Prediction) -> float:
    return made.nominal.target_c - float(made.lid.temp_c.min())


def _time(seconds: float | None) -> str:
    return "too long" if seconds is None else words.duration(seconds)


def _warnings(old: Prediction, new: Prediction) -> list[Text]:
    said = []
    if not new.good:
        text = (
            "No coefficients tame this plate well: it heats too fast for its delay. Fix the"
            " thermistor closer to the heater, or set a ramp_c_per_min."
        )
        said.append(Text(text, style="warn"))
    elif old.good and old.worst_overshoot_c <= new.worst_overshoot_c:
        said.append(Text("The coefficients in the file are good for this plate already.", "ok"))
    return said


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    for number, title in enumerate(titles):
        table.add_column(title, style="name" if number == 0 else "none", no_wrap=number < 2)
    return table
