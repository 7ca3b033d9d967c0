"""A plan that is to become a run: whether it can, and what the database keeps of it."""

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from soakbench.config import BenchConfig, CellSheet, PlanConfig
from soakbench.config.cells import CellFacts, with_devices
from soakbench.plan import CompiledProgram, compile_program
from soakbench.run.summary import StoredRun

Also = Callable[[sqlite3.Connection, str], None]
"""What is written in the transaction that makes a run; gets the run's name."""


@dataclass(frozen=True)
class Planned:
    """What is to be run."""

    plan: PlanConfig
    accelerate: float
    cells: CellSheet = field(default_factory=CellSheet)

    def program(self, bench: BenchConfig) -> CompiledProgram:
        """ConfigError if plan, list of cells and bench do not fit each other."""
        there = with_devices(bench, self.cells.on(bench))
        return compile_program(self.plan, there, self.accelerate)

    def devices(self, bench: BenchConfig) -> dict[str, CellFacts]:
        """What is known of the cells of the plan, and of others that the list names."""
        tracks = self.plan.tracks.values()
        wanted = {cell for track in tracks for cell in track.cells} | set(self.cells.facts)
        return {cell: facts for cell, facts in self.cells.on(bench).items() if cell in wanted}

    def draft(
        self, run: str, now_utc_ms: int, bench: BenchConfig, program: CompiledProgram
    ) -> StoredRun:
        """The run of `program`, in which nothing has happened yet."""
        return StoredRun(
            run=run,
            plan=program.plan,
            title=program.title,
            state="arming",
            accelerate=program.accelerate,
            created_utc_ms=now_utc_ms,
            started=None,
            ended=None,
            message="",
            program_id=program.program_id,
            plan_toml=self.plan.source.text,
            bench_toml=bench.source.text,
        )


def random_suffix() -> str:
    """Four digits that no other run of this second has."""
    return secrets.token_hex(2)
