"""The heat-ups of one test in one picture: temperature with its band above, duty below."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib
import numpy as np
from hot_twin import LID_FOR_S, TARGET_C, Heated

from soakbench.calibration.plate import BAND_C

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.ticker import MultipleLocator

COLOURS = ("#0072b2", "#222222", "#d55e00")
RED = "#b00020"
MOST_C = TARGET_C + 1.0


def draw(heated: Mapping[str, Heated], path: Path) -> None:
    """Left the heat-up, middle the whole hold in close-up, right the minutes around the lid."""
    opened_s = next(iter(heated.values())).opened_s
    assert opened_s is not None
    end_min = max(each.times_s[-1] for each in heated.values()) / 60
    lid_min = opened_s / 60
    spans = ((-0.4, 14), (0, end_min), (lid_min - 4, lid_min + 16))
    figure, axes = plt.subplots(
        2, 3, figsize=(14, 7), height_ratios=(2.4, 1), sharex="col", constrained_layout=True
    )
    for column, span in enumerate(spans):
        for (name, each), colour in zip(heated.items(), COLOURS, strict=True):
            style = {"color": colour, "linewidth": 1.3, "label": name}
            axes[0, column].plot(each.times_s / 60, each.plate_c, **style)
            duty_min, duty = _smooth(each, span)
            axes[1, column].plot(duty_min, duty * 100, **style)
        _frame(axes[0, column], axes[1, column], span, lid_min)
    axes[0, 0].set_ylim(23, 53)
    low_c = min(TARGET_C - each.excursion_c[0] for each in heated.values())
    for column in (1, 2):
        axes[0, column].set_ylim(min(low_c, TARGET_C - 0.5) - 0.15, MOST_C + 0.35)
    axes[0, 0].set_title("Heat-up from 25 °C")
    axes[0, 1].set_title("The same, three hours: temperature enlarged")
    axes[0, 2].set_title(f"The lid is open for {LID_FOR_S / 60:g} min")
    axes[0, 0].set_ylabel("true plate temperature / °C")
    axes[1, 0].set_ylabel("heater / % of power")
    axes[0, 0].legend(loc="lower right", frameon=False, fontsize=9)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def _frame(above: plt.Axes, below: plt.Axes, span: tuple[float, float], lid_min: float) -> None:
    above.axhspan(TARGET_C - BAND_C, TARGET_C + BAND_C, color="#009e73", alpha=0.18, linewidth=0)
    above.axhline(MOST_C, color=RED, linewidth=0.9, linestyle="--")
    above.set_xlim(*span)
    below.set_ylim(-3, 103)
    below.set_xlabel("min since the heater came on")
    for axis in (above, below):
        axis.axvspan(lid_min, lid_min + LID_FOR_S / 60, color="#999999", alpha=0.3, linewidth=0)
        axis.grid(alpha=0.25, linewidth=0.6)
        axis.spines[["top", "right"]].set_visible(False)
    right = span[1] - 0.02 * (span[1] - span[0])
    small = {"fontsize": 8, "ha": "right"}
    above.text(right, MOST_C + 0.04, "+1.0 °C: most overshoot", color=RED, va="bottom", **small)
    if span[1] > lid_min and span[1] - span[0] < 60:
        band = f"±{BAND_C:g} °C"
        above.text(right, TARGET_C - BAND_C, band, color="#00664a", va="bottom", **small)
        at = {"transform": above.get_xaxis_transform(), "size": 9, "color": "#333333"}
        above.text(lid_min + LID_FOR_S / 120, 0.02, "lid open", ha="center", va="bottom", **at)
        above.xaxis.set_major_locator(MultipleLocator(5))


def _smooth(each: Heated, span: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Over a long time the duty of single samples is a blur: its mean over a minute."""
    minutes, duty = each.duty_times_s / 60, each.duty
    if span[1] - span[0] < 60:
        return minutes, duty
    kernel = np.ones(6) / 6
    return minutes[2:-3], np.convolve(duty, kernel, mode="valid")
