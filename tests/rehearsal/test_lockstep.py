"""Board and host in lockstep: the same in every run and in both chips, one exchange per poll."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from lockstep_host import LockstepHost, Seen, simulate

from soakbench.assets import find_bench
from soakbench.config import BenchConfig, load_bench
from soakbench.errors import BenchFault
from soakbench.rehearsal.lockstep import Lockstep, on_one_core
from soakbench.twin.in_process import InProcessMcu
from soakbench.twin.sensors import Fault
from soakbench.twin.truth import truth
from soakwire.slots import unpack_slot

CHIPS = ["micropython", "in_process"]
PLAN = """
[plan]
name = "lockstep"
title = "Light, and warmth beside it"
sample_s = 1

[tracks.lit]
cells = ["A1", "A2"]
station = "simulator"
loads = { A1 = "OC", A2 = "SC" }
[[tracks.lit.phases]]
phase = "ageing"
until = "10 min"

[tracks.warm]
cells = ["B1"]
station = "hotplate_box"
[[tracks.warm.phases]]
phase = "thermal_recovery"
until = "60 min"
temperature = "50 °C"
band = "1 °C"
"""

SELDOM = "sample_s = 60\nfast_sample_s = 60"

MakeHost = Callable[..., LockstepHost]


@pytest.fixture(scope="module")
def bench() -> BenchConfig:
    return load_bench(find_bench("twin"))


@pytest.fixture
def make_host(bench: BenchConfig) -> Iterator[MakeHost]:
    """A host at a bench that has just been switched on."""
    with ExitStack() as stack:

        def make(chip: str, seed: int = 1) -> LockstepHost:
            host = LockstepHost(simulate(bench, chip, Seen(), seed))
            stack.callback(host.simulation.close)
            host.start()
            return host

        yield make


def seen(host: LockstepHost) -> Seen:
    observer = host.simulation.mcu.observer
    assert isinstance(observer, Seen)
    return observer


def play(host: LockstepHost, bench: BenchConfig) -> LockstepHost:
    """A program with light and warmth, a broken sensor, an outage and a reset."""
    world, simulation = host.world, host.simulation
    host.prepare(bench, PLAN)
    host.run(tracks=[0, 1])
    start_ms = world.now_ms
    world.at(start_ms + 50_050, lambda: simulation.thermistor("hotplate_box", "plate", Fault.OPEN))
    world.at(start_ms + 60_000, lambda: simulation.thermistor("hotplate_box", "plate", None))
    world.at(start_ms + 80_123, simulation.cut)
    world.at(start_ms + 120_000, simulation.plug)
    host.run_for(121_000)
    host.open()
    host.run_for(20_000)
    simulation.reset()
    host.run_for(1_000)
    host.open()
    host.run_for(5_000)
    return host


def account(host: LockstepHost) -> list[object]:
    """All that can be told apart of two runs."""
    observer = seen(host)
    return [
        bytes(host.heard),
        host.causes,
        host.boot_ids,
        observer.slots,
        observer.absent,
        host.world.polls,
        truth(host.simulation),
    ]


def test_two_runs_are_the_same_to_the_byte(make_host: MakeHost, bench: BenchConfig) -> None:
    one, two = (play(make_host("micropython"), bench) for _ in range(2))
    assert account(one) == account(two)
    assert one.boot_ids == [1, 1, 2]
    assert len(one.causes) == 2


def test_another_seed_is_another_noise(make_host: MakeHost, bench: BenchConfig) -> None:
    one, two = (make_host("in_process", seed) for seed in (1, 2))
    for host in (one, two):
        host.prepare(bench, PLAN)
        host.run_for(30_000)
    assert one.slots != two.slots


def test_both_chips_live_the_same_life(make_host: MakeHost, bench: BenchConfig) -> None:
    child, local = (play(make_host(chip), bench) for chip in CHIPS)
    for ours, theirs in zip(seen(child).slots, seen(local).slots, strict=False):
        assert ours == theirs, (unpack_slot(ours).values, unpack_slot(theirs).values)
    assert len(seen(child).slots) == len(seen(local).slots) > 500
    assert child.slots == local.slots
    assert truth(child.simulation) == truth(local.simulation)


@pytest.mark.parametrize("chip", CHIPS)
def test_the_observer_sees_what_the_host_gets(
    make_host: MakeHost, bench: BenchConfig, chip: str
) -> None:
    host = make_host(chip)
    host.prepare(bench, PLAN)
    host.run(tracks=[0, 1])
    host.run_for(30_000)
    produced = seen(host).slots
    assert [unpack_slot(slot).seq for slot in produced] == list(range(len(produced)))
    assert host.slots == produced[: len(host.slots)]
    assert len(produced) - len(host.slots) < 20


@pytest.mark.parametrize("chip", CHIPS)
def test_records_left_out_are_told(make_host: MakeHost, bench: BenchConfig, chip: str) -> None:
    host = make_host(chip)
    host.prepare(bench, PLAN)
    host.run(tracks=[0])
    host.simulation.cut()
    host.run_for(1_800_000)
    observer = seen(host)
    told = [unpack_slot(slot).seq for slot in observer.slots]
    told += [seq for first, count in observer.absent for seq in range(first, first + count)]
    assert observer.absent
    assert sorted(told) == list(range(len(told)))


def until_quiet(host: LockstepHost, bench: BenchConfig) -> None:
    """The plate is held, and nobody has anything to say for 20 s."""
    host.prepare(bench, PLAN.replace("sample_s = 1", SELDOM))
    host.run(tracks=[1])
    host.simulation.speed(10)
    host.run_for(30_000)
    sampled = len(host.slots)
    while len(host.slots) == sampled:
        host.run_for(1000)
    host.run_for(1000)


def quiet_exchanges(host: LockstepHost) -> int:
    """Exchanges in 20 s; the hard timer ticks all the while, and drives the heater's pin."""
    changes = host.simulation.board.wires.changes
    pin, before, heard = changes[17], host.world.polls, len(host.heard)
    host.world.pass_time(host.world.now_ms + 20_000)
    assert len(host.heard) == heard
    assert changes[17] - pin > 20
    return host.world.polls - before


def test_a_poll_is_one_exchange(make_host: MakeHost, bench: BenchConfig) -> None:
    child, local = (make_host(chip) for chip in CHIPS)
    for host in (child, local):
        until_quiet(host, bench)
    polls = counted_polls(local)
    exchanges = quiet_exchanges(child)
    assert exchanges == quiet_exchanges(local)
    assert len(polls) >= 20 * 4
    assert exchanges <= len(polls) + 2  # the quiet begins and ends amid a wait


def counted_polls(host: LockstepHost) -> list[int]:
    """Fills with the times at which the firmware polls."""
    chip = host.simulation.mcu
    assert isinstance(chip, InProcessMcu)
    assert chip._program is not None
    app, times = chip._program._app, []
    poll = app.poll

    def counting(now: int) -> int:
        times.append(now)
        return poll(now)

    app.poll = counting  # type: ignore[method-assign]
    return times


@pytest.mark.parametrize("chip", CHIPS)
def test_the_board_does_not_run_ahead_of_an_answer(
    make_host: MakeHost, bench: BenchConfig, chip: str
) -> None:
    """The host stops the heater at the moment at which it hears of it."""
    host = make_host(chip)
    host.prepare(bench, PLAN)
    host.run(tracks=[1])
    host.run_for(10_000)
    simulation = host.simulation
    driven: list[float] = []
    set_pin = simulation.board.set_pin

    def noting(at_ms: float, gpio: int, state: object) -> None:
        assert at_ms >= simulation.now_ms or simulation.now_ms == host.world.now_ms
        driven.append(at_ms)
        set_pin(at_ms, gpio, state)  # type: ignore[arg-type]

    simulation.board.set_pin = noting  # type: ignore[method-assign]
    host.run_for(10_000)
    assert driven == sorted(driven)


def test_the_script_comes_at_its_time_and_ends_a_wait(make_host: MakeHost) -> None:
    world = make_host("in_process").world
    times: list[int] = []
    start_ms = world.now_ms
    for delay_ms in (700, 30, 700):
        world.at(start_ms + delay_ms, lambda: times.append(world.now_ms))
    while len(times) < 3:
        world.pass_time(None)
    assert times == [start_ms + 30, start_ms + 700, start_ms + 700]


def test_a_board_without_power_leaves_the_time_to_the_host(make_host: MakeHost) -> None:
    host = make_host("in_process")
    host.simulation.mcu.power_off(host.world.now_ms)
    end_ms = host.world.now_ms + 86_400_000
    host.world.pass_time(end_ms)
    assert host.world.now_ms == end_ms
    with pytest.raises(BenchFault, match="stands still"):
        host.world.pass_time(None)


def test_a_pulled_cable_is_told_once_and_opened_again(make_host: MakeHost) -> None:
    host = make_host("in_process")
    host.simulation.cut(for_s=3)
    host.run_for(1000)
    assert len(host.causes) == 1
    with pytest.raises(FileNotFoundError):
        host.world.host_open()
    host.run_for(2000)
    host.open()
    host.run_for(3000)
    assert host.boot_ids == [1, 1]


def test_the_cores_are_given_back() -> None:
    before = os.sched_getaffinity(0)
    with on_one_core():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_a_pseudo_terminal_is_refused(bench: BenchConfig) -> None:
    simulation = simulate(bench, "in_process", None)
    simulation.port = object()  # type: ignore[assignment]
    with pytest.raises(TypeError, match="memory"):
        Lockstep(simulation, bytearray().extend)
