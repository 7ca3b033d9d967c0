"""The run that curves belong to, with its plan, bench and devices as they were."""

from dataclasses import dataclass

from soakbench.config import BenchConfig, parse_bench
from soakbench.config.cells import with_devices
from soakbench.errors import CurveError
from soakbench.plan import CompiledProgram
from soakbench.run.active import program_of
from soakbench.run.curves.stages import Stages, stages_of
from soakbench.run.summary import find_run
from soakbench.store import Store
from soakbench.store.devices import read_devices


@dataclass(frozen=True)
class KnownRun:
    """A run by its name."""

    run: str
    bench: BenchConfig
    """With the devices that lay on it: their aperture areas, not the bench's."""
    program: CompiledProgram
    stages: Stages


def known_run(store: Store, run: str | None) -> KnownRun:
    """Run `run`, or the newest. CurveError if there is none."""
    stored = find_run(store, run)
    if stored is None:
        raise CurveError(
            f"there is no run {run}" if run else "there is no run yet",
            hint="`soakbench summary` names the newest run; is it another --data directory?",
        )
    bench = parse_bench(stored.bench_toml, f"bench file of run {stored.run}")
    there = with_devices(bench, read_devices(store, stored.run))
    program = program_of(stored, there)
    return KnownRun(stored.run, there, program, stages_of(store, stored.run, program))
