"""Bench, plan and fault files: TOML in, frozen models out, errors that say what to correct."""

from soakbench.config.bench import TWIN_PORT, BenchConfig
from soakbench.config.cells import CellSheet, parse_cells
from soakbench.config.faults import FaultScript
from soakbench.config.loading import (
    load_bench,
    load_cells,
    load_faults,
    load_plan,
    parse_bench,
    parse_faults,
    parse_plan,
)
from soakbench.config.plan import PlanConfig

__all__ = [
    "TWIN_PORT",
    "BenchConfig",
    "CellSheet",
    "FaultScript",
    "PlanConfig",
    "load_bench",
    "load_cells",
    "load_faults",
    "load_plan",
    "parse_bench",
    "parse_cells",
    "parse_faults",
    "parse_plan",
]
