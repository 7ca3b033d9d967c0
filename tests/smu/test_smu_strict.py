"""The driver and an instrument that refuses what a 2400 refuses; also over a serial port."""

import os
import pty
import select
import sys
import threading
import tty
from collections.abc import Iterator
from contextlib import closing

import pytest
from fake_2400 import Fake2400

from soakbench.config.smu_table import SmuTable
from soakbench.smu import Settings
from soakbench.smu.errors import SmuNotFoundError, SmuRefusedError, SmuSilentError
from soakbench.smu.keithley2400 import Keithley2400, connected
from soakbench.smu.visa import open_visa


def sinks_a(voltage_v: float) -> float:
    """A cell under light as the instrument sees it: 1.65 mA into its HI at short circuit."""
    return -1.65e-3 + 1e-3 * voltage_v


class Direct:
    """A Wire without a wire."""

    name = "the fake"
    overhead_ms = 10

    def __init__(self, instrument: Fake2400) -> None:
        self.instrument = instrument

    def write(self, command: str) -> None:
        assert self.instrument.receive(command.encode() + b"\r\n") == b""

    def query(self, command: str) -> str:
        answer = self.instrument.receive(command.encode() + b"\r\n")
        if not answer:
            raise SmuSilentError("no answer")
        return answer.decode().strip()

    def clear(self) -> None:
        self.instrument.receive(b"\x03")

    def close(self) -> None:
        pass


@pytest.fixture
def instrument() -> Fake2400:
    return Fake2400(sinks_a)


@pytest.fixture
def smu(instrument: Fake2400) -> Keithley2400:
    driver = Keithley2400(Direct(instrument))
    driver.connect()
    return driver


def test_connected_it_is_off_at_high_impedance_whatever_it_was(
    smu: Keithley2400, instrument: Fake2400
) -> None:
    assert smu.found_on
    assert (instrument.output, instrument.off_state) == (False, "HIMP")


@pytest.mark.parametrize("first_ma", [0.001, 0.1, 20, 1000])
@pytest.mark.parametrize("then_ma", [0.001, 0.1, 20, 1000])
def test_any_limit_can_follow_any_other(
    smu: Keithley2400, instrument: Fake2400, first_ma: float, then_ma: float
) -> None:
    """A range must not exceed the limit's, a limit not be below 0.1 % of the range."""
    for limit_ma in (first_ma, then_ma):
        smu.prepare(Settings(limit_ma), 1.2, zeroed=False)
        assert instrument.limit_a == pytest.approx(limit_ma / 1000)
        assert instrument.range_a >= limit_ma / 1000 / 1.05
    assert instrument.errors == []


def test_off_stays_high_impedance_through_a_measurement(
    smu: Keithley2400, instrument: Fake2400
) -> None:
    for _ in range(2):
        smu.prepare(Settings(20), 1.2, zeroed=False)
        assert (instrument.output, instrument.voltage) == (False, 0)
        smu.source_v(1.2)
        smu.output_on()
        smu.read()
        smu.output_off()
        assert (instrument.output, instrument.off_state) == (False, "HIMP")


def test_currents_count_as_the_cell_delivers_them(smu: Keithley2400) -> None:
    smu.prepare(Settings(20), 2, zeroed=True)
    smu.output_on()
    for voltage_v in (0.0, 1.0, 1.65, 2.0):
        smu.source_v(voltage_v)
        reading = smu.read()
        assert reading.voltage_v == voltage_v
        assert reading.current_ma == pytest.approx(1.65 - voltage_v, abs=1e-6)


def test_at_the_limit(smu: Keithley2400) -> None:
    smu.prepare(Settings(1), 2, zeroed=True)
    smu.output_on()
    reading = smu.read()
    assert (reading.current_ma, reading.in_compliance) == (1.0, True)


def test_a_reading_with_output_off_is_a_silence_and_can_be_left(
    smu: Keithley2400, instrument: Fake2400
) -> None:
    smu.prepare(Settings(20), 2, zeroed=True)
    with pytest.raises(SmuSilentError):
        smu.read()
    smu.output_off()
    assert instrument.terminated == 1
    with pytest.raises(SmuRefusedError, match="803 Not permitted with OUTPUT off"):
        smu.prepare(Settings(20), 2, zeroed=True)


@pytest.fixture
def port(instrument: Fake2400) -> Iterator[str]:
    """The instrument at the other end of a terminal."""
    far, near = pty.openpty()
    tty.setraw(near)
    enough, end_it = os.pipe()

    def serve() -> None:
        while enough not in select.select([far, enough], [], [])[0]:
            os.write(far, instrument.receive(os.read(far, 1000)))

    server = threading.Thread(target=serve)
    server.start()
    yield os.ttyname(near)
    os.write(end_it, b".")
    server.join()
    for descriptor in (far, near, enough, end_it):
        os.close(descriptor)


def serial_table(port: str) -> SmuTable:
    return SmuTable(
        driver="keithley2400", resource=f"ASRL{port}::INSTR", compliance_ma=20, baud=57600
    )


def test_over_a_serial_port_through_pyvisa_py(
    port: str, instrument: Fake2400, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pure Python VISA library, the one that `soakbench[smu]` brings."""
    monkeypatch.setenv("PYVISA_LIBRARY", "@py")
    table = serial_table(port)
    with closing(connected(open_visa(table, 500), table)) as smu:
        smu.prepare(Settings(20), 1.2, zeroed=False)
        smu.source_v(0.65)
        smu.output_on()
        assert smu.read().current_ma == pytest.approx(1.0)
        instrument.output = False  # somebody has pressed OUTPUT
        with pytest.raises(SmuSilentError, match="does not answer"):
            smu.read()
        smu.output_off()
    assert instrument.terminated == 1


@pytest.mark.parametrize(
    ("resource", "what", "hint"),
    [
        ("ASRL/dev/nowhere::INSTR", "No such file", "soakbench ports"),
        ("GPIB0::24::INSTR", "cannot be opened", "linux-gpib"),
    ],
)
def test_a_port_that_is_not_there(
    resource: str, what: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYVISA_LIBRARY", "@py")
    with pytest.raises(SmuNotFoundError, match=what) as caught:
        open_visa(SmuTable(driver="keithley2400", resource=resource, compliance_ma=20), 500)
    assert hint in caught.value.hint


def test_without_pyvisa_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvisa", None)
    with pytest.raises(SmuNotFoundError, match="PyVISA is not installed") as caught:
        open_visa(serial_table("/dev/ttyUSB0"), 500)
    assert 'pip install "soakbench[smu]"' in caught.value.hint
