"""A small world for tests of evidence: two stations, cells that obey physics, and what a board
would record of them. Faults are knobs of the world; the judge only sees the records."""

import math
from dataclasses import dataclass, field

from make_records import make

from soakbench.config import BenchConfig, PlanConfig, parse_bench, parse_plan
from soakbench.plan import CompiledProgram, compile_program
from soakbench.plan.board_config import LOAD_CODES
from soakbench.run.evidence import Finding, Judge, Moment
from soakwire import blobs, records
from soakwire.slots import Record

BENCH = """
[bench]
name = "sensed"
port = "twin"

[i2c]
sda = 20
scl = 21

[converters.a]
address = 0x48

[converters.b]
address = 0x49

[thermistors.ntc]
r25_ohm = 10000
beta_k = 3950
divider_ohm = 10000

[stations.simulator]
light = { actuator = "shutter", pin = 16 }
light_sensor = { adc = 28, full_scale_suns = 1.5 }

[stations.box]
lux_sensor = { address = 0x10 }
plate_sensor = { adc = 26, thermistor = "ntc" }
heater = { pin = 17 }

[cells.A1]
station = "simulator"
area_cm2 = 0.07
short_relay = { pin = 0, rest = "SC" }
measure_relay = { pin = 8 }
voltage_sense = { converter = "a", input = 0 }
current_sense = { converter = "b", input = 0, shunt_ohm = 4.7 }
power_off = "SC"

[cells.A2]
station = "simulator"
area_cm2 = 0.07
short_relay = { pin = 1, rest = "SC" }
measure_relay = { pin = 9 }
voltage_sense = { converter = "a", input = 1 }
current_sense = { converter = "b", input = 1, shunt_ohm = 4.7 }
power_off = "SC"

[cells.A3]
station = "simulator"
area_cm2 = 0.07
short_relay = { pin = 2, rest = "SC" }
measure_relay = { pin = 10 }
power_off = "SC"
"""

NO_SENSOR = BENCH.replace("light_sensor = { adc = 28, full_scale_suns = 1.5 }\n", "")
BY_HAND = BENCH.replace('actuator = "shutter", pin = 16', 'actuator = "by_hand"')
NO_LUX = BENCH.replace("lux_sensor = { address = 0x10 }\n", "")

PLAN = """
[plan]
name = "study"

[tracks.t]
cells = ["A1", "A2", "A3"]
station = "simulator"
loads = { A1 = "OC", A2 = "SC", A3 = "OC" }

[[tracks.t.phases]]
phase = "jv"

[[tracks.t.phases]]
phase = "ageing"
until = "16 h"
light = "1 sun"

[[tracks.t.phases]]
phase = "confirm"
message = "Move all to the box"
station = "box"

[[tracks.t.phases]]
phase = "thermal_recovery"
temperature = "50 °C"
until = "3 h"

[[tracks.t.phases]]
phase = "confirm"
message = "Move all back"
station = "simulator"

[[tracks.t.phases]]
phase = "ageing"
until = "16 h"
light = "1 sun"

[[tracks.t.phases]]
phase = "dark_recovery"
until = "16 h"
"""

JV, AGEING, MOVE, WARM, BACK, AGAIN, DARK = range(7)

DARK_KINDS = (blobs.DARK_RECOVERY, blobs.THERMAL_RECOVERY)


@dataclass
class Truth:
    """A cell as it is. `load_is` is what its relay really does; None: as commanded."""

    load: int = records.SC
    load_is: int | None = None
    sign: int = 1
    has_contact: bool = True
    factor: float = 1.0
    isc_ma_per_cm2: float = 23.6
    quiet_from_ms: int = 0

    def sense(self, suns: float, area_cm2: float) -> int | None:
        """What the sense of the commanded load reads: 0.1 mV at OC, uA at SC."""
        is_at = self.load if self.load_is is None else self.load_is
        if self.load not in (records.OC, records.SC):
            return None
        suns = suns * self.factor if self.has_contact else 0.0
        current_ua = self.isc_ma_per_cm2 * 1000 * area_cm2 * suns
        voltage_mv = max(1040 + 60 * math.log10(suns), 0) if suns > 1e-15 else 0.0
        if self.load == records.OC:
            shown = voltage_mv * 10 if is_at == records.OC else current_ua * 5e-2
        else:
            shown = current_ua if is_at == records.SC else 0.0
        return self.sign * round(shown)


@dataclass
class World:
    """The bench, and its records as a board would make them. `t_ms` is the board's clock."""

    bench_toml: str = BENCH
    plan_toml: str = PLAN
    boot: str = "b1"
    t_ms: int = 1000
    seq: int = 0
    step: int = 0
    state: int = records.IDLE
    lamp_suns: float = 1.0
    shutter_sticks: bool = False
    lamp_by_hand: bool = False
    leak_lux: float = 0.0
    faults: int = 0
    lux_is_gone: bool = False
    humidity: int | None = None
    silent: bool = False
    slow_s: float = 0.0
    """For so long after a switching, of relays or light, senses read 0."""
    items: list[tuple[Record, Moment]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bench: BenchConfig = parse_bench(self.bench_toml, "bench")
        self.program: CompiledProgram = compile_program(self._plan(), self.bench)
        self.cells = {name: Truth() for name in self.bench.cells}
        self.light_on = False
        self.where = "simulator"

    def _plan(self) -> PlanConfig:
        text = self.plan_toml
        if self.bench.stations["simulator"].light_sensor is None:  # then no plan can ask for a sun
            text = text.replace('light = "1 sun"\n', "")
        return parse_plan(text, "plan")

    # --- what happens ---

    def enter(self, step: int) -> None:
        """The board comes to a step; whoever has to move the cells has done so by the end of it."""
        if self.state != records.IDLE:
            self._event(records.EV_STEP_END)
        self.step = step
        self.stir()
        info = self.program.tracks[0].steps[step]
        self.where = info.station
        is_barrier = info.kind in (blobs.HOST, blobs.CONFIRM)
        self.state = records.BARRIER if is_barrier else records.RUNNING
        self._event(records.EV_BARRIER if is_barrier else records.EV_STEP_BEGIN)
        wants_light = info.kind == blobs.AGEING
        if wants_light != self.light_on and self.bench.stations["simulator"].light.pin is not None:
            self.light_on = wants_light
            self._event(records.EV_LIGHT, station=0, a=int(wants_light))
        for name, load in info.loads.items():
            self.load(name, LOAD_CODES[load])

    def load(self, name: str, load: int) -> None:
        """A relay switches."""
        if self.cells[name].load != load:
            self.cells[name].load = load
            self.cells[name].quiet_from_ms = self.t_ms + round(self.slow_s * 1000)
            number = self.bench.cell_index(name)
            self._event(records.EV_LOAD, a=number, b=load)

    def stir(self) -> None:
        """The light has changed."""
        for cell in self.cells.values():
            cell.quiet_from_ms = self.t_ms + round(self.slow_s * 1000)

    def tell(self, code: int, a: int, b: int = 0) -> None:
        """An event of the board's own."""
        self._event(code, a=a, b=b)

    def run(self, seconds: float, every_s: float = 10.0) -> None:
        """Time goes by, with samples."""
        for _ in range(round(seconds / every_s)):
            self.t_ms += round(every_s * 1000)
            self.sample()

    def restart(self, boot: str) -> None:
        """The board starts anew."""
        self.boot, self.t_ms, self.seq, self.state = boot, 1000, 0, records.IDLE
        self.light_on = False
        for cell in self.cells.values():
            cell.load = records.SC

    def suns(self, station: str) -> float:
        """The light there."""
        leak = self.leak_lux / 120_000
        if station != "simulator":
            return leak
        is_open = self.light_on or self.shutter_sticks or self.lamp_by_hand
        return leak + (self.lamp_suns if is_open else 0.0)

    def sample(self) -> None:
        """A sample of everything."""
        for number, (name, station) in enumerate(self.bench.stations.items()):
            suns = self.suns(name)
            self._add(
                records.STATION,
                number,
                track=0,
                step=self.step,
                light=round(suns * 1000) if station.light_sensor else None,
                lux=self._lux(suns) if station.lux_sensor else None,
                outputs=records.OUT_LIGHT if number == 0 and self.light_on else 0,
                faults=self.faults if name == "box" else 0,
            )
        self._add(records.AIR, 1, humidity=self.humidity)
        station_number = self.bench.station_index(self.where)
        self._add(records.TRACK, 0, station=station_number, step=self.step, state=self.state)
        self._cells()

    def _lux(self, suns: float) -> int | None:
        return None if self.lux_is_gone else min(round(suns * 1_200_000), 65534)

    # --- what is judged ---

    def judged(self) -> list[Finding]:
        """The findings from the first record on."""
        judge = Judge(self.bench, self.program)
        found: dict[tuple[str, str, Moment], Finding] = {}
        for item, at in self.items:
            judge.take(item, at)
            for finding in judge.changed():
                found[finding.rule.id, finding.subject, finding.begin] = finding
        return list(found.values())

    def rules(self) -> list[tuple[str, str, bool]]:
        """Rule, subject, and whether it is over, in the order of their begin."""
        found = sorted(self.judged(), key=lambda f: (f.begin.boot, f.begin.seq, f.subject))
        return [(f.rule.id, f.subject, f.end is not None) for f in found]

    # --- inside ---

    def _cells(self) -> None:
        loads, senses = 0, {}
        for number, (name, cell) in enumerate(self.bench.cells.items()):
            truth = self.cells[name]
            loads |= truth.load << 2 * number
            sense = truth.sense(self.suns(self.where) * cell.position, cell.area_cm2)
            if sense is not None and self.t_ms < truth.quiet_from_ms:
                sense = 0
            is_fitted = cell.voltage_sense if truth.load == records.OC else cell.current_sense
            senses[f"sense{number}"] = sense if is_fitted and not self.silent else None
        self._add(records.CELLS, 0, loads=loads, **senses)

    def _event(self, code: int, station: int | None = None, a: int = 0, b: int = 0) -> None:
        self._add(records.EVENT, code, track=0, step=self.step, station=station, a=a, b=b)

    def _add(self, kind: int, place: int, **given: int | None) -> None:
        item = make(self.seq, self.t_ms, kind, place, **given)
        utc_ms = 1_767_225_600_000 + self.t_ms
        self.items.append((item, Moment("d", self.boot, self.seq, self.t_ms, utc_ms)))
        self.seq += 1
