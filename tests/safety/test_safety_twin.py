"""Rules that need the chip (watchdog, resets, power) or the plate's physics: in the twin."""

import pytest
from bounds import within
from heated_twin import (
    BOX,
    CONTACTOR,
    HEATER,
    HOT_AND_LIT,
    SHUTTER,
    HeatedTwin,
    guarded_bench,
)
from small_host import LEASE_MS
from test_twin_in_process import broken

from soakbench.twin.sensors import Fault
from soakbench.twin.wires import SsrFault
from soakwire import messages, names, records

WATCHDOG_MS = 4000


def faults(twin: HeatedTwin) -> list[str]:
    """The trips on record, by name."""
    bits = [event.values["a"] or 0 for event in twin.events(records.EV_FAULT)]
    return [name for all_bits in bits for bit, name in names.FAULT_NAMES if all_bits & bit]


@pytest.mark.rule("S4")
@pytest.mark.rule("S3")
def test_a_hang_ends_in_a_reset() -> None:
    twin = HeatedTwin(HOT_AND_LIT)
    twin.run(20)
    assert {CONTACTOR, SHUTTER} <= twin.pins.on
    since = twin.now_ms
    twin.sim.hang()
    twin.advance(10_000)
    assert twin.chip.watchdog_resets == 1
    within("S3", "main loop hangs: heater off", twin.off_after(HEATER, since), 1000)
    within("S4", "main loop hangs: contactor off", twin.off_after(CONTACTOR, since), WATCHDOG_MS)
    within("S4", "main loop hangs: shutter off", twin.off_after(SHUTTER, since), WATCHDOG_MS)
    assert [boot.values["a"] for boot in twin.events(records.EV_BOOT)] == [
        messages.CAUSE_POWER_ON,
        messages.CAUSE_WATCHDOG,
    ]


@pytest.mark.rule("S14")
def test_a_board_that_hangs_again_and_again_ends_up_talking_only() -> None:
    twin = HeatedTwin()
    for _ in range(3):
        twin.sim.hang()
        twin.advance(6000)
    assert twin.pins.on == set()
    boots = [boot.values["b"] for boot in twin.events(records.EV_BOOT)]
    assert boots == [0, 1, 2, 3]
    twin.keeper.turn_until("up")
    with pytest.raises(AssertionError, match="stays safe"):
        twin.keeper.prepare(twin.bench)


@pytest.mark.rule("S15")
def test_an_exception_drops_everything(tmp_path) -> None:
    firmware = broken(
        tmp_path,
        "soakfw/app.py",
        "        self._age(now)\n",
        "        self._age(now)\n"
        "        if now > 20000 and self._board.reset_cause == 1:\n"
        '            raise RuntimeError("out of luck")\n',
    )
    twin = HeatedTwin(HOT_AND_LIT, firmware=firmware)
    twin.run(15)
    assert {CONTACTOR, SHUTTER} <= twin.pins.on
    twin.run(10)
    raised = 20_000 + 250  # the next pass
    for gpio in (HEATER, CONTACTOR, SHUTTER):
        within("S15", "exception: heater, contactor, shutter", twin.off_after(gpio, raised), 100)
    assert twin.events(records.EV_BOOT)[-1].values["a"] == messages.CAUSE_EXCEPTION


@pytest.mark.rule("S15")
def test_ctrl_c_drops_everything() -> None:
    twin = HeatedTwin(HOT_AND_LIT)
    twin.run(15)
    since = twin.now_ms
    twin.send(b"\x03")
    twin.advance(5000)
    for gpio in (HEATER, CONTACTOR, SHUTTER):
        within("S15", "Ctrl-C: heater, contactor, shutter", twin.off_after(gpio, since), 100)
    assert not twin.chip.running


@pytest.mark.rule("S16")
def test_without_power_or_program_nothing_is_on() -> None:
    """Pull-downs and resting contacts are the hardware's part of the safe state."""
    twin = HeatedTwin(HOT_AND_LIT)
    twin.run(15)
    since = twin.now_ms
    twin.sim.power_cut(for_s=60)
    twin.advance(1000)
    for gpio in (HEATER, CONTACTOR, SHUTTER):
        within("S16", "power cut: heater, contactor, shutter", twin.off_after(gpio, since), 0)
    assert not twin.box.heating
    assert {cell.load for cell in twin.sim.board.cells.values()} == {"SC"}


@pytest.mark.rule("S13")
def test_a_trip_survives_a_watchdog_reset_and_the_button() -> None:
    twin = HeatedTwin()
    twin.warm_up()
    twin.sim.thermistor(BOX, "plate", Fault.OFFSET, 12)
    assert twin.run(30, lambda: "over_temperature" in faults(twin))
    twin.sim.thermistor(BOX, "plate", None)
    for reset in (twin.sim.hang, twin.sim.reset):
        reset()
        twin.advance(70_000)
        twin.set_up()
        heated = twin.box.heated_ms
        twin.run(60)
        assert twin.box.heated_ms == heated
    assert len(twin.events(records.EV_FAULT_KEPT)) == 2
    twin.run(400, lambda: twin.plate_c < 40)
    twin.clear(records.FAULT_OVER_TEMP)
    twin.keeper.command(messages.RESUME, [None])
    twin.run(10)
    assert twin.box.heating or CONTACTOR in twin.pins.on


@pytest.mark.rule("S7")
def test_a_sensor_that_has_come_off() -> None:
    twin = HeatedTwin()
    twin.sim.thermistor(BOX, "plate", Fault.STUCK)  # it reads the air, with its noise
    assert twin.run(200, lambda: bool(faults(twin)))
    assert "no_temperature_rise" in faults(twin)
    hottest = max(twin.pins.plate_c)
    within("S7", "sensor off: hottest plate", round(hottest, 1), 45, "°C")
    assert HEATER not in twin.pins.on


@pytest.mark.rule("S10")
def test_a_welded_relay() -> None:
    twin = HeatedTwin()
    twin.warm_up()
    twin.sim.ssr(BOX, SsrFault.WELDED)
    assert twin.run(200, lambda: bool(faults(twin)))
    assert faults(twin) == ["heater_stuck_on"]
    twin.run(300)
    within("S10", "welded relay: hottest plate", round(max(twin.pins.plate_c), 1), 60, "°C")
    assert twin.plate_c < 50


@pytest.mark.rule("S12")
def test_a_sensor_that_comes_loose_in_the_hold() -> None:
    twin = HeatedTwin(bench=guarded_bench())
    twin.warm_up()
    twin.sim.thermistor(BOX, "plate", Fault.OFFSET, -6)
    since = twin.now_ms
    assert twin.run(60, lambda: bool(faults(twin)))
    assert faults(twin) == ["plate_and_guard_disagree"]
    within("S12", "loose sensor: contactor off", twin.off_after(CONTACTOR, since), 5500)


@pytest.mark.rule("S1")
def test_the_cable_out_overnight() -> None:
    twin = HeatedTwin()
    twin.warm_up()
    since = twin.now_ms
    twin.sim.cut()
    twin.advance(8 * 3_600_000)
    late = since + LEASE_MS
    within("S1", "cable out: heater off after the lease", twin.off_after(HEATER, late), 100)
    assert twin.plate_c < 24
