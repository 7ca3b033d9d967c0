"""How numbers and states are written for people: short, with units, a dash for what is missing."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from soakbench.units import format_duration

MISSING = "–"

_UNIT_WORDS = {"h": "h", "sun_h": "sun-h"}
_HOUR_S = 3600.0
_MINUTE_S = 60.0


def phase_words(phase: str, cycle: int = 0) -> str:
    """ "dark recovery", "ageing, 2nd time round"; `cycle` counts from 0 as on the board."""
    name = phase.replace("_", " ").replace("jv", "J-V")
    return f"{name} #{cycle + 1}" if cycle else name


def amount(value: float | None, unit: str) -> str:
    """One amount in the plan's unit; times below an hour in min or s."""
    if value is None:
        return MISSING
    factor, word = _scale(value, unit)
    return f"{_digits(value * factor, value * factor)} {word}"


def progress(delivered: float, goal: float, unit: str) -> str:
    """ "8.2 / 16 h": both in the unit that suits the goal."""
    factor, word = _scale(goal, unit)
    return f"{_steady(delivered * factor, goal * factor)} / {goal * factor:g} {word}"


def temperature(value_c: float | None) -> str:
    """ "49.8 °C"."""
    return MISSING if value_c is None else f"{value_c:.1f} °C"


def light(value_suns: float | None) -> str:
    """ "1.00 sun"."""
    return MISSING if value_suns is None else f"{value_suns:.2f} sun"


def voltage(value_v: float | None) -> str:
    """ "1.04 V", "8 mV"."""
    if value_v is None:
        return MISSING
    return f"{value_v:.2f} V" if abs(value_v) >= 0.1 else f"{value_v * 1000:.0f} mV"


def current(value_ma: float | None) -> str:
    """ "1.65 mA"."""
    return MISSING if value_ma is None else f"{value_ma:.2f} mA"


def humidity(value_percent: float | None) -> str:
    """ "42 %" relative humidity."""
    return MISSING if value_percent is None else f"{value_percent:.0f} %"


def lux(value: float | None) -> str:
    """ "0.1 lux"; whole numbers where it is bright."""
    if value is None:
        return MISSING
    return f"{value:.1f} lux" if value < 100 else f"{value:.0f} lux"


def duration(seconds: float | None) -> str:
    """ "12 s", "3 h 20 min"; whole seconds, and no seconds beyond an hour."""
    if seconds is None:
        return MISSING
    whole_s = round(max(seconds, 0.0))
    if whole_s >= _HOUR_S:
        whole_s = round(whole_s / _MINUTE_S) * int(_MINUTE_S)
    return format_duration(whole_s * 1000)


def count(number: int) -> str:
    """ "12 345": thousands apart, as in the field's papers."""
    return f"{number:,}".replace(",", " ")


def clock_time(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """The time of day where the reader is, or in `zone`."""
    return MISSING if moment is None else moment.astimezone(zone).strftime("%H:%M:%S")


def day_time(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """Day and time where the reader is, or in `zone`."""
    return MISSING if moment is None else moment.astimezone(zone).strftime("%a %d %b %H:%M")


def mean_and_sd(mean: float | None, sd: float | None) -> str:
    """ "50.0 ± 0.2", the unit being in the table's head."""
    if mean is None:
        return MISSING
    return f"{mean:.1f}" if sd is None else f"{mean:.1f} ± {sd:.1f}"


def cells(names: Sequence[str]) -> str:
    """ "A1-A4, B1": those that follow one another together."""
    runs: list[list[str]] = []
    for name in names:
        if runs and _next(runs[-1][-1]) == name:
            runs[-1].append(name)
        else:
            runs.append([name])
    told = [[f"{run[0]}-{run[-1]}"] if len(run) > 2 else run for run in runs]
    return ", ".join(name for run in told for name in run)


def _next(name: str) -> str | None:
    """A2 follows A1."""
    letters = name.rstrip("0123456789")
    number = name[len(letters) :]
    return f"{letters}{int(number) + 1}" if number else None


def _scale(value: float, unit: str) -> tuple[float, str]:
    """The factor and the word for showing an amount of about `value` in the plan's `unit`."""
    if unit != "h" or value == 0 or value >= 1:
        return 1.0, _UNIT_WORDS.get(unit, unit)
    if value * _HOUR_S >= _MINUTE_S:
        return _MINUTE_S, "min"
    return _HOUR_S, "s"


def _digits(value: float, size: float) -> str:
    """Three figures or so, without zeros that say nothing."""
    places = 2 if size < 10 else 1 if size < 100 else 0
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _steady(value: float, size: float) -> str:
    """As `_digits`, but always as wide, so that a number that counts up does not jump."""
    return f"{value:.{2 if size < 10 else 1}f}"
