"""The Keithley 2400 and its sisters, by texts over a Wire.

Written from the 2400 Series User's Manual (2400S-900-01): section 18 for the commands, 13 for the
output-off states. PyMeasure's driver is not used, see docs/decisions/0012.

Output off is HIMP, the open output relay. As the instrument wakes up it is NORM, a source of 0 V
that lets up to 0.5 % of the range through: a cell at open circuit would not be at open circuit.
"""

import contextlib
import math

from soakbench.config.smu_table import SmuTable
from soakbench.smu.errors import (
    SmuError,
    SmuGarbledError,
    SmuIdentityError,
    SmuRefusedError,
)
from soakbench.smu.smu import Identity, Reading, Settings
from soakbench.smu.wire import Wire

MODELS = ("2400", "2401", "2410", "2420", "2425", "2440")  # the 2430 has no HIMP in pulse mode

_OVERFLOW = 9.9e37  # the instrument's word for it; 9.91e37 is "not a number"
_OVER_RANGE = 1 << 0
_IN_COMPLIANCE = 1 << 3 | 1 << 16  # real compliance, and compliance of the range
_LEAST_RANGE_A = 1e-6
_FUNCTIONS = 2  # voltage and current, one after the other
_ZEROED_FACTOR = 3  # signal, zero and reference
_MILLI = 1000


class Keithley2400:
    """A Driver. To be made by `connect`."""

    def __init__(self, wire: Wire, terminals: str = "front") -> None:
        self._wire = wire
        self._terminals = terminals
        self._line_hz = 50.0
        self._unsure = False  # whether an answer may still be on its way
        self.identity = Identity("", "", "", "")
        self.found_on = False

    def connect(self) -> None:
        """Find out who it is, and put it into a known state with output off."""
        self.identity = self._identify()
        try:
            self._wake_up()
        except SmuError:
            with contextlib.suppress(SmuError):
                self.output_off()
            raise

    def reading_ms(self, settings: Settings, zeroed: bool) -> int:
        """By its integration time, its number of conversions and the way of the answer."""
        conversions = _FUNCTIONS * (_ZEROED_FACTOR if zeroed else 1)
        return (
            math.ceil(conversions * settings.nplc / self._line_hz * _MILLI) + self._wire.overhead_ms
        )

    def prepare(self, settings: Settings, most_v: float, zeroed: bool) -> None:
        """Everything a measurement depends on, whatever was set before."""
        limit_a = f"{settings.compliance_ma / _MILLI:.6g}"
        self._set(
            ":OUTP:SMOD HIMP",
            ":OUTP 0",
            ":SOUR:FUNC VOLT",
            ":SOUR:VOLT:MODE FIX",
            f":SOUR:VOLT:RANG {most_v:.6g}",
            ":SOUR:VOLT 0",
            ":SOUR:DEL 0",
            ":SENS:FUNC:CONC ON",
            ':SENS:FUNC "VOLT","CURR"',
            # A range may not exceed the limit's, a limit not be below 0.1 % of the range.
            f":SENS:CURR:RANG {_LEAST_RANGE_A:g}",
            f":SENS:CURR:PROT {limit_a}",
            f":SENS:CURR:RANG {limit_a}",
            f":SENS:CURR:NPLC {settings.nplc:g}",
            f":SYST:RSEN {'ON' if settings.wires == 4 else 'OFF'}",
            ":FORM:ELEM VOLT,CURR,STAT",
            f":SYST:AZER {'ON' if zeroed else 'ONCE'}",
        )
        self._check()

    def source_v(self, voltage_v: float) -> None:
        """Set the voltage, to 10 µV."""
        self._wire.write(f":SOUR:VOLT {round(voltage_v, 5) + 0.0:g}")

    def output_on(self) -> None:
        """Close the output relay; it needs 15 ms."""
        self._set(":OUTP 1")

    def read(self) -> Reading:
        """`:READ?`, not `:MEAS:CURR?`, which would set compliance and range back."""
        answer = self._ask(":READ?")
        fields = answer.split(",")
        if len(fields) != 3:
            raise self._garbled(":READ?", answer)
        volts, amperes, status = (self._number(":READ?", field) for field in fields)
        return Reading(
            voltage_v=_unless_overflow(volts),
            current_ma=_unless_overflow(amperes, -_MILLI),
            in_compliance=bool(int(status) & _IN_COMPLIANCE),
            overflow=bool(int(status) & _OVER_RANGE) or max(abs(volts), abs(amperes)) >= _OVERFLOW,
        )

    def output_off(self) -> None:
        """Confirmed by the instrument; a second time if the first answer was none."""
        if self._unsure:
            self._clear()
        try:
            self._off()
        except SmuError:
            self._clear()
            self._off()

    def close(self) -> None:
        """Let go of it. It stays in remote state, with output off if `output_off` was called."""
        self._wire.close()

    def _wake_up(self) -> None:
        self.found_on = self._ask(":OUTP?") != "0"
        self._set(":OUTP:SMOD HIMP", ":OUTP 0", "*RST", ":OUTP:SMOD HIMP", "*CLS")
        self._set(f":ROUT:TERM {'FRON' if self._terminals == 'front' else 'REAR'}")
        self._line_hz = self._number(":SYST:LFR?", self._ask(":SYST:LFR?"))
        self._refuse_unless(":OUTP:SMOD?", "HIMP")
        self._refuse_unless(":OUTP?", "0")
        self._check()

    def _off(self) -> None:
        self._wire.write(":OUTP 0")
        answer = self._ask(":OUTP?")
        if answer != "0":
            raise self._garbled(":OUTP?", answer)

    def _clear(self) -> None:
        """Where that fails, switching off may still get through."""
        with contextlib.suppress(SmuError):
            self._wire.clear()
            self._unsure = False

    def _identify(self) -> Identity:
        answer = self._ask("*IDN?")
        fields = [field.strip() for field in answer.split(",")]
        model = fields[1].removeprefix("MODEL ") if len(fields) == 4 else ""
        if "KEITHLEY" not in fields[0].upper() or model not in MODELS:
            raise SmuIdentityError(
                f'at {self._wire.name} is "{answer}", not a Keithley 2400',
                hint="write its right address as `resource` of [smu]; known models:"
                f" {', '.join(MODELS)}",
            )
        return Identity(fields[0], model, fields[2], fields[3])

    def _refuse_unless(self, query: str, expected: str) -> None:
        answer = self._ask(query)
        if answer != expected:
            raise SmuRefusedError(
                f'the source meter answers "{answer}" to {query}, where "{expected}" was set',
                hint="switch it off and on, then try `soakbench smu check`",
            )

    def _check(self) -> None:
        """SmuRefusedError with the instrument's words if it did not like what it was told."""
        answer = self._ask(":SYST:ERR?")
        number, _, words = answer.partition(",")
        if self._number(":SYST:ERR?", number) != 0:
            raise SmuRefusedError(
                f"the source meter refused a setting: {number} {words.strip(chr(34))}",
                hint="compliance_ma and nplc of [smu] and the plan's voltages must be within what"
                " this model can do",
            )

    def _set(self, *commands: str) -> None:
        """Each is done before the next is sent: a serial port may have no flow control."""
        for command in commands:
            self._wire.write(command)
            answer = self._ask("*OPC?")
            if answer != "1":
                raise self._garbled("*OPC?", answer)

    def _ask(self, query: str) -> str:
        """If it fails, the answer may come later and must not be taken for another one's."""
        self._unsure = True
        answer = self._wire.query(query)
        self._unsure = False
        return answer

    def _number(self, query: str, text: str) -> float:
        try:
            number = float(text)
        except ValueError as error:
            raise self._garbled(query, text) from error
        if not math.isfinite(number):
            raise self._garbled(query, text)
        return number

    def _garbled(self, query: str, answer: str) -> SmuGarbledError:
        self._unsure = True
        return SmuGarbledError(
            f'the source meter answers "{answer}" to {query}',
            hint="check the cable and, on a serial port, the baud rate; nobody else may talk to it",
        )


def _unless_overflow(value: float, factor: float = 1.0) -> float | None:
    return None if abs(value) >= _OVERFLOW else value * factor + 0.0


def connected(wire: Wire, table: SmuTable) -> Keithley2400:
    """A driver that has identified its instrument. The wire is closed if that fails."""
    driver = Keithley2400(wire, table.terminals)
    try:
        driver.connect()
    except BaseException:
        wire.close()
        raise
    return driver
