"""The firmware in this process on the simulated bench: its physics, its pins, its resets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from test_twin_in_process import Keeper, LocalBench, with_twin

from soakbench.assets import find_bench, firmware_path
from soakbench.config import BenchConfig, load_bench, parse_bench
from soakbench.twin.channel import PinState
from soakbench.twin.stations import StationSim
from soakwire import messages
from soakwire.records import EVENT
from soakwire.slots import Record, unpack_slot

BOX = "hotplate_box"
HEATER, CONTACTOR, SHUTTER = 17, 18, 16
WARM = """
[plan]
name = "warm"
sample_s = 10

[tracks.thermal]
cells = ["B1"]
station = "hotplate_box"
load = "OC"

[[tracks.thermal.phases]]
phase = "thermal_recovery"
until = "40 h"
temperature = "50 °C"
"""
HOT_AND_LIT = (
    WARM
    + """
[tracks.light]
cells = ["A1"]
station = "simulator"
load = "OC"

[[tracks.light.phases]]
phase = "ageing"
until = "40 h"
light = "1 sun"
"""
)


def guarded_bench() -> BenchConfig:
    """The twin with a guard thermistor on the input of the stage sensor."""
    text = find_bench("twin").read_text("utf-8")
    stage = 'stage_sensor = { adc = 27, thermistor = "ntc10k" }\n'
    assert text.count(stage) == 1
    text = text.replace(stage, "")
    plate = 'plate_sensor = { adc = 26, thermistor = "ntc10k" }\n'
    guard = plate.replace("plate_sensor", "guard_sensor").replace("26", "27")
    return parse_bench(text.replace(plate, plate + guard), "guarded.toml")


class Pins:
    """An observer of the wiring: when a pin was last switched off, and when it last came on."""

    def __init__(self) -> None:
        self.off_ms: dict[int, float] = {}
        self.on: set[int] = set()
        self.plate_c: list[float] = []

    def pin(self, at_ms: float, gpio: int, state: PinState) -> None:
        if state is PinState.HIGH:
            self.on.add(gpio)
        elif gpio in self.on:
            self.on.remove(gpio)
            self.off_ms[gpio] = at_ms

    def released(self, at_ms: float) -> None:
        for gpio in list(self.on):
            self.pin(at_ms, gpio, PinState.RELEASED)

    def boot(self, at_ms: float, boot_number: int) -> None:
        """Nothing."""

    def plate(self, at_ms: float, station: str, temp_c: float) -> None:
        self.plate_c.append(temp_c)

    def light(self, at_ms: float, station: str, suns: float, lux: float) -> None:
        """Nothing."""

    def moved(self, at_ms: float, cell: str, station: str) -> None:
        """Nothing."""


class HeatedTwin(LocalBench):
    """A bench that heats; `plan` WARM or HOT_AND_LIT runs on it."""

    def __init__(
        self,
        plan: str = WARM,
        bench: BenchConfig | None = None,
        firmware: list[Path] | None = None,
        **twin: Any,
    ) -> None:
        self.bench = with_twin(bench or load_bench(find_bench("twin")), usb_gap_s=0, **twin)
        super().__init__(self.bench, firmware or firmware_path(), ahead=True)
        self.pins = Pins()
        self.sim.board.observer = self.pins
        self.start()
        self.keeper = Keeper(self)
        self._plan = plan
        self.set_up()

    def set_up(self) -> None:
        """What the daemon does at a boot: connect, hand over bench and plan, start."""
        self.keeper.turn_until("up") if self.keeper.hello else self.keeper.connect()
        self.keeper.prepare(self.bench, self._plan)
        self.keeper.run(list(range(self._plan.count("\n[tracks."))))

    @property
    def box(self) -> StationSim:
        return self.sim.board.stations[BOX]

    @property
    def plate_c(self) -> float:
        plate = self.box.plate
        assert plate is not None
        return plate.temp_c

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """With a host that beats; whether `until` became true."""
        for _ in range(round(seconds * 4)):
            self.keeper.turn()
            if until is not None and until():
                return True
        return False

    def warm_up(self) -> None:
        """Until it holds its temperature."""
        assert self.run(900, lambda: abs(self.plate_c - 50) < 0.3)
        self.run(60)

    def off_after(self, gpio: int, since_ms: float) -> float:
        """How long after `since_ms` the pin was last on; it is off now."""
        assert gpio not in self.pins.on
        return max(self.pins.off_ms.get(gpio, 0) - since_ms, 0)

    def events(self, code: int) -> list[Record]:
        """Every event of a code so far, of all boots."""
        made = [unpack_slot(slot) for slot in self.seen.slots]
        return [record for record in made if (record.kind, record.place) == (EVENT, code)]

    def clear(self, faults: int, vouch: int = messages.VOUCH_NONE) -> None:
        """Clear trips; the board must agree."""
        self.keeper.command(messages.CLEAR, [1, faults, vouch])
