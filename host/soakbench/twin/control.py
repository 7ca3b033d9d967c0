"""Commands to a running twin: one JSON object a line in, one JSON answer a line out.

    {"cmd": "speed", "factor": 2400}      cells run that much faster, plates at most 10 times
    {"cmd": "cut", "for_s": 3}            pull the cable; without for_s until "plug"
    {"cmd": "plug"}
    {"cmd": "reset"}  {"cmd": "hang"}     the board; it keeps its scratch registers
    {"cmd": "power_cut", "for_s": 1}      the board, and its scratch registers are gone
    {"cmd": "lamp", "on": false}
    {"cmd": "thermistor", "station": "hotplate_box", "sensor": "plate", "fault": "open"}
    {"cmd": "move", "cells": ["A5"], "station": "hotplate_box"}
    {"cmd": "contact", "cells": ["A5"], "contact": "reversed"}          or "none", "good"
    {"cmd": "converter_silent", "converter": "a", "silent": true}
    {"cmd": "sensor_silent", "station": "hotplate_box", "sensor": "lux", "silent": true}
    {"cmd": "i2c_hung"}                   a device holds SDA low until it has had nine clocks
    {"cmd": "i2c_short", "shorted": true} SDA touches ground
    {"cmd": "meter", "voltage_v": 0.5}    what the cells on the source meter deliver: current_ma
    {"cmd": "truth"}                      what really is, see soakbench.twin.truth

The answer is {"ok": true, ...} or {"ok": false, "error": "..."}.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from soakbench.errors import SoakbenchError
from soakbench.twin.measure_bus import MeasureBus
from soakbench.twin.sensors import Fault
from soakbench.twin.simulation import Simulation
from soakbench.twin.stations import Contact
from soakbench.twin.truth import truth


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def arguments(self) -> dict[str, Any]:
        """What stands beside `cmd` and is the method's arguments."""
        return self.model_dump(exclude={"cmd"}, exclude_unset=True)


class Speed(_Command):
    """Let physics run faster than the clock."""

    cmd: Literal["speed"]
    factor: float = Field(gt=0, le=1_000_000)


class Cut(_Command):
    """Pull the cable."""

    cmd: Literal["cut"]
    for_s: float | None = Field(default=None, ge=0)


class PowerCut(_Command):
    """Take the board's power away for a while."""

    cmd: Literal["power_cut"]
    for_s: float = Field(default=1, ge=0)


class Lamp(_Command):
    """Let all lamps die, or burn again."""

    cmd: Literal["lamp"]
    on: bool


class Thermistor(_Command):
    """Break a thermistor's wire, or mend it."""

    cmd: Literal["thermistor"]
    station: str
    sensor: Literal["plate", "guard", "stage"]
    fault: Fault | None


class Move(_Command):
    """Carry cells to another station."""

    cmd: Literal["move"]
    cells: list[str]
    station: str


class CellContact(_Command):
    """Put cells into their holders well or badly."""

    cmd: Literal["contact"]
    cells: list[str]
    contact: Contact


class ConverterSilent(_Command):
    """Let a converter not answer."""

    cmd: Literal["converter_silent"]
    converter: str
    silent: bool


class SensorSilent(_Command):
    """Let a station's sensor on the bus not answer."""

    cmd: Literal["sensor_silent"]
    station: str
    sensor: Literal["lux", "humidity"]
    silent: bool


class I2cShort(_Command):
    """Let SDA touch ground."""

    cmd: Literal["i2c_short"]
    shorted: bool


class Meter(_Command):
    """Ask for the current at the source meter's terminals."""

    cmd: Literal["meter"]
    voltage_v: float


class Plain(_Command):
    """A command without arguments."""

    cmd: Literal["plug", "reset", "hang", "i2c_hung", "truth"]


Command = Annotated[
    Speed
    | Cut
    | PowerCut
    | Lamp
    | Thermistor
    | Move
    | CellContact
    | ConverterSilent
    | SensorSilent
    | I2cShort
    | Meter
    | Plain,
    Field(discriminator="cmd"),
]
_COMMANDS: TypeAdapter[_Command] = TypeAdapter(Command)


class Control:
    """Carries out commands on a simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._actions: dict[str, Callable[..., None]] = {
            "speed": simulation.speed,
            "cut": simulation.cut,
            "plug": simulation.plug,
            "reset": simulation.reset,
            "hang": simulation.hang,
            "power_cut": simulation.power_cut,
            "lamp": simulation.lamp,
            "thermistor": simulation.thermistor,
            "move": simulation.move,
            "contact": simulation.contact,
            "converter_silent": simulation.converter_silent,
            "sensor_silent": simulation.sensor_silent,
            "i2c_hung": simulation.i2c_hung,
            "i2c_short": simulation.i2c_short,
        }

    def answer(self, line: bytes) -> str:
        """Do what `line` asks and give the answer line, without its end."""
        try:
            values = self._obey(_COMMANDS.validate_json(line))
        except ValidationError as e:
            return _refusal("; ".join(_problem(error) for error in e.errors()))
        except SoakbenchError as e:
            return _refusal(str(e))
        return json.dumps({"ok": True, **values})

    def _obey(self, command: Any) -> dict[str, Any]:
        if command.cmd == "truth":
            return truth(self._simulation)
        if command.cmd == "meter":
            return {"current_ma": MeasureBus(self._simulation.board)(command.voltage_v)}
        self._actions[command.cmd](**command.arguments())
        return {}


def _refusal(error: str) -> str:
    return json.dumps({"ok": False, "error": error})


def _problem(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    return f"{where}: {error['msg']}" if where else str(error["msg"])
