"""A station's photodiode and the places of its cells, against a reference cell.

The photodiode is read with a bench file of its own (`raw_light`): dark_code 0, so that nothing is
cut off below it, and the longest scale there is, on which a record resolves 7 of 65535 codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from soakbench.config import BenchConfig, parse_bench
from soakbench.config.bench import LightSensor
from soakbench.config.edit import Changes, edited
from soakbench.errors import BenchFault

RAW_SUNS = 10.0
TOP_CODE = 65535
# 0.05 sun on a scale of 1.5: the converter's own offset is a tenth of that.
MOST_DARK_CODE = 2000
SATURATED_CODE = round(0.985 * TOP_CODE)
LEAST_LIGHT_CODE = 2000
MOST_SCALE_SUNS = 10.0
HEADROOM_SUNS = 1.2
LEAST_POSITION, MOST_POSITION = 0.5, 1.5
MOST_DRIFT = 0.05
WARN_DRIFT = 0.01


@dataclass(frozen=True)
class LightFit:
    """New values of a light sensor; what was not measured stays."""

    dark_code: int
    full_scale_suns: float
    code: int | None
    """Under the light; None if only the dark was measured."""
    shown_suns: float | None
    """What the values of the bench file make of that code."""
    error: float | None
    """One standard error of full_scale_suns, as a share; without that of the reference cell."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class PositionMap:
    """The light at each cell, relative to that at the station's sensor."""

    positions: dict[str, float]
    drift: float
    """Of the light between the first and the last reading at the sensor, as a share."""
    warnings: tuple[str, ...] = ()


def raw_light(bench: BenchConfig, station: str) -> BenchConfig:
    """The bench with the light sensor of `station` as it is read in a calibration."""
    here = ("stations", station, "light_sensor")
    changes: Changes = {(*here, "dark_code"): 0, (*here, "full_scale_suns"): RAW_SUNS}
    return parse_bench(edited(bench.source.text, changes), bench.source.name)


def code_of(raw_suns: float) -> float:
    """The 16-bit code behind a reading of `raw_light`'s bench."""
    return raw_suns / RAW_SUNS * TOP_CODE


def fit_dark(sensor: LightSensor, raw_suns: float) -> LightFit:
    """The dark code, from a reading in the dark. BenchFault if it was not dark."""
    code = round(code_of(raw_suns))
    if code > MOST_DARK_CODE:
        raise BenchFault(
            f"the sensor reads a code of {code} in the dark, allowed are {MOST_DARK_CODE}: light"
            " falls on it, or its input is not wired to the burden resistor",
            "close the shutter and cover the sensor; docs/hardware.md#light tells what to expect",
        )
    return LightFit(code, sensor.full_scale_suns, None, None, None)


def fit_suns(
    sensor: LightSensor, dark_code: int, raw_suns: float, true_suns: float, spread_suns: float = 0.0
) -> LightFit:
    """The end of the scale, from a reading under light of `true_suns`.

    Args:
        dark_code: the sensor's, measured before or of the bench file.
        spread_suns: standard error of `raw_suns`.

    BenchFault if the reading is saturated or there is no light.
    """
    code = round(code_of(raw_suns))
    refuse_saturated(code)
    above = code - dark_code
    if above < LEAST_LIGHT_CODE:
        raise BenchFault(
            f"no light: the sensor reads a code of {code}, {above} above the dark",
            "is the lamp on, the shutter open, and the sensor in the light?",
        )
    full_scale_suns = round(true_suns * (TOP_CODE - dark_code) / above, 4)
    if not 0 < full_scale_suns <= MOST_SCALE_SUNS:
        raise BenchFault(
            f"the scale would end at {full_scale_suns:g} suns, allowed are {MOST_SCALE_SUNS:g}",
            "the sensor hardly sees this light; take a larger burden resistor"
            " (docs/hardware.md#photodiode-and-burden-resistor)",
        )
    old_span = TOP_CODE - sensor.dark_code
    shown = max(code - sensor.dark_code, 0) / old_span * sensor.full_scale_suns
    warnings = []
    if full_scale_suns < HEADROOM_SUNS:
        warnings.append(
            f"the scale ends at {full_scale_suns:.2f} suns; for light that may reach"
            f" {HEADROOM_SUNS:g} suns take a smaller burden resistor"
        )
    return LightFit(
        dark_code, full_scale_suns, code, shown, spread_suns / raw_suns, tuple(warnings)
    )


def refuse_saturated(code: int) -> None:
    """BenchFault if the converter is at its end."""
    if code >= SATURATED_CODE:
        raise BenchFault(
            f"the reading is saturated: a code of {code} of {TOP_CODE}",
            "take a smaller burden resistor"
            " (docs/hardware.md#photodiode-and-burden-resistor), then calibrate again",
        )


def map_positions(first: float, at_cells: Mapping[str, float], last: float) -> PositionMap:
    """Each cell's share of the light.

    Args:
        first, last: the reference cell beside the station's sensor, before and after.
        at_cells: the same at each cell's place. Any unit that is proportional to light.

    BenchFault if the light has drifted too far, or a place is out of what can be.
    """
    readings = {"the sensor": first, **at_cells, "the sensor again": last}
    for place, reading in readings.items():
        if not reading > 0:
            raise BenchFault(
                f"the reading at {place} is {reading:g}; light gives more than 0",
                "was the reference cell shaded, or its sign turned round?",
            )
    drift = last / first - 1
    if abs(drift) > MOST_DRIFT:
        raise BenchFault(
            f"the light at the sensor has changed by {drift:+.1%} from the first reading to the"
            f" last, allowed are {MOST_DRIFT:.0%}",
            "let the lamp warm up, put the reference cell into the same place, and map again",
        )
    positions = {cell: round(2 * reading / (first + last), 3) for cell, reading in at_cells.items()}
    for cell, position in positions.items():
        if not LEAST_POSITION <= position <= MOST_POSITION:
            raise BenchFault(
                f"{cell} would get {position:g} times the light at the sensor, allowed are"
                f" {LEAST_POSITION:g} to {MOST_POSITION:g}",
                "was the right place read? If so, move the sensor or the cell: one sensor cannot"
                " speak for both",
            )
    warned = f"the light drifted by {drift:+.1%}: each position may be off by half of it"
    return PositionMap(positions, drift, (warned,) if abs(drift) > WARN_DRIFT else ())
