"""A hotplate of the simulated bench, heated by the shipped firmware in virtual time, and judged by
the plate's true temperature."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from heated_twin import BOX, WARM, HeatedTwin, Pins

from soakbench.assets import find_bench
from soakbench.calibration.law import Coefficients
from soakbench.calibration.plate import BAND_C
from soakbench.config import BenchConfig, load_bench
from soakwire.records import EV_FAULT, EV_HEATER_HOLD, STATION
from soakwire.slots import unpack_slot

ROOM_C = 25.0
TARGET_C = 50.0
# RP2040: 8.7 effective bits, of which about half is the converter's crooked steps.
NOISE_LSB = 2.0
LID_AT_S = 5400.0
LID_FOR_S = 300.0
HOLD_S = 3 * 3600.0


class Curve(Pins):
    """The plate's true temperature, once a second."""

    def __init__(self) -> None:
        super().__init__()
        self.times_s: list[float] = []

    def plate(self, at_ms: float, station: str, temp_c: float) -> None:
        if not self.times_s or at_ms >= 1000 * self.times_s[-1] + 1000:
            self.times_s.append(at_ms / 1000)
            self.plate_c.append(temp_c)


@dataclass(frozen=True)
class Heated:
    """One heat-up and hold. Times from the heater's start; `opened_s` is when the lid was."""

    times_s: Any
    plate_c: Any
    duty_times_s: Any
    duty: Any
    opened_s: float | None
    faults: int

    @property
    def overshoot_c(self) -> float:
        """Before anybody touches the lid."""
        return float(self._between(0, self._first_end).max() - TARGET_C)

    @property
    def settled_s(self) -> float:
        """From when on it stays within the band until the lid is touched."""
        times = self.times_s[self.times_s < self._first_end]
        outside = np.flatnonzero(np.abs(self.plate_c[: len(times)] - TARGET_C) > BAND_C)
        return float(times[outside[-1] + 1]) if outside[-1] + 1 < len(times) else float("inf")

    @property
    def excursion_c(self) -> tuple[float, float]:
        """How far below and above the target from the lid's opening on."""
        assert self.opened_s is not None
        after = self._between(self.opened_s, self.times_s[-1])
        return float(TARGET_C - after.min()), float(after.max() - TARGET_C)

    @property
    def back_s(self) -> float:
        """How long after the lid was closed it was back in the band for good."""
        assert self.opened_s is not None
        closed_s = self.opened_s + LID_FOR_S
        late = self.times_s >= closed_s
        outside = np.flatnonzero(np.abs(self.plate_c[late] - TARGET_C) > BAND_C)
        if outside.size == 0:
            return 0.0
        return float(self.times_s[late][outside[-1]] - closed_s)

    @property
    def _first_end(self) -> float:
        return float(self.times_s[-1] if self.opened_s is None else self.opened_s)

    def _between(self, from_s: float, to_s: float) -> Any:
        return self.plate_c[(self.times_s >= from_s) & (self.times_s <= to_s)]


def plate_bench(
    coefficients: Coefficients | None = None, bench: BenchConfig | None = None, **plate: float
) -> BenchConfig:
    """The twin with another plate: factors of `heater_w`, `heat_capacity_j_per_k`, ..."""
    made = bench or load_bench(find_bench("twin"))
    table = made.twin.plate
    changed = {name: getattr(table, name) * factor for name, factor in plate.items()}
    twin = made.twin.model_copy(
        update={
            "plate": table.model_copy(update=changed),
            "ambient_c": ROOM_C,
            "adc_noise_lsb": NOISE_LSB,
        }
    )
    made = made.model_copy(update={"twin": twin})
    if coefficients is None:
        return made
    box = made.stations[BOX]
    assert box.heater is not None
    heater = box.heater.model_copy(
        update={
            "kp_permille_per_c": coefficients.kp_permille_per_c,
            "ki_permille_per_c_s": coefficients.ki_permille_per_c_s,
            "feed_permille_per_c": coefficients.feed_permille_per_c,
            "ramp_c_per_min": coefficients.ramp_c_per_min,
        }
    )
    stations = made.stations | {BOX: box.model_copy(update={"heater": heater})}
    return made.model_copy(update={"stations": stations})


def heat(bench: BenchConfig, hold_s: float = HOLD_S, lid_at_s: float | None = LID_AT_S) -> Heated:
    """From the room's temperature to TARGET_C and `hold_s` more, the lid opened once."""
    twin = HeatedTwin(WARM, bench)
    curve = twin.pins = twin.sim.board.observer = Curve()
    begun_ms = twin.now_ms
    assert abs(twin.plate_c - bench.twin.ambient_c) < 0.5

    def run_to(at_s: float) -> None:
        twin.run(at_s - (twin.now_ms - begun_ms) / 1000)

    if lid_at_s is not None:
        run_to(lid_at_s)
        assert twin.box.plate is not None
        twin.box.plate.set_lid(True)
        run_to(lid_at_s + LID_FOR_S)
        twin.box.plate.set_lid(False)
    run_to(900 + hold_s)
    made = [unpack_slot(slot) for slot in twin.seen.slots]
    samples = [each for each in made if each.kind == STATION and each.place == 1]
    twin.close()
    return Heated(
        times_s=np.array(curve.times_s) - begun_ms / 1000,
        plate_c=np.array(curve.plate_c),
        duty_times_s=np.array([each.t_ms - begun_ms for each in samples]) / 1000,
        duty=np.array([(each.values["duty"] or 0) / 1000 for each in samples]),
        opened_s=lid_at_s,
        faults=sum(len(twin.events(code)) for code in (EV_FAULT, EV_HEATER_HOLD)),
    )
