"""Lets a fault script happen to the simulated bench, to its computer and to the broker."""

import random
from collections.abc import Callable
from typing import NamedTuple, Protocol

from soakbench.config import FaultScript
from soakbench.config.faults import (
    AdcNoise,
    BoardHang,
    BoardReset,
    BrokerAway,
    CableOut,
    CellContact,
    DaemonKilled,
    DeviceSilent,
    Fault,
    HostAway,
    HostClock,
    I2cHung,
    I2cShort,
    Lamp,
    LidOpen,
    LightLeak,
    NoisyCable,
    OperatorAway,
    PowerCut,
    RelayStuck,
    SolidStateRelay,
    Thermistor,
)
from soakbench.rehearsal.host import Computer
from soakbench.rehearsal.host import HostClock as SetClock
from soakbench.rehearsal.noise import BitFlips
from soakbench.rehearsal.publisher import Broker
from soakbench.twin.memory_port import Harm, MemoryPort
from soakbench.twin.sensors import Fault as Wiring
from soakbench.twin.simulation import Simulation
from soakbench.twin.stations import Contact
from soakbench.twin.wires import SsrFault

FLICKER_MS = 1000  # half of a period

_BITES_MS = 10_000  # a hang is over when the watchdog has bitten

Action = Callable[[], None]


class Schedule(Protocol):
    """Whoever lets things happen at their time."""

    def at(self, ms: int, action: Action) -> None:
        """Do `action` at `ms` of the world."""


class Witness(Protocol):
    """Who is told what the script does."""

    def fault(self, at_ms: float, until_ms: float | None, kind: str, station: str = "") -> None:
        """It begins."""


class Targets(NamedTuple):
    """What faults act on. Those of the computer are called in the event loop."""

    schedule: Schedule
    simulation: Simulation
    port: MemoryPort
    computer: Computer
    clock: SetClock
    broker: Broker
    operator_away: Callable[[bool], None]
    chance: random.Random
    in_loop: Callable[[Action], None]


class Faults:
    """A script and what it acts on."""

    def __init__(self, script: FaultScript, on: Targets) -> None:
        self._script = script
        self._on = on

    def plan(self, witness: Witness) -> None:
        """Let everything happen at its time, and tell `witness` when it does."""
        for fault in self._script.faults:
            self._on.schedule.at(fault.at_ms, self._beginning(fault, witness))

    def _beginning(self, fault: Fault, witness: Witness) -> Action:
        until_ms = end_ms(fault)
        begin, mend = self._actions(fault)
        station = getattr(fault, "station", "")

        def happen() -> None:
            witness.fault(fault.at_ms, until_ms, fault.fault, station)
            begin()
            if mend is not None and until_ms is not None:
                self._on.schedule.at(until_ms, mend)

        return happen

    def _actions(self, fault: Fault) -> tuple[Action, Action | None]:
        """What it does, and what ends it (nothing where it ends by itself, or never)."""
        match fault:
            case DaemonKilled() | HostAway() | HostClock() | BrokerAway():
                return self._on_the_host(fault)
            case OperatorAway():
                return lambda: self._on.operator_away(True), lambda: self._on.operator_away(False)
            case CableOut() | NoisyCable():
                return self._on_the_cable(fault)
            case BoardReset() | PowerCut() | BoardHang():
                return self._on_the_board(fault), None
            case I2cHung():
                return self._on.simulation.i2c_hung, None
            case DeviceSilent() | I2cShort():
                return self._on_the_bus(fault)
            case _:
                return self._on_the_wiring(fault)

    def _on_the_host(
        self, fault: DaemonKilled | HostAway | HostClock | BrokerAway
    ) -> tuple[Action, Action | None]:
        on = self._on
        match fault:
            case DaemonKilled():
                return lambda: on.in_loop(on.computer.kill), None
            case HostAway():
                off_ms = fault.for_ms
                return lambda: on.in_loop(lambda: on.computer.kill(off_ms)), None
            case HostClock():
                by_ms = fault.by_ms
                return lambda: on.clock.set_by(by_ms), None
            case BrokerAway():
                return lambda: on.broker.be(False), lambda: on.broker.be(True)

    def _on_the_cable(self, fault: CableOut | NoisyCable) -> tuple[Action, Action]:
        if isinstance(fault, CableOut):
            return self._on.simulation.cut, self._on.simulation.plug
        port, flips = self._on.port, BitFlips(fault.rate, self._on.chance)

        def harm(harm: Harm | None) -> None:
            port.harm_in = port.harm_out = harm

        return lambda: harm(flips.harm), lambda: harm(None)

    def _on_the_board(self, fault: BoardReset | PowerCut | BoardHang) -> Action:
        simulation = self._on.simulation
        match fault:
            case BoardReset():
                return simulation.reset
            case PowerCut():
                for_s = fault.for_ms / 1000
                return lambda: simulation.power_cut(for_s)
            case BoardHang():
                return simulation.hang

    def _on_the_wiring(
        self,
        fault: Thermistor
        | SolidStateRelay
        | LidOpen
        | Lamp
        | LightLeak
        | RelayStuck
        | CellContact
        | AdcNoise,
    ) -> tuple[Action, Action]:
        simulation = self._on.simulation
        match fault:
            case Thermistor(station=station, sensor=sensor):
                wiring, offset_k = Wiring(fault.how), fault.offset_k or 0.0
                return (
                    lambda: simulation.thermistor(station, sensor, wiring, offset_k),
                    lambda: simulation.thermistor(station, sensor, None),
                )
            case SolidStateRelay(station=station, how=how):
                return (
                    lambda: simulation.ssr(station, SsrFault(how)),
                    lambda: simulation.ssr(station, None),
                )
            case LidOpen(station=station):
                return lambda: simulation.lid(station, True), lambda: simulation.lid(station, False)
            case Lamp():
                return self._on_the_lamp(fault)
            case LightLeak(station=station, lux=lux):
                return (
                    lambda: simulation.light_leak(station, lux),
                    lambda: simulation.light_leak(station, 0.0),
                )
            case RelayStuck(cell=cell):
                return (
                    lambda: simulation.relay_stuck(cell, True),
                    lambda: simulation.relay_stuck(cell, False),
                )
            case CellContact(cell=cell, how=how):
                return (
                    lambda: simulation.contact([cell], Contact(how)),
                    lambda: simulation.contact([cell], Contact.GOOD),
                )
            case AdcNoise(lsb=lsb):
                return lambda: simulation.adc_noise(lsb), lambda: simulation.adc_noise(None)

    def _on_the_bus(self, fault: DeviceSilent | I2cShort) -> tuple[Action, Action]:
        simulation = self._on.simulation
        if isinstance(fault, I2cShort):
            return lambda: simulation.i2c_short(True), lambda: simulation.i2c_short(False)
        converter, station, sensor = fault.converter, fault.station, fault.sensor
        if converter is not None:
            return (
                lambda: simulation.converter_silent(converter, True),
                lambda: simulation.converter_silent(converter, False),
            )
        assert station is not None  # the script has one of the two
        assert sensor is not None
        return (
            lambda: simulation.sensor_silent(station, sensor, True),
            lambda: simulation.sensor_silent(station, sensor, False),
        )

    def _on_the_lamp(self, fault: Lamp) -> tuple[Action, Action]:
        simulation = self._on.simulation
        if fault.how == "dead":
            return lambda: simulation.lamp(False), lambda: simulation.lamp(True)
        if fault.how == "drift":
            return (
                lambda: simulation.lamp_level(fault.to),
                lambda: simulation.lamp_level(1.0),
            )
        flicker = Flicker(self._on.schedule, simulation.lamp_level, fault)
        return flicker.begin, flicker.end


class Flicker:
    """A lamp that loses part of its light in every other second."""

    def __init__(self, schedule: Schedule, set_level: Callable[[float], None], fault: Lamp) -> None:
        self._schedule = schedule
        self._set_level = set_level
        self._levels = fault.to, 1.0
        self._next_ms = fault.at_ms
        self._goes_on = True

    def begin(self) -> None:
        """From now on."""
        self._turn()

    def end(self) -> None:
        """It burns again."""
        self._goes_on = False
        self._set_level(1.0)

    def _turn(self) -> None:
        if self._goes_on:
            self._set_level(self._levels[0])
            self._levels = self._levels[::-1]
            self._next_ms += FLICKER_MS
            self._schedule.at(self._next_ms, self._turn)


def end_ms(fault: Fault) -> int | None:
    """When it is over; None: never."""
    if isinstance(fault, BoardHang):
        return fault.at_ms + _BITES_MS
    if isinstance(fault, BoardReset | DaemonKilled | HostClock | I2cHung):
        return fault.at_ms
    return None if fault.for_ms is None else fault.at_ms + fault.for_ms


def last_ms(script: FaultScript) -> int:
    """When the script has done the last that it does."""
    return max((end_ms(fault) or fault.at_ms for fault in script.faults), default=0)
