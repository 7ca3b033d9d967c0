"""A Keithley 2400 with a cell, strict where the manual is: ranges, limits, readings when off.

It speaks bytes, so that it can be behind any port. What a 2400 does not know, or knows and refuses,
goes into its error queue, as there.
"""

import math
from collections.abc import Callable

RANGES_A = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
OVER = 1.05  # of a range can be measured
IDENTITY = "KEITHLEY INSTRUMENTS INC.,MODEL 2400,1234567,C30   Mar 17 2006 09:29:29/A02  /K/J"


def range_for(amperes: float) -> float:
    """The most sensitive range that holds so much."""
    return next(r for r in RANGES_A if abs(amperes) <= r * OVER)


class Fake2400:
    """`cell_a` is the current (A) that flows into HI at a voltage, as the instrument counts it."""

    def __init__(self, cell_a: Callable[[float], float]) -> None:
        self.cell_a = cell_a
        self.errors: list[str] = []
        self.terminated = 0
        self._reset()
        self.output = True  # somebody has left it on
        self.sourced_v: list[float] = []
        self._pending = b""

    def _reset(self) -> None:
        self.output = False
        self.off_state = "NORM"
        self.voltage = 0.0
        self.source_range_v = 21.0
        self.limit_a = 105e-6
        self.range_a = 1e-4
        self.functions = '"CURR"'
        self.elements = "VOLT,CURR,RES,TIME,STAT"
        self.four_wire = False

    def receive(self, data: bytes) -> bytes:
        """Bytes in, bytes out. Commands end with CR; LF before the next one is white space.

        What came before a ^C is dropped.
        """
        *dropped, data = data.split(b"\x03")
        if dropped:
            self.terminated += 1
            self._pending = b""
        self._pending += data
        answers = b""
        while b"\r" in self._pending:
            line, _, self._pending = self._pending.partition(b"\r")
            answer = self.obey(line.decode().strip())
            if answer is not None:
                answers += answer.encode() + b"\n"
        return answers

    def obey(self, command: str) -> str | None:
        """One command; its answer, if it has one."""
        head, _, value = command.partition(" ")
        if head.endswith("?"):
            return self._tell(head)
        known = getattr(self, "_set_" + head.strip(":*").replace(":", "_").lower(), None)
        if known is None:
            self.errors.append('-113,"Undefined header"')
        else:
            known(value)
        return None

    def _tell(self, query: str) -> str | None:
        if query == "*IDN?":
            return IDENTITY
        if query == "*OPC?":
            return "1"
        if query == ":OUTP?":
            return str(int(self.output))
        if query == ":OUTP:SMOD?":
            return self.off_state
        if query == ":SYST:LFR?":
            return "50"
        if query == ":SYST:ERR?":
            return self.errors.pop(0) if self.errors else '0,"No error"'
        if query == ":READ?":
            return self._read()
        self.errors.append('-113,"Undefined header"')
        return None

    def _read(self) -> str | None:
        """Nothing at all with output off: the bus waits for ever."""
        if not self.output:
            self.errors.append('803,"Not permitted with OUTPUT off"')
            return None
        assert self.elements == "VOLT,CURR,STAT"
        amperes, status = self.cell_a(self.voltage), 1 << 14
        if abs(amperes) > self.limit_a:
            amperes, status = math.copysign(self.limit_a, amperes), status | 1 << 3
        shown = f"{amperes:+.6E}"
        if abs(amperes) > self.range_a * OVER:
            shown, status = "+9.900000E+37", status | 1
        status |= (1 << 22) if self.four_wire else 0
        volts = self.voltage if '"VOLT"' in self.functions else 9.91e37
        return f"{volts:+.6E},{shown},{status:+.6E}"

    def _refuse(self) -> None:
        self.errors.append('-222,"Parameter data out of range"')

    def _set_rst(self, _: str) -> None:
        self._reset()

    def _set_cls(self, _: str) -> None:
        self.errors.clear()

    def _set_outp(self, value: str) -> None:
        self.output = value == "1"

    def _set_outp_smod(self, value: str) -> None:
        self.off_state = value

    def _set_rout_term(self, value: str) -> None:
        self.output = False

    def _set_sour_func(self, value: str) -> None:
        assert value == "VOLT"

    def _set_sour_volt_mode(self, value: str) -> None:
        assert value == "FIX"

    def _set_sour_del(self, value: str) -> None:
        assert 0 <= float(value) <= 999.9999

    def _set_sour_volt_rang(self, value: str) -> None:
        self.source_range_v = next(r for r in (0.21, 2.1, 21, 210) if abs(float(value)) <= r)

    def _set_sour_volt(self, value: str) -> None:
        if abs(float(value)) > self.source_range_v:
            self._refuse()
            return
        self.voltage = float(value)
        self.sourced_v.append(self.voltage)

    def _set_sens_func_conc(self, value: str) -> None:
        assert value == "ON"

    def _set_sens_func(self, value: str) -> None:
        self.functions = value

    def _set_sens_curr_prot(self, value: str) -> None:
        """A limit below 0.1 % of the range is none."""
        if not self.range_a * 1e-3 <= float(value) <= 1.05:
            self._refuse()
            return
        self.limit_a = float(value)

    def _set_sens_curr_rang(self, value: str) -> None:
        """A range beyond the limit's cannot be had."""
        if range_for(float(value)) > range_for(self.limit_a):
            self.errors.append('+824,"Cannot exceed compliance range"')
            return
        self.range_a = range_for(float(value))

    def _set_sens_curr_nplc(self, value: str) -> None:
        if not 0.01 <= float(value) <= 10:
            self._refuse()

    def _set_syst_rsen(self, value: str) -> None:
        self.four_wire = value == "ON"

    def _set_syst_azer(self, value: str) -> None:
        assert value in ("ON", "ONCE")

    def _set_form_elem(self, value: str) -> None:
        self.elements = value
