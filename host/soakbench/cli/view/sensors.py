"""What the calibration of a sensor has found, for people."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from soakbench.calibration.light import LightFit, PositionMap
from soakbench.calibration.thermistor import Fitted
from soakbench.config.bench import LightSensor


def thermistor_findings(found: Fitted, warnings: Sequence[str]) -> RenderableType:
    """The points with what was and will be wrong there, the new values, and how sure they are."""
    points = _table("reference", "shown", "was wrong by", "will be by")
    for point, residual_c in zip(found.points, found.residuals_c, strict=True):
        points.add_row(
            f"{point.true_c:.2f} °C",
            f"{point.shown_c:.2f} °C",
            f"{point.error_c:+.2f} °C",
            f"{residual_c:+.2f} °C",
        )
    sure = ", ".join(
        f"±{error_c:.2f} °C at {temp_c:g} °C" for temp_c, error_c in found.uncertainty_c.items()
    )
    return Group(
        points,
        Text(_values(found), style="name"),
        Text(f"One standard error: {sure}"),
        *_warned(warnings),
    )


def light_findings(
    sensor: LightSensor, found: LightFit | None, true_suns: float | None, places: PositionMap | None
) -> RenderableType:
    """The light sensor's values now and new, and the map."""
    parts: list[RenderableType] = []
    if found is not None:
        values = _table("", "now", "new")
        values.add_row("dark_code", str(sensor.dark_code), str(found.dark_code))
        values.add_row(
            "full_scale_suns", f"{sensor.full_scale_suns:g}", f"{found.full_scale_suns:g}"
        )
        parts.append(values)
        if found.shown_suns is not None and true_suns is not None:
            told = f"Shown {found.shown_suns:.3f} suns where there were {true_suns:g}"
            noise = "" if found.error is None else f"; the sensor's noise is ±{found.error:.2%}"
            parts.append(Text(told + noise))
        parts += _warned(found.warnings)
    if places is not None:
        cells = _table("cell", "position")
        for cell, position in places.positions.items():
            cells.add_row(cell, f"{position:.3f}")
        drift = Text(f"Drift from the first reading to the last: {places.drift:+.1%}")
        parts += [cells, drift, *_warned(places.warnings)]
    return Group(*parts)


def _values(found: Fitted) -> str:
    part = found.thermistor
    if found.kind == "offset":
        return f"offset_c = {found.offset_c:g}"
    if part.steinhart_hart is not None:
        numbers = ", ".join(f"{value:g}" for value in part.steinhart_hart)
        return f"steinhart_hart = [{numbers}]"
    return f"r25_ohm = {part.r25_ohm:g}, beta_k = {part.beta_k:g}"


def _warned(warnings: Sequence[str]) -> list[Text]:
    return [Text("warning: ", style="warn").append(text, style="none") for text in warnings]


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    for number, title in enumerate(titles):
        table.add_column(title, justify="left" if number == 0 else "right", no_wrap=True)
    return table
