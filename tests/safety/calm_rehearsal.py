"""Rehearsals of normal operation, drawn from a seed: how often does the guard trip? By hand, or by
`make soak`:

.venv/bin/python tests/safety/calm_rehearsal.py --seeds 100 --hours 24
"""

import argparse
import random
import sys
from dataclasses import dataclass

from soakbench.assets import find_bench
from soakbench.config import BenchConfig, load_bench, parse_faults, parse_plan
from soakbench.rehearsal.rehearse import Order, rehearse
from soakbench.rehearsal.report import Report

BOX = "hotplate_box"
PLAN = """
[plan]
name = "calm"
sample_s = 60

[tracks.thermal]
cells = ["B1"]
station = "hotplate_box"
load = "OC"
"""
PHASES = """
[[tracks.thermal.phases]]
phase = "thermal_recovery"
until = "{warm} min"
temperature = "{target} °C"

[[tracks.thermal.phases]]
phase = "dark_recovery"
until = "{dark} min"
"""
LID = """
[[faults]]
fault = "lid_open"
station = "hotplate_box"
at = "{at} min"
for = "{minutes} min"
"""
NOISE = """
[[faults]]
fault = "adc_noise"
at = "1 min"
lsb = {lsb}
"""


@dataclass(frozen=True)
class Draw:
    """What a seed gives: a plate, a room, a day."""

    bench: BenchConfig
    plan: str
    faults: str


def draw(seed: int, hours: float) -> Draw:
    """Mass within ±20 %, a heater of 45 to 90 W, noise of 0.5 to 3 LSB, targets of 40 to 55 °C, a
    ramp or none, the lid opened now and then."""
    chance = random.Random(seed)
    bench = load_bench(find_bench("twin"))
    plate = bench.twin.plate
    changed = {
        "heat_capacity_j_per_k": plate.heat_capacity_j_per_k * chance.uniform(0.8, 1.2),
        "heater_w": chance.uniform(45, 90),
        "sensor_lag_s": chance.uniform(1, 8),
        "open_lid": chance.uniform(1.2, 2),
    }
    twin = {"plate": plate.model_copy(update=changed), "ambient_c": chance.uniform(18, 27)}
    station = bench.stations[BOX]
    assert station.heater is not None
    ramp = chance.choice([None, 2.0, 5.0, 10.0])
    heater = station.heater.model_copy(update={"ramp_c_per_min": ramp})
    stations = bench.stations | {BOX: station.model_copy(update={"heater": heater})}
    bench = bench.model_copy(
        update={"twin": bench.twin.model_copy(update=twin), "stations": stations}
    )
    plan, minutes = PLAN, 0
    while minutes < hours * 60:
        warm, dark = chance.randint(60, 240), chance.randint(20, 120)
        plan += PHASES.format(warm=warm, target=chance.randint(40, 55), dark=dark)
        minutes += warm + dark + 5
    faults = NOISE.format(lsb=round(chance.uniform(0.5, 3), 2))
    at = chance.randint(10, 60)
    while at < hours * 60:
        faults += LID.format(at=at, minutes=chance.randint(1, 10))
        at += chance.randint(30, 240)
    return Draw(bench, plan, faults)


def calm_rehearsal(seed: int, hours: float) -> Report:
    """Rehearse a day, in this process."""
    drawn = draw(seed, hours)
    return rehearse(
        Order(
            plan=parse_plan(drawn.plan, "calm.toml"),
            bench=drawn.bench,
            seed=seed,
            faults=parse_faults(drawn.faults, "calm-faults.toml"),
            chip="in-process",
            patience_ms=8 * 3_600_000,
        )
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--hours", type=float, default=24)
    order = parser.parse_args()
    trips, simulated_h = 0, 0.0
    for seed in range(order.first, order.first + order.seeds):
        report = calm_rehearsal(seed, order.hours)
        simulated_h += report.simulated_s / 3600
        trips += len(report.trips)
        for trip in report.trips:
            print(f"seed {seed}: {trip.at_h:.2f} h {', '.join(trip.faults)}", flush=True)
        if report.why_not or report.violations:
            trips += 1
            print(f"seed {seed}: {report.why_not} {report.violations}", flush=True)
    print(f"{order.seeds} rehearsals, {simulated_h:.0f} h: {trips} false trips")
    return 1 if trips else 0


if __name__ == "__main__":
    sys.exit(main())
