"""The shipped firmware in the twin, in virtual time, with a small host at its port."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from driver import VirtualBench
from small_host import LEASE_MS, STEP_MS, Host

from soakbench.assets import firmware_path
from soakbench.config import BenchConfig, parse_plan
from soakbench.plan import compile_config, compile_program
from soakwire import messages

PLAN = """
[plan]
name = "twin-test"
title = "Light, then warmth"
accelerate = 60
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


@pytest.fixture
def shipped(bench: BenchConfig, tmp_path: Path) -> Iterator[VirtualBench]:
    virtual = VirtualBench(bench, tmp_path / "port", firmware_path())
    try:
        virtual.start()
        yield virtual
    finally:
        virtual.close()


@pytest.fixture
def host(bench: BenchConfig, shipped: VirtualBench) -> Host:
    """Connected, with bench and plan on the board and nothing started."""
    host = Host(shipped)
    host.connect()
    assert host.hello["reset_cause"] == messages.CAUSE_POWER_ON
    host.upload(messages.BLOB_CONFIG, compile_config(bench))
    plan = parse_plan(PLAN, "twin-test.toml")
    host.upload(messages.BLOB_PROGRAM, compile_program(plan, bench).blob)
    return host


def test_lights_heats_and_records(shipped: VirtualBench, host: Host) -> None:
    shipped.sim.speed(60)
    host.run(tracks=[0, 1])
    board = shipped.sim.board
    station = board.stations["hotplate_box"]
    host.turn()
    assert board.stations["simulator"].suns == 1
    assert (board.cells["A1"].load, board.cells["A2"].load) == ("OC", "SC")

    temps = []
    while host.events.count("track_done") < 2:
        host.turn()
        temps.append(station.base_c)
        assert shipped.now_ms < 180_000, (temps[-1], host.events)
    held = temps[-55_000 // STEP_MS :]
    assert all(49 <= temp <= 51 for temp in held), (min(held), max(held))
    assert max(temps) < 52
    assert board.stations["simulator"].suns == 0
    assert not station.heating
    assert board.cells["A1"].oc_sun_h == pytest.approx(10 / 3600, rel=0.05)
    assert host.seqs == list(range(len(host.seqs)))
    assert shipped.sim.mcu.boots == 1


def test_lease_runs_out_and_the_heater_pin_stays_off(shipped: VirtualBench, host: Host) -> None:
    host.run(tracks=[1])
    host.turn()
    station = shipped.sim.board.stations["hotplate_box"]
    before = station.heated_ms
    shipped.advance(LEASE_MS + 100)
    heated = station.heated_ms
    assert heated > before
    shipped.advance(60_000)
    assert station.heated_ms == heated


def test_a_hang_turns_the_heater_off_within_a_second_and_resets(
    shipped: VirtualBench, host: Host
) -> None:
    host.run(tracks=[1])
    host.turn()
    station = shipped.sim.board.stations["hotplate_box"]
    assert station.heated_ms > 0
    shipped.sim.hang()
    shipped.advance(1000)
    heated = station.heated_ms
    shipped.advance(3000)
    assert station.heated_ms == heated
    shipped.advance(1000)
    assert shipped.sim.mcu.watchdog_resets == 1
    assert not station.heating
