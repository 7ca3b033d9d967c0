"""The devices on the bench during a run, for its account."""

from soakbench.cell_history import Device
from soakbench.plan import CompiledProgram
from soakbench.store import Store
from soakbench.store.devices import read_devices


def devices_of(store: Store, run: str, program: CompiledProgram) -> list[Device]:
    """By track, then what else the run's list of cells names."""
    known = read_devices(store, run)
    in_tracks = [cell for track in program.tracks for cell in track.cells if cell in known]
    order = dict.fromkeys([*in_tracks, *known])
    return [Device(cell=cell, **known[cell].model_dump()) for cell in order]
