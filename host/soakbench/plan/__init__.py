"""From a plan and a bench to what the board runs, and to what happens when."""

from soakbench.plan.board_config import compile_config
from soakbench.plan.check import check
from soakbench.plan.compiler import compile_checked, compile_program
from soakbench.plan.program import CompiledProgram, StepInfo, TrackInfo
from soakbench.plan.timeline import NOTE, PlannedPhase, TrackTimeline, timeline

__all__ = [
    "NOTE",
    "CompiledProgram",
    "PlannedPhase",
    "StepInfo",
    "TrackInfo",
    "TrackTimeline",
    "check",
    "compile_checked",
    "compile_config",
    "compile_program",
    "timeline",
]
