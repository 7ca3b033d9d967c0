"""Auto-tuning on plates that differ from the twin's: power, capacity and lag halved and doubled.
By hand, all 27 with three hours each (10 min):

.venv/bin/python tests/calibration/tuned_plates.py
"""

import itertools
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    _TESTS = Path(__file__).parents[1]
    for folder in ("firmware", "twin", "safety", "rehearsal"):
        sys.path.insert(0, str(_TESTS / folder))

from heated_twin import BOX
from hot_twin import ROOM_C, TARGET_C, Heated, heat, plate_bench

from soakbench.calibration.identify import Identified, identify
from soakbench.calibration.program import heat_up_plan
from soakbench.calibration.record import Recorded, recorded
from soakbench.calibration.tuning import Prediction, propose
from soakbench.config import BenchConfig, parse_plan
from soakbench.rehearsal.rehearse import Order, rehearse
from soakbench.store import open_store

FACTORS = (0.5, 1.0, 2.0)
KEYS = ("heater_w", "heat_capacity_j_per_k", "sensor_lag_s")
BOX_NUMBER = 1


@dataclass(frozen=True)
class Errors:
    """What was found against what is true: shares, and seconds."""

    rise: float
    hold: float
    delay_s: float


@dataclass(frozen=True)
class Tuned:
    """One plate, calibrated as the command does it."""

    bench: BenchConfig
    found: Identified
    proposal: Prediction

    @property
    def errors(self) -> Errors:
        plate, found = self.bench.twin.plate, self.found.plate
        rise = plate.heater_w / plate.heat_capacity_j_per_k
        hold = 1000 * plate.loss_w_per_k / plate.heater_w
        return Errors(
            found.rise_c_per_s / rise - 1,
            found.hold_permille_per_c / hold - 1,
            found.delay_s - plate.sensor_lag_s,
        )


def rehearsed(bench: BenchConfig, folder: Path) -> Recorded:
    """The calibration's heat-up, rehearsed with the coefficients that `bench` has."""
    text = heat_up_plan(BOX, bench.stations[BOX], TARGET_C)
    plan = parse_plan(text, "calibration.toml")
    report = rehearse(Order(plan=plan, bench=bench, chip="in-process"), folder)
    assert report.why_not == "", report.trips
    assert report.violations == []
    store = open_store(folder)
    (row,) = store.rows("SELECT run FROM run")
    return recorded(store, row["run"], BOX_NUMBER)


def tune(**factors: float) -> Tuned:
    """Calibrate the twin with another plate."""
    bench = plate_bench(**factors)
    with tempfile.TemporaryDirectory() as folder:
        found = identify(rehearsed(bench, Path(folder)))
    return Tuned(bench, found, propose(found, None, TARGET_C))


def plates() -> Iterator[dict[str, float]]:
    """All combinations."""
    for factors in itertools.product(FACTORS, repeat=len(KEYS)):
        yield dict(zip(KEYS, factors, strict=True))


def line(factors: dict[str, float], tuned: Tuned, heated: Heated) -> str:
    """One row of the table."""
    errors, found = tuned.errors, tuned.proposal.coefficients
    low_c, high_c = heated.excursion_c
    return (
        f"{'/'.join(f'{each:g}' for each in factors.values()):>11}"
        f"  {errors.rise:+6.1%} {errors.hold:+6.1%} {errors.delay_s:+5.2f} s"
        f"  {found.kp_permille_per_c:5} {found.ki_permille_per_c_s:6g}"
        f" {found.feed_permille_per_c:5g}  {heated.overshoot_c:5.2f} {heated.settled_s:6.0f} s"
        f"  -{low_c:.2f}/+{high_c:.2f} {heated.back_s:5.0f} s  {heated.faults}"
    )


def main() -> int:
    print(f"{ROOM_C:g} -> {TARGET_C:g} °C; power/capacity/lag: errors of rise, hold, delay; kp ki")
    print("feed; overshoot, settled; lid below/above, back after; faults", flush=True)
    bad = 0
    for factors in plates():
        try:
            tuned = tune(**factors)
        except Exception as error:
            print(f"{factors}: {error}", flush=True)
            bad += 1
            continue
        heated = heat(plate_bench(tuned.proposal.coefficients, tuned.bench))
        print(line(factors, tuned, heated), flush=True)
        bad += heated.overshoot_c > 1 or heated.settled_s > 3600 or heated.faults > 0
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
