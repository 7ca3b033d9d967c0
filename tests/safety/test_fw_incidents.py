"""Incidents that have happened to others, by name, on this firmware."""

import sys

import pytest
from bounds import within
from fw_rig import (
    BOX,
    CONTACTOR_PIN,
    HEATER_PIN,
    SHORT_CODE,
    Rig,
    cell,
    code_at,
    config_blob,
)
from safety_rig import HOUR_MS, Heating, box, off_after, simulator, stays_off

from soakwire import messages, records

# An hour tells the same, and in MicroPython an hour takes longer to play.
NIGHT_MS = HOUR_MS if sys.implementation.name == "micropython" else 8 * HOUR_MS
LEASE_MS = 30000


@pytest.mark.rule("S1")
def test_pioreactor_220_the_host_is_gone_and_the_heater_on_overnight():
    """65.4 °C in the morning."""
    rig = Heating()
    rig.settle()
    rig.lease(LEASE_MS)
    since = rig.now
    rig.run(NIGHT_MS)
    off_ms = off_after(rig, HEATER_PIN, since)
    within("S1", "Pioreactor #220: heater off", off_ms, LEASE_MS + 100)
    assert rig.plate.celsius < 23.5


@pytest.mark.rule("S18")
def test_pioreactor_422_stopping_leaves_the_heater_on():
    rig = Heating()
    rig.settle()
    since = rig.now
    rig.stop()
    stays_off(rig, HOUR_MS)
    within("S18", "Pioreactor #422: heater off", off_after(rig, HEATER_PIN, since), 1000)


@pytest.mark.rule("S10")
def test_klipper_229_a_welded_switch():
    for capacity in (200.0, 600.0, 2000.0):  # J/K
        rig = Heating()
        rig.settle()
        rig.plate.CAPACITY_J_PER_K = capacity
        rig.welded = True
        since = rig.now
        rig.run(HOUR_MS)
        assert rig.tripped()
        assert rig.plate.celsius < 60
        off_ms = off_after(rig, CONTACTOR_PIN, since)
        within("S10", "klipper #229: contactor off", off_ms, 600000)
        assert rig.hottest_c < 65  # ceiling + 5 °C


@pytest.mark.rule("S5", "S7", "S11")
def test_reef_pi_1576_a_failed_probe_reads_0():
    for name, code in (
        ("code 0", lambda: SHORT_CODE),
        ("0 °C", lambda: code_at(0.0)),
        ("0 °C with noise", None),
    ):
        rig = Heating(celsius=25.0)
        rig.settle()
        since = rig.now
        if code is None:
            rig.read(0.0)
        else:
            rig.sensor.code = code
        rig.until_tripped(120000)
        off_ms = off_after(rig, HEATER_PIN, since)
        within("S7", "reef-pi #1576, reads " + name, off_ms, 61000)
        stays_off(rig)
        assert rig.hottest_c < 70


@pytest.mark.rule("S11")
def test_kiln_controller_21_a_stuck_reading_keeps_it_heating():
    for celsius in (25.0, 40.0, 49.0):
        rig = Heating(celsius=celsius)
        rig.freeze()
        rig.until_tripped(60000)
        within("S11", "kiln-controller #21: stuck reading", off_after(rig, HEATER_PIN, 0), 31000)
        assert rig.hottest_c < 60
        stays_off(rig)


@pytest.mark.rule("S13")
def test_kiln_controller_185_a_trip_restarts_itself():
    rig = Heating()
    rig.settle()
    rig.sensor.code = lambda: code_at(61)
    assert rig.until_tripped(1000) == records.FAULT_OVER_TEMP
    rig.sensor.code = rig.plate.code
    stays_off(rig, NIGHT_MS)
    assert rig.tripped()
    rig.resume()
    stays_off(rig, HOUR_MS)


@pytest.mark.rule("S1")
def test_mycodo_941_the_keep_alive_is_lost():
    """The line is up and commands arrive, but nobody beats any more."""
    rig = Heating()
    rig.settle()
    rig.lease(LEASE_MS)
    since = rig.now
    for _ in range(60):
        rig.run(1000)
        assert rig.command(messages.MEASURE_CELL, None, 0) == 0
    off_ms = off_after(rig, HEATER_PIN, since)
    within("S1", "Mycodo #941: heater off", off_ms, LEASE_MS + 100)
    rig.lease(LEASE_MS)
    rig.run(1000)
    (held,) = rig.events(records.EV_HEATER_HOLD)
    (released,) = rig.events(records.EV_HEATER_RELEASED)
    assert held.values["station"] == released.values["station"] == BOX
    assert abs(released.values["a"] - 30000) <= 1000


@pytest.mark.rule("S14", "R8")
def test_mycodo_555_relays_at_boot():
    """Also with relays that are on when their pin is low."""
    for active in (0, 1):
        rig = Rig()
        cells = [cell(i, short_active=active, measure_active=active) for i in range(8)]
        stations = [simulator(), box(heater_active=active, contactor_active=active)]
        assert rig.board.pins == {}
        blob = config_blob(cells=cells, stations=stations)
        assert rig.upload(messages.BLOB_CONFIG, blob) == 0
        rig.run(HOUR_MS)
        assert rig.board.changes == 0  # not one edge, so nothing has clicked
        driven = {rig.level(gpio) for gpio in range(16)}
        assert driven == {1 - active}
        assert rig.level(HEATER_PIN) == rig.level(CONTACTOR_PIN) == 1 - active
