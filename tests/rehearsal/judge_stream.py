"""A board and its bench as the judge sees them, made up: a stream of observations in words."""

from soakbench.assets import find_bench
from soakbench.config import BenchConfig, load_bench, parse_plan
from soakbench.plan import CompiledProgram, compile_program
from soakbench.rehearsal.judge import Account, Rule, Stored, Verdict
from soakbench.twin.channel import PinState
from soakwire import records, slots

LOW, HIGH, RELEASED = PinState.LOW, PinState.HIGH, PinState.RELEASED

# GPIOs of benches/twin.toml. A coil of a short relay that is on (HIGH) opens its contact.
SHORT_A1, SHORT_A2, MEASURE_A1, MEASURE_A2 = 0, 1, 8, 9
HEATER, CONTACTOR = 17, 18
BOX, SIMULATOR = "hotplate_box", "simulator"

PLAN = """
[plan]
name = "short"

[tracks.one]
cells = ["A1", "A2"]
station = "simulator"
load = "SC"

[[tracks.one.phases]]
phase = "ageing"
label = "day"
until = "10 s"
light = "1 sun"
light_tolerance = "0.1 sun"

[[tracks.one.phases]]
phase = "dark_recovery"
until = "5 s"

[[tracks.one.phases]]
phase = "loop"
back_to = "day"
times = 2

[[tracks.one.phases]]
phase = "confirm"
message = "Into the box"
station = "hotplate_box"

[[tracks.one.phases]]
phase = "thermal_recovery"
until = "10 s"
temperature = "50 °C"
band = "2 °C"
"""
AGEING, DARK, CONFIRM, THERMAL = 0, 1, 3, 4  # its steps; the loop is number 2


def bench() -> BenchConfig:
    return load_bench(find_bench("twin"))


def program(text: str = PLAN) -> CompiledProgram:
    return compile_program(parse_plan(text, "short"), bench())


class Stream:
    """Tells an account what happens; `now_ms` is where it is, `stored` what the database has."""

    def __init__(self, plan: str = PLAN) -> None:
        self.bench = bench()
        self.account = Account(self.bench, program(plan))
        self.now_ms = 0.0
        self.number = 0
        self.stored: list[Stored] = []
        self._seq = 0

    # --- the board ---

    def boot(self) -> "Stream":
        """It starts, with an event as the first record."""
        self.number += 1
        self._seq = 0
        self.account.boot(self.now_ms, self.number)
        self.event(records.EV_BOOT)
        return self

    def reset(self) -> "Stream":
        """All pins let go, then the next boot."""
        self.account.released(self.now_ms)
        return self.boot()

    def pass_ms(self, ms: float) -> "Stream":
        self.now_ms += ms
        return self

    def pin(self, gpio: int, state: PinState) -> "Stream":
        self.account.pin(self.now_ms, gpio, state)
        return self

    def produce(self, kind: int, place: int, store: bool = True, **given: int | None) -> bytes:
        """A record whose fields are 0, or missing where they may be, but for `given`."""
        values: list[int | None] = []
        for name, _, unit, low, _ in records.BODIES[kind].fields:
            values.append(given.pop(name, None if unit.endswith("?") else max(low, 0)))
        assert not given, f"no such fields: {given}"
        slot = bytearray(records.SLOT_SIZE)
        stamp = slots.split_time(round(self.now_ms))
        records.pack_slot(slot, 0, self._seq, stamp, kind, place, values)
        made = bytes(slot)
        self.account.produced(self.now_ms, self.number, made)
        if store:
            self.store(made)
        self._seq += 1
        return made

    def leave_out(self, count: int) -> "Stream":
        """Samples are due and not made."""
        self.account.left_out(self.now_ms, self.number, self._seq, count)
        self._seq += count
        return self

    def event(self, code: int, **given: int | None) -> bytes:
        return self.produce(records.EVENT, code, **given)

    def station(self, store: bool = True) -> bytes:
        """A station's sample: of no interest to any rule but custody."""
        return self.produce(records.STATION, 0, store=store)

    def begin(self, step: int, cycle: int = 0, **given: int | None) -> "Stream":
        code = records.EV_BARRIER if step == CONFIRM else records.EV_STEP_BEGIN
        self.event(code, track=0, step=step, cycle=cycle, **given)
        return self

    def sample(self, step: int, cycle: int = 0, **given: int | None) -> "Stream":
        given.setdefault("state", records.RUNNING)
        self.produce(records.TRACK, 0, step=step, cycle=cycle, **given)
        return self

    def end(self, step: int, cycle: int = 0, **given: int | None) -> "Stream":
        """The step's end, with the sample that the firmware writes after it."""
        self.event(records.EV_STEP_END, track=0, step=step, cycle=cycle, **given)
        return self.sample(step, cycle, **given)

    # --- the database ---

    def store(self, slot: bytes, boot: str = "", seq: int | None = None) -> "Stream":
        number = int.from_bytes(slot[:4], "little") if seq is None else seq
        self.stored.append(Stored(boot or f"boot-{self.number}", number, slot, "run"))
        return self

    def store_open_loss(self, first: int, absent: int = 0) -> "Stream":
        """What the host writes for a boot that died."""
        values: list[int | None] = [first, None, absent, 0, 0, 0, 0]
        slot = bytearray(records.SLOT_SIZE)
        records.pack_slot(slot, 0, first, (0, 0, 0), records.LOSS, 0, values)
        return self.store(bytes(slot), seq=first)

    # --- the judge ---

    def verdict(self, settled_ms: float | None = None) -> Verdict:
        """All rules."""
        return self.account.verdict(self.stored, settled_ms)

    def broken(self, settled_ms: float | None = None) -> dict[Rule, int]:
        """How often which rules were broken."""
        return self.verdict(settled_ms).counts

    def texts(self) -> str:
        """What the violations say."""
        return "\n".join(violation.text for violation in self.verdict().violations)
