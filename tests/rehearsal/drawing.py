"""Fault scripts drawn from a seed: what may go wrong on the simulated bench, in any order."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from rehearsing import OC_DARK, SPLIT, fault
from variants import LOADS

MOST_FAULTS = 6
_MINUTES = 18  # the short plans take 10 to 20
_BOX, _SIMULATOR = "hotplate_box", "simulator"
_SENSORS = ((_BOX, "plate"), (_SIMULATOR, "stage"))  # of the bench `twin`

# J-V, light and dark; two tracks and a hotplate; loads that change under light.
PLANS = {"oc-dark": OC_DARK, "split": SPLIT, "loads": LOADS}

Keys = dict[str, object]
Chance = random.Random


@dataclass(frozen=True)
class Draw:
    """One rehearsal of the soak."""

    plan: str
    faults: str


def draw(seed: int) -> Draw:
    """A short plan and one to six faults, the same for the same seed."""
    chance = Chance(seed)
    plan = chance.choice(list(PLANS))
    script = "".join(_entry(chance) for _ in range(chance.randint(1, MOST_FAULTS)))
    return Draw(plan, script)


def _entry(chance: Chance) -> str:
    kind = chance.choice(list(KINDS))
    at = _time(chance.uniform(0, _MINUTES * 60))
    return fault(kind, at, **KINDS[kind](chance)) + "\n"


def _time(seconds: float) -> str:
    return f"{seconds:.3f} s"


def _lasting(chance: Chance) -> Keys:
    """From a moment to ten minutes, short ones as often as long ones."""
    return {"for_": _time(10 ** chance.uniform(-0.5, 2.78))}


def _host_clock(chance: Chance) -> Keys:
    return {"by": f"{chance.choice(['', '-'])}{chance.uniform(0.1, 7200):.1f} s"}


def _noisy_cable(chance: Chance) -> Keys:
    return {"rate": round(10 ** chance.uniform(-5, -2.5), 6)} | _lasting(chance)


def _thermistor(chance: Chance) -> Keys:
    station, sensor = chance.choice(_SENSORS)
    keys: Keys = {"station": station, "sensor": sensor}
    keys["how"] = chance.choice(["open", "short", "stuck", "offset"])
    if keys["how"] == "offset":
        keys["offset"] = f"{chance.uniform(-20, 20):.1f} °C"
    return keys | _lasting(chance)


def _ssr(chance: Chance) -> Keys:
    return {"station": _BOX, "how": chance.choice(["welded", "dead"])} | _lasting(chance)


def _lid_open(chance: Chance) -> Keys:
    return {"station": _BOX} | _lasting(chance)


def _lamp(chance: Chance) -> Keys:
    how = chance.choice(["dead", "drift", "flicker"])
    to = {} if how == "dead" else {"to": round(chance.uniform(0, 1.2), 2)}
    return {"how": how} | to | _lasting(chance)


def _light_leak(chance: Chance) -> Keys:
    lux = round(10 ** chance.uniform(-1, 4), 1)
    return {"station": chance.choice([_BOX, _SIMULATOR]), "lux": lux} | _lasting(chance)


def _relay_stuck(chance: Chance) -> Keys:
    return {"cell": chance.choice(["A1", "A2", "B1", "B2"])} | _lasting(chance)


def _cell_contact(chance: Chance) -> Keys:
    how = chance.choice(["none", "reversed", "good"])
    return {"cell": chance.choice(["A1", "A2", "B1", "B2"]), "how": how} | _lasting(chance)


def _device_silent(chance: Chance) -> Keys:
    return {"station": _BOX, "sensor": "lux"} | _lasting(chance)


def _adc_noise(chance: Chance) -> Keys:
    return {"lsb": round(10 ** chance.uniform(0, 2), 1)} | _lasting(chance)


def _nothing_more(_chance: Chance) -> Keys:
    return {}


# Every kind there is (a test compares), with what draws its keys.
KINDS: dict[str, Callable[[Chance], Keys]] = {
    "cable_out": _lasting,
    "noisy_cable": _noisy_cable,
    "board_reset": _nothing_more,
    "power_cut": _lasting,
    "board_hang": _nothing_more,
    "daemon_killed": _nothing_more,
    "host_away": _lasting,
    "broker_away": _lasting,
    "host_clock": _host_clock,
    "thermistor": _thermistor,
    "ssr": _ssr,
    "lid_open": _lid_open,
    "lamp": _lamp,
    "light_leak": _light_leak,
    "relay_stuck": _relay_stuck,
    "cell_contact": _cell_contact,
    "device_silent": _device_silent,
    "i2c_hung": _nothing_more,
    "i2c_short": _lasting,
    "adc_noise": _adc_noise,
    "operator_away": _lasting,
}
