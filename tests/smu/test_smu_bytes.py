"""Every byte that reaches a Keithley 2400, in its order, in good times and bad ones."""

import asyncio
from collections.abc import Callable

import pytest
from sim_2400 import DEVICE_CLEAR, TABLE, FarEnd, connect

from soakbench.clock import Clock
from soakbench.smu import Settings, SweepPlan, measure
from soakbench.smu.errors import (
    SmuGarbledError,
    SmuIdentityError,
    SmuLostError,
    SmuRefusedError,
    SmuSilentError,
)
from soakbench.smu.in_thread import InThread
from soakbench.smu.keithley2400 import Keithley2400
from soakbench.smu.result import Outcome

MakeFarEnd = Callable[..., FarEnd]
SETTINGS = Settings(compliance_ma=20, wires=4, nplc=1)

CONNECT = b"""\
*IDN?
:OUTP?
:OUTP:SMOD HIMP
*OPC?
:OUTP 0
*OPC?
*RST
*OPC?
:OUTP:SMOD HIMP
*OPC?
*CLS
*OPC?
:ROUT:TERM FRON
*OPC?
:SYST:LFR?
:OUTP:SMOD?
:OUTP?
:SYST:ERR?
"""
PREPARE = b"""\
:OUTP:SMOD HIMP
*OPC?
:OUTP 0
*OPC?
:SOUR:FUNC VOLT
*OPC?
:SOUR:VOLT:MODE FIX
*OPC?
:SOUR:VOLT:RANG 1.2
*OPC?
:SOUR:VOLT 0
*OPC?
:SOUR:DEL 0
*OPC?
:SENS:FUNC:CONC ON
*OPC?
:SENS:FUNC "VOLT","CURR"
*OPC?
:SENS:CURR:RANG 1e-06
*OPC?
:SENS:CURR:PROT 0.02
*OPC?
:SENS:CURR:RANG 0.02
*OPC?
:SENS:CURR:NPLC 1
*OPC?
:SYST:RSEN ON
*OPC?
:FORM:ELEM VOLT,CURR,STAT
*OPC?
:SYST:AZER ONCE
*OPC?
:SYST:ERR?
"""
ON = b":OUTP 1\n*OPC?\n"
OFF = b":OUTP 0\n:OUTP?\n"
CLEAR = DEVICE_CLEAR + b"\n"


def prepared() -> Keithley2400:
    smu = connect()
    smu.prepare(SETTINGS, 1.2, zeroed=False)
    return smu


def test_connecting_asks_first_and_leaves_it_off_at_high_impedance(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    smu = connect()
    assert bytes(instrument.received) == CONNECT
    assert smu.found_on
    assert str(smu.identity).startswith("KEITHLEY INSTRUMENTS INC. 2400, serial 1234567")


def test_a_measurement_from_off_to_off(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    smu = prepared()
    smu.source_v(1.2)
    smu.output_on()
    reading = smu.read()
    smu.source_v(0.1 + 0.2)
    smu.source_v(-0.00001)
    smu.output_off()
    smu.close()
    steps = b":SOUR:VOLT 1.2\n" + ON + b":READ?\n:SOUR:VOLT 0.3\n:SOUR:VOLT -1e-05\n"
    assert bytes(instrument.received) == CONNECT + PREPARE + steps + OFF
    assert (reading.voltage_v, reading.current_ma) == (1.0002, pytest.approx(1.65))
    assert not reading.in_compliance
    assert not reading.overflow


def test_two_wires_the_rear_sockets_and_a_zero_with_each_reading(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    smu = connect(TABLE.model_copy(update={"terminals": "rear"}))
    smu.prepare(Settings(compliance_ma=0.5, wires=2, nplc=10), 0.2, zeroed=True)
    sent = instrument.commands
    assert ":ROUT:TERM REAR" in sent
    for command in (
        ":SYST:RSEN OFF",
        ":SYST:AZER ON",
        ":SENS:CURR:NPLC 10",
        ":SENS:CURR:PROT 0.0005",
    ):
        assert command in sent


def test_over_rs232_commands_end_with_cr_lf(far_end: MakeFarEnd) -> None:
    instrument = far_end({"GPIB0::24::INSTR: {": "ASRL3::INSTR: {"})
    smu = connect(TABLE.model_copy(update={"resource": "ASRL3::INSTR", "baud": 57600}))
    assert bytes(instrument.received) == CONNECT.replace(b"\n", b"\r\n")
    at_gpib = 2 * 20 + 10  # ms
    assert smu.reading_ms(SETTINGS, zeroed=False) > at_gpib
    smu.close()


def test_what_is_in_a_reading(far_end: MakeFarEnd) -> None:
    """Compliance (bit 3), compliance of the range (bit 16), over-range (bit 0), and no number."""
    good = '"+1.000200E+00,-1.650000E-03,+2.150800E+04"'
    for answer, expected in [
        ("+0.9E+00,+2.0E-02,+8.0E+00", (0.9, -20.0, True, False)),
        ("+0.9E+00,+2.1E-02,+6.5536E+04", (0.9, -21.0, True, False)),
        ("+1.2E+00,+9.9E+37,+1.0E+00", (1.2, None, False, True)),
        ("+1.2E+00,-9.9E+37,+0.0E+00", (1.2, None, False, True)),
        ("+9.91E+37,-1.0E-03,+0.0E+00", (None, 1.0, False, True)),
        ("+0.0E+00,+0.0E+00,+0.0E+00", (0.0, 0.0, False, False)),
    ]:
        far_end({good: f'"{answer}"'})
        smu = prepared()
        reading = smu.read()
        got = (reading.voltage_v, reading.current_ma, reading.in_compliance, reading.overflow)
        assert got == expected, answer
        assert "-0.0" not in str(got)
        smu.close()


def test_another_instrument_is_asked_its_name_and_nothing_else(far_end: MakeFarEnd) -> None:
    instrument = far_end({"MODEL 2400": "MODEL 2000"})
    with pytest.raises(SmuIdentityError, match=r"MODEL 2000.*not a Keithley 2400") as caught:
        connect()
    assert bytes(instrument.received) == b"*IDN?\n"
    assert caught.value.exit_code == 3
    assert "resource" in caught.value.hint


def test_a_silent_instrument(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    instrument.silent_to = (b"*IDN?",)
    with pytest.raises(SmuSilentError, match="does not answer") as caught:
        connect()
    assert bytes(instrument.received) == b"*IDN?\n"
    assert "cable" in caught.value.hint


def test_a_setting_that_is_refused_is_told_in_the_instruments_words(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    smu = connect()
    with pytest.raises(SmuRefusedError, match="-113 Undefined header"):
        smu.prepare(Settings(compliance_ma=2000), 1.2, zeroed=False)
    smu.output_off()
    assert instrument.received.endswith(OFF)


def test_off_that_is_not_high_impedance_is_refused_and_left_off(far_end: MakeFarEnd) -> None:
    """As a 2430 in pulse mode, which knows only NORM."""
    instrument = far_end({'q: ":OUTP:SMOD?", r: "{:s}"': 'q: ":OUTP:SMOD?", r: "NORM"'})
    with pytest.raises(SmuRefusedError, match=r'"NORM".*where "HIMP" was set'):
        connect()
    assert instrument.received.endswith(b":OUTP:SMOD?\n" + OFF)


def test_after_a_reading_that_never_came_it_is_cleared_before_it_is_switched_off(
    far_end: MakeFarEnd,
) -> None:
    """A 2400 that waits in a reading takes no command; and its answer may still come."""
    instrument = far_end()
    smu = prepared()
    smu.output_on()
    instrument.silent_to = (b":READ?",)
    with pytest.raises(SmuSilentError):
        smu.read()
    smu.output_off()
    assert instrument.received.endswith(b":READ?\n" + CLEAR + OFF)


def test_an_off_that_is_not_confirmed_is_tried_once_more(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    smu = prepared()
    smu.output_on()
    instrument.silent_to = (b":OUTP?",)
    smu.output_off()
    assert instrument.received.endswith(ON + OFF + CLEAR + OFF)


def test_an_output_that_stays_on_is_an_error(far_end: MakeFarEnd) -> None:
    instrument = far_end({'{q: ":OUTP?", r: "{:d}"}': '{q: ":OUTP?", r: "1"}'})
    with pytest.raises(SmuRefusedError, match='"1" to :OUTP\\?'):
        connect()
    assert instrument.received.endswith(OFF + CLEAR + OFF)


def test_an_answer_that_makes_no_sense(far_end: MakeFarEnd) -> None:
    good = '"+1.000200E+00,-1.650000E-03,+2.150800E+04"'
    for answer in ("+1.0E+00,-1.6", "+1.0E+00,-1.6E-03,x", "nan,-1.6E-03,+0.0E+00"):
        instrument = far_end({good: f'"{answer}"'})
        smu = prepared()
        smu.output_on()
        with pytest.raises(SmuGarbledError, match=":READ"):
            smu.read()
        smu.output_off()
        assert instrument.received.endswith(b":READ?\n" + CLEAR + OFF)
        smu.close()


def test_a_cable_that_is_pulled(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    smu = prepared()
    smu.output_on()
    instrument.unplug_at = b":"
    with pytest.raises(SmuLostError, match=r"broke: .*Input/output error") as caught:
        smu.read()
    assert "soakbench smu check" in caught.value.hint
    with pytest.raises(SmuLostError):
        smu.output_off()
    smu.close()


async def short_sweep() -> Outcome:
    """Five points with a reading each, in real time, through the worker thread."""
    smu = await InThread.open(connect)
    try:
        settings = Settings(compliance_ma=20, wires=2, nplc=0.01)
        plan = SweepPlan(-0.1, 0.3, settings, step_v=0.1, rate_v_per_s=5, directions=("reverse",))
        sweep = await measure(smu, plan, Clock())
    finally:
        await smu.close()
    return sweep.outcome


def sourced(volts: str) -> bytes:
    return f":SOUR:VOLT {volts}\n".encode()


def test_a_whole_sweep(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    assert len(asyncio.run(short_sweep()).points) == 5
    settings = PREPARE.replace(b":SOUR:VOLT:RANG 1.2", b":SOUR:VOLT:RANG 0.3")
    settings = settings.replace(b"NPLC 1\n", b"NPLC 0.01\n").replace(b"RSEN ON", b"RSEN OFF")
    steps = sourced("0.3") + ON + b":READ?\n"
    for volts in ("0.2", "0.1", "0", "-0.1"):
        steps += sourced(volts) + b":READ?\n"
    assert bytes(instrument.received) == CONNECT + settings + steps + OFF


def test_a_sweep_in_which_the_instrument_falls_silent(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    instrument.silent_to = (b":READ?",)
    outcome = asyncio.run(short_sweep())
    assert (outcome.ended, outcome.points, outcome.off) == ("failed", (), True)
    assert "does not answer" in outcome.problem
    assert instrument.received.endswith(sourced("0.3") + ON + b":READ?\n" + CLEAR + OFF)


def test_a_sweep_with_a_loose_cable(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    instrument.unplug_at = b":SOUR:VOLT 0.1"
    outcome = asyncio.run(short_sweep())
    assert (outcome.ended, len(outcome.points), outcome.off) == ("failed", 2, True)
    assert instrument.received.endswith(sourced("0.2") + b":READ?\n" + OFF)


def test_a_sweep_in_which_the_cable_is_pulled_says_that_it_may_be_on(far_end: MakeFarEnd) -> None:
    instrument = far_end()
    instrument.unplug_at = b"READ"
    unplug = asyncio.run(short_sweep())
    assert unplug.ended == "failed"
    assert unplug.off  # the cable was back by then

    instrument.unplug_at = b":OUTP 0"
    with pytest.raises(SmuLostError):
        asyncio.run(short_sweep())
