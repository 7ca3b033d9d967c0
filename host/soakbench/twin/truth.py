"""The twin's own account of what is and was: JSON-ready dictionaries."""

from typing import Any

from soakbench.twin.simulation import Simulation
from soakbench.twin.stations import CellSim, StationSim
from soakbench.twin.wires import Drive


def truth(simulation: Simulation) -> dict[str, Any]:
    """Everything at the present moment; keys carry their units."""
    simulation.settle()
    board, mcu, port = simulation.board, simulation.mcu, simulation.port
    board.settle_cells()
    return {
        "t_ms": simulation.now_ms,
        "speed": {"cells": board.cell_speed, "plates": board.plate_speed},
        "board": {
            "powered": mcu.powered,
            "running": mcu.running,
            "boots": mcu.boots,
            "watchdog_resets": mcu.watchdog_resets,
            "exchanges": mcu.exchanges,
        },
        "port": {
            "plugged": port.plugged,
            "host_present": port.host_present,
            "bytes_in": port.bytes_in,
            "bytes_out": port.bytes_out,
            "bytes_dropped": port.bytes_dropped,
        },
        "pins": {
            str(gpio): {"state": state.name.lower(), "changes": board.wires.changes[gpio]}
            for gpio, state in sorted(board.wires.states.items())
        },
        "stations": {name: _station(sim) for name, sim in board.stations.items()},
        "cells": {
            name: _cell(sim, board.stations[sim.station]) for name, sim in board.cells.items()
        },
    }


def _station(sim: StationSim) -> dict[str, Any]:
    return {
        "plate_c": sim.plate.temp_c if sim.plate else None,
        "stage_c": sim.stage.temp_c,
        "suns": sim.suns,
        "lux": sim.lux,
        "lamp_on": sim.lamp_on,
        "shutter": _drive(sim.shutter),
        "heater": _drive(sim.heater),
        "contactor": _drive(sim.contactor),
        "heating": sim.heating,
        "heated_s": sim.heated_ms / 1000,
    }


def _cell(sim: CellSim, station: StationSim) -> dict[str, Any]:
    return {
        "station": sim.station,
        "load": sim.load,
        "contact": sim.contact.value,
        "measured": sim.measured,
        "short_relay": _drive(sim.short),
        "measure_relay": _drive(sim.measure),
        "temp_c": sim.body.temp_c,
        "voc_v": sim.state.voc_v,
        "pad_v": sim.pad_v(station, 0.0),
        "short_a": sim.short_a(station),
        "oc_sun_h": sim.oc_sun_h,
        "sc_sun_h": sim.sc_sun_h,
    }


def _drive(drive: Drive | None) -> dict[str, Any] | None:
    return None if drive is None else {"on": drive.on, "switched_on": drive.switched}
