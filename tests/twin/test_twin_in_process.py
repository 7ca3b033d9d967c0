"""The shipped firmware in this process against the shipped firmware in MicroPython."""

import itertools
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from driver import VirtualBench
from small_host import LEASE_MS, Host
from test_twin_firmware import PLAN

from soakbench.assets import firmware_path
from soakbench.config import BenchConfig, parse_plan
from soakbench.plan import compile_config, compile_program
from soakbench.twin.assembly import in_micropython, in_process
from soakbench.twin.chip import INPUT_RING
from soakbench.twin.memory_port import MemoryPort
from soakbench.twin.sensors import Fault
from soakbench.twin.simulation import Simulation
from soakbench.twin.stations import Contact
from soakbench.twin.truth import truth
from soakwire import messages
from soakwire.host_end import Event, Records
from soakwire.records import EV_BOOT, EVENT, LOSS, SLOT_SIZE
from soakwire.slots import unpack_slot


class Seen:
    """An observer."""

    def __init__(self) -> None:
        self.slots: list[bytes] = []
        self.absent: list[tuple[int, int]] = []

    def produced(self, slot: bytes) -> None:
        self.slots.append(slot)

    def left_out(self, first_seq: int, count: int) -> None:
        self.absent.append((first_seq, count))


class PortThere:
    """What the small host asks of the port's link."""

    def __init__(self, cable: MemoryPort) -> None:
        self._cable = cable

    def exists(self) -> bool:
        return self._cable.plugged


class CableBench(VirtualBench):
    """The driver's bench with a cable in this process: the chip is still a MicroPython."""

    def __init__(self, bench: BenchConfig, firmware: list[Path]) -> None:
        self.cable = MemoryPort(Path("cable"))
        self.sim = self.simulation(bench, firmware)
        self.link = PortThere(self.cable)
        self.now_ms = 0
        self.quiet_until_ms = None
        self._text = b""

    def simulation(self, bench: BenchConfig, firmware: list[Path]) -> Simulation:
        return in_micropython(bench, firmware, self.cable, seed=1)

    def close(self) -> None:
        self.sim.close()

    def open_host(self) -> None:
        self.cable.host_open()

    def close_host(self) -> None:
        self.cable.host_close()

    def send(self, data: bytes) -> None:
        while data:
            data = data[self.cable.host_write(data) :]
            self.pump()

    def read(self) -> bytes:
        return self.cable.host_read()


class LocalBench(CableBench):
    """The chip is in this process as well. It may run `ahead` of the host's next step."""

    def __init__(self, bench: BenchConfig, firmware: list[Path], ahead: bool = False) -> None:
        self.seen = Seen()
        super().__init__(bench, firmware)
        self.ahead = ahead
        self.chip = self.sim.mcu

    def simulation(self, bench: BenchConfig, firmware: list[Path]) -> Simulation:
        ids = itertools.count(1).__next__
        return in_process(bench, firmware, self.cable, 1, boot_ids=ids, observer=self.seen)

    def advance(self, ms: int) -> None:
        self.quiet_until_ms = self.now_ms + ms if self.ahead else None
        super().advance(ms)

    def run_until_waiting(self) -> None:
        """It always waits."""


class Keeper(Host):
    """Keeps all slots."""

    def __init__(self, bench: VirtualBench) -> None:
        super().__init__(bench)
        self.slots: list[bytes] = []

    def prepare(self, bench: BenchConfig, plan: str = PLAN) -> None:
        """Connected, with bench and plan on the board and nothing started."""
        self.connect()
        self.upload(messages.BLOB_CONFIG, compile_config(bench))
        program = compile_program(parse_plan(plan, "twin-test.toml"), bench)
        self.upload(messages.BLOB_PROGRAM, program.blob)

    def turns(self, count: int) -> None:
        for _ in range(count):
            self.turn()

    def _take(self, event: Event) -> None:
        if isinstance(event, Records):
            self.slots += [bytes(record.slot) for record in event.items]
        super()._take(event)


MakeLocal = Callable[..., LocalBench]


@pytest.fixture
def make_local(bench: BenchConfig) -> MakeLocal:
    """Start a bench in this process; keyword arguments replace values of its [twin] table."""

    def make(firmware: list[Path] | None = None, ahead: bool = False, **twin: object) -> LocalBench:
        local = LocalBench(with_twin(bench, **twin), firmware or firmware_path(), ahead)
        local.start()
        return local

    return make


@pytest.fixture
def local(make_local: MakeLocal) -> LocalBench:
    return make_local()


def with_twin(bench: BenchConfig, **twin: object) -> BenchConfig:
    return bench.model_copy(update={"twin": bench.twin.model_copy(update=twin)})


def broken(folder: Path, file: str, old: str, new: str) -> list[Path]:
    """A copy of the shipped firmware in which one text is replaced."""
    copy = folder / "broken"
    shutil.copytree(firmware_path()[0], copy, ignore=shutil.ignore_patterns("__pycache__"))
    source = (copy / file).read_text()
    assert source.count(old) == 1
    (copy / file).write_text(source.replace(old, new))
    return [copy, *firmware_path()[1:]]


@dataclass
class Outcome:
    slots: list[bytes]
    exchanges: int
    truth: dict[str, Any]


def play(virtual: VirtualBench, bench: BenchConfig) -> Outcome:
    """Light and warmth, sped up, with all kinds of trouble in between."""
    host = Keeper(virtual)
    host.prepare(bench)
    virtual.sim.speed(60)
    host.run(tracks=[0, 1])
    host.turns(100)
    virtual.sim.lamp(False)
    host.turns(20)
    virtual.sim.lamp(True)
    virtual.sim.thermistor("hotplate_box", "plate", Fault.OPEN)
    host.turns(20)
    virtual.sim.thermistor("hotplate_box", "plate", None)
    host.turns(260)
    virtual.advance(LEASE_MS + 5000)  # nobody reads, nobody beats
    host.turns(100)
    virtual.sim.reset()
    host.turns(20)
    host.prepare(bench)  # the trip of the open sensor still holds, and says so
    host.turns(20)
    assert "fault_kept" in host.events
    return Outcome(host.slots, virtual.sim.mcu.exchanges, truth(virtual.sim))


def play_senses(virtual: VirtualBench, bench: BenchConfig) -> Outcome:
    """Light on cells that are sensed, with trouble in what senses them."""
    host = Keeper(virtual)
    host.prepare(bench)
    virtual.sim.speed(60)
    host.run(tracks=[0])
    host.turns(60)
    for trouble, mend in (
        (lambda: virtual.sim.relay_stuck("A1", True), lambda: virtual.sim.relay_stuck("A1", False)),
        (
            lambda: virtual.sim.converter_silent("a", True),
            lambda: virtual.sim.converter_silent("a", False),
        ),
        (
            lambda: virtual.sim.sensor_silent("simulator", "humidity", True),
            lambda: virtual.sim.sensor_silent("simulator", "humidity", False),
        ),
        (lambda: virtual.sim.i2c_short(True), lambda: virtual.sim.i2c_short(False)),
        (virtual.sim.i2c_hung, lambda: None),
        (
            lambda: virtual.sim.contact(["A1", "A2"], Contact.REVERSED),
            lambda: virtual.sim.contact(["A1"], Contact.NONE),
        ),
    ):
        trouble()
        host.turns(24)
        mend()
        host.turns(24)
    virtual.sim.power_cut(for_s=1)
    host.turns(40)
    host.prepare(bench)
    host.turns(40)
    return Outcome(host.slots, virtual.sim.mcu.exchanges, truth(virtual.sim))


def play_in_micropython(
    bench: BenchConfig, played: Callable[[VirtualBench, BenchConfig], Outcome] = play
) -> Outcome:
    child = CableBench(bench, firmware_path())
    try:
        child.start()
        return played(child, bench)
    finally:
        child.close()


def assert_same_records(ours: list[bytes], theirs: list[bytes], least: int = 800) -> None:
    for slot, other in zip(ours, theirs, strict=False):
        assert slot == other, (unpack_slot(slot).values, unpack_slot(other).values)
    assert len(ours) == len(theirs) > least


@pytest.mark.parametrize("start_ticks_ms", [0, (1 << 30) - 45_678])
def test_every_record_is_that_of_micropython(
    bench: BenchConfig, make_local: MakeLocal, start_ticks_ms: int
) -> None:
    expected = play_in_micropython(with_twin(bench, start_ticks_ms=start_ticks_ms))
    outcome = play(make_local(start_ticks_ms=start_ticks_ms), bench)
    assert_same_records(outcome.slots, expected.slots)
    assert outcome.exchanges == expected.exchanges
    assert outcome.truth == expected.truth


def test_what_is_on_the_bus_is_recorded_alike(sensed: BenchConfig) -> None:
    expected = play_in_micropython(sensed, play_senses)
    local = LocalBench(sensed, firmware_path())
    local.start()
    outcome = play_senses(local, sensed)
    assert_same_records(outcome.slots, expected.slots, 100)
    assert outcome.exchanges == expected.exchanges
    assert outcome.truth == expected.truth


def test_what_runs_ahead_is_recorded_alike(bench: BenchConfig, make_local: MakeLocal) -> None:
    """Without noise, which goes on with every exchange."""
    expected = play(make_local(adc_noise_lsb=0), bench)
    outcome = play(make_local(ahead=True, adc_noise_lsb=0), bench)
    assert_same_records(outcome.slots, expected.slots)
    assert outcome.exchanges < 0.7 * expected.exchanges
    assert outcome.truth["pins"] == expected.truth["pins"]
    heated = [run.truth["stations"]["hotplate_box"]["heated_s"] for run in (outcome, expected)]
    assert heated[0] == pytest.approx(heated[1], abs=1e-6)


def test_a_hang_is_noticed_at_the_same_moment(bench: BenchConfig, make_local: MakeLocal) -> None:
    child = CableBench(bench, firmware_path())
    try:
        child.start()
        assert bitten_at(make_local()) == bitten_at(child)
    finally:
        child.close()


def bitten_at(virtual: VirtualBench) -> int:
    """When the watchdog bites after a hang at 3000 ms."""
    virtual.advance(3000)
    virtual.sim.hang()
    while virtual.sim.mcu.boots == 1:
        virtual.jump()
    return virtual.now_ms


def test_ticks_go_on_in_a_hang_and_the_dead_man_acts(
    bench: BenchConfig, make_local: MakeLocal
) -> None:
    local = make_local(ahead=True)
    host = Keeper(local)
    host.prepare(bench)
    host.run(tracks=[1])
    host.turns(4)
    station = local.sim.board.stations["hotplate_box"]
    assert station.heated_ms > 0
    local.sim.hang()
    local.advance(1000)
    heated = station.heated_ms
    local.advance(2500)
    assert station.heated_ms == heated
    local.advance(1000)
    assert local.chip.watchdog_resets == 1
    assert not station.heating


def boots(slots: list[bytes]) -> list[int | None]:
    """The causes of the boots in these records."""
    records = [unpack_slot(slot) for slot in slots]
    found = [record for record in records if (record.kind, record.place) == (EVENT, EV_BOOT)]
    return [record.values["a"] for record in found]


def test_causes_survive_a_reset_and_not_a_power_cut(local: LocalBench) -> None:
    local.sim.reset()
    local.advance(1000)
    local.sim.hang()
    local.advance(5000)
    local.sim.power_cut(for_s=2)
    assert not local.chip.powered
    local.advance(3000)
    assert boots(local.seen.slots) == [
        messages.CAUSE_POWER_ON,
        messages.CAUSE_WATCHDOG,  # or the reset button: the chip cannot tell
        messages.CAUSE_WATCHDOG,
        messages.CAUSE_POWER_ON,
    ]


def test_boot_ids_come_from_who_made_the_chip(bench: BenchConfig, local: LocalBench) -> None:
    host = Keeper(local)
    host.connect()
    assert host.hello["boot_id"] == 1
    local.sim.reset()
    host.turns(20)
    assert host.hello["boot_id"] == 2


def test_ctrl_c_makes_all_safe_and_ends_in_a_maintenance_boot(
    bench: BenchConfig, make_local: MakeLocal
) -> None:
    local = make_local(usb_gap_s=0)
    host = Keeper(local)
    host.prepare(bench)
    host.run(tracks=[0, 1])
    host.turns(8)
    station = local.sim.board.stations["hotplate_box"]
    assert station.heated_ms > 0
    local.read()
    local.send(b"\x03")
    heated = station.heated_ms
    local.advance(5000)
    assert station.heated_ms == heated
    assert local.chip.boots == 2
    assert not local.chip.running
    assert local.chip.powered
    assert local.read().startswith(b"soakbench: maintenance")
    local.sim.reset()
    local.advance(1000)
    assert local.chip.running


def test_an_exception_leaves_as_in_main(tmp_path: Path, make_local: MakeLocal) -> None:
    firmware = broken(
        tmp_path, "soakfw/app.py", "self._age(now)\n", 'raise RuntimeError("out of luck")\n'
    )
    local = make_local(firmware, usb_gap_s=0)
    assert not local.sim.now_ms
    local.advance(10)
    text = local.read().decode()
    assert "Traceback (most recent call last):\n" in text
    assert text.endswith("RuntimeError: out of luck\n")
    assert "soakbench" not in text
    local.advance(200)
    assert boots(local.seen.slots)[:3] == [1, messages.CAUSE_EXCEPTION, messages.CAUSE_EXCEPTION]


def test_a_firmware_that_cannot_be_imported_ends(tmp_path: Path, make_local: MakeLocal) -> None:
    firmware = broken(tmp_path, "soakfw/clock.py", "class Deadline:", "class Delay:")
    local = make_local(firmware)
    local.advance(1000)
    assert "ImportError" in local.read().decode()
    assert not local.chip.running
    assert local.chip.due_ms is None


def test_two_firmwares_do_not_mix(tmp_path: Path, make_local: MakeLocal) -> None:
    """The second is loaded while the first runs, and is asked first."""
    firmware = broken(tmp_path, "soakfw/__init__.py", "VERSION = (0, 1, 0)", "VERSION = (9, 9, 9)")
    before = {name for name in sys.modules if name.startswith("soakfw")}
    shipped, other = make_local(), make_local(firmware)
    versions = []
    for local in (other, shipped):
        host = Keeper(local)
        host.connect()
        versions.append(host.hello["fw_major"])
    assert versions == [9, 0]
    assert {name for name in sys.modules if name.startswith("soakfw")} == before


def test_an_observer_sees_every_record_once(bench: BenchConfig, make_local: MakeLocal) -> None:
    local = make_local(ahead=True)
    host = Keeper(local)
    host.prepare(bench)
    host.run(tracks=[0])
    host.turns(100)
    local.sim.cut()
    host.turn()
    local.advance(7_200_000)  # more than the ring holds: thinned
    local.sim.plug()
    host.turns(400)
    seen = {unpack_slot(slot).seq: slot for slot in local.seen.slots}
    absent = {seq for first, count in local.seen.absent for seq in range(first, first + count)}
    assert absent
    assert len(seen) == len(local.seen.slots)
    assert not absent & set(seen)
    assert sorted(absent | set(seen)) == list(range(len(absent) + len(seen)))
    assert all(seen[unpack_slot(slot).seq] == slot for slot in host.slots)
    assert LOSS in {unpack_slot(slot).kind for slot in host.slots}


def test_what_an_observer_raises_is_not_the_firmwares(local: LocalBench) -> None:
    def produced(slot: bytes) -> None:
        raise AssertionError(len(slot))

    local.seen.produced = produced  # type: ignore[method-assign]
    with pytest.raises(AssertionError, match=str(SLOT_SIZE)):
        local.sim.reset()


def test_the_board_writes_only_what_there_is_room_for(local: LocalBench) -> None:
    """A HELLO is longer than a packet; without room for one it waits."""
    chip = local.chip
    local.advance(0)
    while chip.ticks < 1000:
        chip.answer(chip.wait.until_ms, 63, 0)
    assert chip.output() == b""
    chip.answer(chip.wait.until_ms, 64, 0)
    first = chip.output()
    assert len(first) == 64
    chip.answer(chip.wait.until_ms, 4096, 0)
    assert (first + chip.output()).endswith(b"\n")


def test_a_full_ring_stops_the_host(local: LocalBench) -> None:
    data = bytearray(b"x" * 600)
    assert local.chip.feed(data)
    assert len(data) == 600 - INPUT_RING
    local.sim.hang()
    assert not local.chip.ends_wait(input_waits=True, room=True)
