"""The heaters' rules, judged on pins and the plates' true temperature.

What a running step asks for comes from the events as they were produced. They reach the account
by another way than the pins, whose timer may have run ahead: a change of a pin is judged once a
record was made after it, since then all events before it are known.
"""

from collections import deque

from soakbench.config import BenchConfig
from soakbench.config.bench import Heater
from soakbench.rehearsal.judge.findings import Findings, History, Rule
from soakbench.rehearsal.judge.provoked import WELDED, Provoked
from soakbench.twin.channel import PinState

ABOVE_CEILING_K = 5.0
HOTTEST_C = 85.0
_SLOT_MS = 100  # of the timer: an output may stay on for as long
_CONTROL_MS = 250  # the last control pass before a hang may have been as late
_DEAD_MAN_MS = 1000 + _CONTROL_MS + _SLOT_MS
_NEVER, _ALWAYS = float("-inf"), float("inf")


class Switch:
    """A pin that switches heat: the heater itself or the contactor before it."""

    def __init__(
        self, name: str, level: str, changes: deque[tuple[float, "Switch", bool]], history: History
    ) -> None:
        self.name = name
        self.on = False
        """As far as it was judged."""
        self.told = False
        """That it is on without leave; told once for each time."""
        self._level = PinState.HIGH if level == "high" else PinState.LOW
        self._driven = False
        self._changes = changes
        self._pulse = history.pulse

    def take(self, at_ms: float, state: PinState) -> None:
        """Follow the pin."""
        on = state == self._level
        if on != self._driven:
            self._driven = on
            self._pulse((at_ms, self.name, "on" if on else "off"))
            self._changes.append((at_ms, self, on))

    def release(self) -> None:
        """The pin drives nothing any more."""
        self.on = self.told = self._driven = False


class HeatedStation:
    """One station with a heater: what drives it, and what it may."""

    def __init__(
        self,
        name: str,
        heater: Heater,
        findings: Findings,
        history: History,
        provoked: Provoked,
    ) -> None:
        self.name = name
        self.limit_c = min(heater.ceiling_c + ABOVE_CEILING_K, HOTTEST_C)
        self.highest_c = _NEVER
        self._changes: deque[tuple[float, Switch, bool]] = deque()  # not judged yet
        self.heater = Switch(f"{name} heater", heater.active, self._changes, history)
        self.contactor: Switch | None = None
        if heater.contactor_pin is not None:
            level = heater.contactor_active
            self.contactor = Switch(f"{name} contactor", level, self._changes, history)
        self._findings = findings
        self._provoked = provoked
        self._asking: set[int] = set()
        self._asked_from_ms = _NEVER  # the stretch with leave to heat, and the one before it
        self._off_by_ms = 0.0
        self._off_by_ms_before = _NEVER
        self._hung_off_by_ms = _ALWAYS
        self._too_hot = False

    def ask(self, at_ms: float, track: int) -> None:
        """A running step of `track` asks for heat."""
        if not self._asking:
            self._off_by_ms_before = self._off_by_ms
            self._asked_from_ms = at_ms
            self._off_by_ms = _ALWAYS
        self._asking.add(track)

    def rest(self, at_ms: float, track: int) -> None:
        """It does no more."""
        if track in self._asking:
            self._asking.remove(track)
            if not self._asking:
                self._off_by_ms = at_ms + _SLOT_MS

    def hang(self, at_ms: float) -> None:
        """The board stops polling."""
        self._hung_off_by_ms = at_ms + _DEAD_MAN_MS

    def settle(self, now_ms: float) -> None:
        """Every event before `now_ms` is known: judge the pins up to there, and what is on."""
        self._judge_changes(now_ms)
        if now_ms > self._off_by_ms or now_ms > self._hung_off_by_ms:
            for switch in self._switches_on():
                self._judge_leave(now_ms, switch)

    def release(self, at_ms: float) -> None:
        """A reset: both outputs are off, at the same instant."""
        self.end(at_ms)
        self.heater.release()
        if self.contactor is not None:
            self.contactor.release()
        self._hung_off_by_ms = _ALWAYS

    def end(self, at_ms: float) -> None:
        """No more records will come of what has happened so far."""
        self._judge_changes(_ALWAYS)
        self.settle(at_ms)

    def plate(self, at_ms: float, temp_c: float) -> None:
        """The true temperature: called at each step of physics."""
        if temp_c > self.highest_c:
            self.highest_c = temp_c
        if (temp_c > self.limit_c) is not self._too_hot:
            self._limit_crossed(at_ms, temp_c)

    def _switches_on(self) -> list[Switch]:
        switches = (self.heater, self.contactor)
        return [switch for switch in switches if switch is not None and switch.on]

    def _judge_changes(self, before_ms: float) -> None:
        changes = self._changes
        while changes and changes[0][0] < before_ms:
            at_ms, switch, on = changes.popleft()
            switch.on = on
            self._judge_order(at_ms, switch)
            self._judge_leave(at_ms, switch)
            switch.told = switch.told and on

    def _limit_crossed(self, at_ms: float, temp_c: float) -> None:
        self._too_hot = not self._too_hot
        if self._too_hot:
            welded = self._provoked.by(WELDED, at_ms, at_ms, self.name)
            text = f"{self.name}: the plate has {temp_c:.1f} °C, more than {self.limit_c:g} °C"
            # A contactor is there to cut what a welded relay does not.
            excuse = "" if self.contactor is not None else welded
            self._findings.add(at_ms, Rule.PLATE_LIMIT, text, excuse)

    def _judge_order(self, at_ms: float, switch: Switch) -> None:
        """The contactor closes first and opens last."""
        contactor = self.contactor
        if contactor is None or not self.heater.on or contactor.on:
            return
        if switch is contactor:
            text = f"{contactor.name} opened while the heater was on"
        else:
            text = f"{switch.name} is on behind an open contactor"
        self._findings.add(at_ms, Rule.CONTACTOR, text)

    def _judge_leave(self, at_ms: float, switch: Switch) -> None:
        """It is on at `at_ms`, or was until then; has it leave to be?"""
        if switch.told:
            return
        if at_ms > self._hung_off_by_ms and switch is self.heater:
            switch.told = True
            text = f"{switch.name} is on, though the board hangs and should have let go of it"
            self._findings.add(at_ms, Rule.DEAD_MAN, text)
        elif not self._has_leave(at_ms):
            switch.told = True
            text = f"{switch.name} is on while no running step asks for heat there"
            self._findings.add(at_ms, Rule.HEAT_UNASKED, text)

    def _has_leave(self, at_ms: float) -> bool:
        if at_ms < self._asked_from_ms:
            return at_ms <= self._off_by_ms_before
        return at_ms <= self._off_by_ms


class Heat:
    """All heated stations."""

    def __init__(
        self, bench: BenchConfig, findings: Findings, history: History, provoked: Provoked
    ) -> None:
        self.stations: dict[str, HeatedStation] = {}
        self.pins: list[tuple[int, Switch]] = []
        for name, station in bench.stations.items():
            if station.heater is not None:
                self._fit(
                    HeatedStation(name, station.heater, findings, history, provoked), station.heater
                )

    def _fit(self, station: HeatedStation, heater: Heater) -> None:
        self.stations[station.name] = station
        self.pins.append((heater.pin, station.heater))
        if station.contactor is not None and heater.contactor_pin is not None:
            self.pins.append((heater.contactor_pin, station.contactor))

    def ask(self, at_ms: float, station: str, track: int) -> None:
        """A running step asks for heat at `station`."""
        if station in self.stations:
            self.stations[station].ask(at_ms, track)

    def rest(self, at_ms: float, track: int) -> None:
        """No step of `track` asks for heat anywhere."""
        for station in self.stations.values():
            station.rest(at_ms, track)

    def settle(self, now_ms: float) -> None:
        """All events before `now_ms` are known."""
        for station in self.stations.values():
            station.settle(now_ms)

    def end(self, at_ms: float) -> None:
        """All events so far are known."""
        for station in self.stations.values():
            station.end(at_ms)

    def hang(self, at_ms: float) -> None:
        """The board stops polling."""
        for station in self.stations.values():
            station.hang(at_ms)

    def release(self, at_ms: float) -> None:
        """A reset."""
        for station in self.stations.values():
            station.release(at_ms)
