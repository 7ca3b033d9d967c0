"""What the records of a run tell, read once for all that is made of it."""

from dataclasses import dataclass

from soakbench.plan import CompiledProgram
from soakbench.run.history import Stretches, read_tracks
from soakbench.run.readings import Sensors
from soakbench.run.spans import Span, Visit, read_spans
from soakbench.store import Store
from soakbench.store.columns import Axis


@dataclass(frozen=True)
class Recorded:
    """Of one run."""

    spans: dict[Visit, Span]
    tracks: list[Stretches]
    sensors: Sensors


def read_recorded(store: Store, run: str, program: CompiledProgram) -> Recorded:
    """All of it."""
    axis = Axis(store, run)
    return Recorded(
        spans=read_spans(store, run),
        tracks=read_tracks(store, run, axis, len(program.tracks)),
        sensors=Sensors(store, run, axis, program.sample_ms, program.accelerate),
    )
