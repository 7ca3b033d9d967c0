"""The result of a hotplate's calibration, for programs."""

from pydantic import BaseModel

from soakbench.calibration.identify import Identified
from soakbench.calibration.record import Recorded
from soakbench.calibration.tuning import Prediction


class PlateNumbers(BaseModel):
    """What was found of the plate."""

    rise_c_per_min: float
    rise_error: float
    hold_permille_per_c: float
    hold_error: float
    time_constant_s: float
    delay_s: float
    delay_error_s: float
    lag_s: float
    dead_s: float
    ambient_c: float
    residual_c: float
    samples: int


class LawNumbers(BaseModel):
    """Coefficients, and what they would do with this plate."""

    kp_permille_per_c: int
    ki_permille_per_c_s: float
    feed_permille_per_c: float
    overshoot_c: float
    overshoot_nearby_c: float
    settled_s: float | None
    lid_back_s: float | None
    good: bool


class Calibration(BaseModel):
    """The whole result, as `--json` prints it."""

    station: str
    run: str
    target_c: float
    plate: PlateNumbers
    old: LawNumbers
    new: LawNumbers
    stored: bool


def result_of(
    station: str,
    record: Recorded,
    found: Identified,
    old: Prediction,
    new: Prediction,
    stored: bool,
) -> Calibration:
    """All of it."""
    plate = found.plate
    return Calibration(
        station=station,
        run=record.run,
        target_c=record.target_c,
        plate=PlateNumbers(
            rise_c_per_min=plate.rise_c_per_s * 60,
            rise_error=found.rise_error,
            hold_permille_per_c=plate.hold_permille_per_c,
            hold_error=found.hold_error,
            time_constant_s=plate.time_constant_s,
            delay_s=plate.delay_s,
            delay_error_s=found.delay_error_s,
            lag_s=plate.lag_s,
            dead_s=plate.dead_s,
            ambient_c=plate.ambient_c,
            residual_c=found.residual_c,
            samples=found.samples,
        ),
        old=_numbers(old),
        new=_numbers(new),
        stored=stored,
    )


def _numbers(made: Prediction) -> LawNumbers:
    return LawNumbers(
        kp_permille_per_c=made.coefficients.kp_permille_per_c,
        ki_permille_per_c_s=made.coefficients.ki_permille_per_c_s,
        feed_permille_per_c=made.coefficients.feed_permille_per_c,
        overshoot_c=made.nominal.overshoot_c,
        overshoot_nearby_c=made.worst_overshoot_c,
        settled_s=made.nominal.settled_s,
        lid_back_s=made.back_s,
        good=made.good,
    )
