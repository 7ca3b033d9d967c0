"""J-V curves of a cell in one figure: every stage with its own grey and mark."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from soakbench.jv.extract import extract
from soakbench.jv.sweep import Sweep
from soakbench.jv.values import Extracted

MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
DARKEST, LIGHTEST = 0.0, 0.65  # of grey: what a printer still shows
BELOW, ABOVE = 0.25, 1.15  # what is shown of the current, in Jsc
MOST_INSIDE = 10
LINES = {"reverse": "-", "forward": "--"}


@dataclass(frozen=True)
class Drawn:
    """A sweep and the stage it was measured at."""

    sweep: Sweep
    stage: str


def draw_curves(curves: list[Drawn], title: str) -> Figure:
    """A figure to be saved: J (mA cm⁻²) over V (V), with the maximum power points."""
    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    axes = figure.subplots()
    stages = list(dict.fromkeys(curve.stage for curve in curves))
    values = [extract(curve.sweep) for curve in curves]
    for curve, found in zip(curves, values, strict=True):
        _draw(axes, curve, found, stages.index(curve.stage), len(stages))
    _frame(axes, values)
    _legend(figure, axes, values)
    axes.set_title(title, fontsize=10)
    return figure


def _draw(axes: Axes, curve: Drawn, found: Extracted, number: int, count: int) -> None:
    grey = str(DARKEST + (LIGHTEST - DARKEST) * number / max(count - 1, 1))
    sweep = curve.sweep
    axes.plot(
        sweep.voltage_v,
        sweep.density_ma_cm2,
        LINES[sweep.direction],
        color=grey,
        linewidth=1.4,
        label=_label(curve, found),
        marker=MARKS[number % len(MARKS)],
        markersize=4,
        markevery=max(len(sweep.voltage_v) // 12, 1),
        markerfacecolor=grey if sweep.direction == "reverse" else "white",
    )
    if found.vmpp_v is not None and found.jmpp_ma_cm2 is not None:
        axes.plot(found.vmpp_v, found.jmpp_ma_cm2, "+", color="black", markersize=11)


def _label(curve: Drawn, found: Extracted) -> str:
    pce = "" if found.pce_percent is None else f", {found.pce_percent:.1f} %"
    doubt = "" if not found.flags else " (!)"
    return f"{curve.stage}, {curve.sweep.direction}{pce}{doubt}"


def _frame(axes: Axes, values: list[Extracted]) -> None:
    axes.axhline(0, color="0.5", linewidth=0.8)
    axes.axvline(0, color="0.5", linewidth=0.8)
    axes.set_xlabel("Voltage / V")
    axes.set_ylabel("Current density / mA cm⁻²")
    tops = [found.jsc_ma_cm2 for found in values if found.jsc_ma_cm2 is not None]
    if tops:  # the current beyond Voc would press the rest together
        axes.set_ylim(-BELOW * max(tops), ABOVE * max(tops))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(direction="in")


def _legend(figure: Figure, axes: Axes, values: list[Extracted]) -> None:
    """Under the curves, where nothing else is; beside them where there are many."""
    flagged = "; (!) flagged" if any(found.flags for found in values) else ""
    style = {"frameon": False, "fontsize": 8, "title_fontsize": 8, "alignment": "left"}
    title = f"Stage, scan, PCE; + maximum power{flagged}"
    if len(values) > MOST_INSIDE:
        figure.legend(loc="outside right upper", title=title, **style)
    else:
        above_zero = (0.1, BELOW / (BELOW + ABOVE) + 0.02)
        axes.legend(loc="lower left", bbox_to_anchor=above_zero, title=title, **style)
