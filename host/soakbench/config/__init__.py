"""Bench and plan files: TOML in, frozen models out, errors that say what to correct."""

from soakbench.config.bench import TWIN_PORT, BenchConfig
from soakbench.config.loading import load_bench, load_plan, parse_bench, parse_plan
from soakbench.config.plan import PlanConfig

__all__ = [
    "TWIN_PORT",
    "BenchConfig",
    "PlanConfig",
    "load_bench",
    "load_plan",
    "parse_bench",
    "parse_plan",
]
