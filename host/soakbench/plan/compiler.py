"""Plan and bench in, program out."""

import binascii
from datetime import timedelta
from typing import Literal

from soakbench.config import BenchConfig, PlanConfig
from soakbench.config.phases import (
    Ageing,
    Confirm,
    DarkRecovery,
    Environment,
    ThermalRecovery,
)
from soakbench.config.plan import PlanHead
from soakbench.config.policy import Policy
from soakbench.config.tracks import Track
from soakbench.errors import ConfigError
from soakbench.plan.board_config import Entry
from soakbench.plan.check import acceleration_problem, check
from soakbench.plan.course import CourseStep, Decide, Part, Wait, course, loops_of
from soakbench.plan.entries import KINDS, shortened, step_entry
from soakbench.plan.program import CompiledProgram, Policies, StepInfo, TrackInfo
from soakwire import blob_making, blobs


def compile_program(
    plan: PlanConfig, bench: BenchConfig, accelerate: float | None = None
) -> CompiledProgram:
    """The program for `plan` on `bench`; ConfigError if `check` finds anything.

    Args:
        accelerate: how many times faster goals and time-outs are reached; the plan's own by
            default. Sampling, lease, temperatures and safety stay in real time.
    """
    check(plan, bench)
    factor = plan.plan.accelerate if accelerate is None else accelerate
    problem = acceleration_problem(factor, bench)
    if problem is not None:
        raise ConfigError(f"acceleration: {problem}", "run without it, or on the bench `twin`")
    return compile_checked(plan, bench, factor)


def compile_checked(plan: PlanConfig, bench: BenchConfig, factor: float) -> CompiledProgram:
    """The program for a plan that has passed `check` before: of a run that has begun. What lay on
    the bench then, and the rules of then, need not be those that `check` knows now."""
    tracks = []
    entries = []
    for name, track in plan.tracks.items():
        steps = course(track)
        tracks.append(TrackInfo(name, list(track.cells), dict(track.roles), _infos(steps, factor)))
        entries.append([step_entry(step, bench, factor) for step in steps])
    blob, program_id = _pack(plan, bench, entries)
    return CompiledProgram(
        blob=blob,
        program_id=program_id,
        plan=plan.plan.name,
        title=plan.plan.title,
        accelerate=factor,
        lease_ms=round(plan.plan.lease_s * 1000),
        max_gap_ms=shortened(plan.plan.max_gap_ms, factor),
        resume_within_ms=_resume_within_ms(plan.plan.resume, factor),
        policies=_policies(plan.plan, factor),
        timezone=plan.plan.timezone,
        sample_ms=_sample_ms(plan),
        conditions=plan.conditions,
        isos=plan.plan.isos,
        tracks=tracks,
    )


def _resume_within_ms(resume: int | Literal["always", "ask"], factor: float) -> int | None:
    if resume == "always":
        return None
    return 0 if resume == "ask" else shortened(resume, factor)


def _sample_ms(plan: PlanConfig) -> int:
    return round(plan.plan.sample_s * 1000)


def _policies(head: PlanHead, factor: float) -> Policies:
    return Policies(
        _sooner(head.lamp_failure, factor),
        _sooner(head.light_leak, factor),
        Policy(head.trip),
        _sooner(head.operator_absence, factor),
        shortened(head.remind_ms, factor),
    )


def _sooner(policy: Policy, factor: float) -> Policy:
    return Policy(policy.do, shortened(policy.after_ms, factor)) if policy.after_ms else policy


def _timeout(phase: Part, factor: float) -> Policy:
    """Of a confirm, what to do when; of a phase, what follows when the board has paused it."""
    if isinstance(phase, Confirm) and phase.timeout_ms is not None:
        return Policy(phase.on_timeout, shortened(phase.timeout_ms, factor))
    if isinstance(phase, Environment) and phase.on_timeout != "pause":
        return Policy(phase.on_timeout)
    return Policy()


def _pack(plan: PlanConfig, bench: BenchConfig, entries: list[list[Entry]]) -> tuple[bytes, int]:
    """The blob and its program id."""
    sample_ms = _sample_ms(plan)
    head: Entry = {
        "magic": blobs.PROGRAM_MAGIC,
        "version": blobs.BLOB_VERSION,
        "tracks": len(entries),
        "program_id": 1,
        "sample": sample_ms,
        "fast_sample": min(round(plan.plan.fast_sample_s * 1000), sample_ms),
        "fast_for": round(plan.plan.fast_for_s * 1000),
        "host_loss": int(plan.plan.host_loss == "hold"),
    }
    tracks: list[Entry] = [
        {"cells": _cell_bits(track, bench), "steps": len(steps)}
        for track, steps in zip(plan.tracks.values(), entries, strict=True)
    ]
    # 0 means "no program" on the wire.
    program_id = binascii.crc32(blob_making.pack_program(head, tracks, entries)) or 1
    head["program_id"] = program_id
    return blob_making.pack_program(head, tracks, entries), program_id


def _cell_bits(track: Track, bench: BenchConfig) -> int:
    return sum(1 << bench.cell_index(cell) for cell in track.cells)


def _infos(steps: list[CourseStep], factor: float) -> list[StepInfo]:
    loops = loops_of(steps)
    return [_info(step, loop, factor) for step, loop in zip(steps, loops, strict=True)]


def _info(step: CourseStep, loop: tuple[int, int] | None, factor: float) -> StepInfo:
    phase = step.phase
    goal = phase.until if isinstance(phase, Environment) else None
    confirm = phase if isinstance(phase, Confirm) else None
    thermal = phase if isinstance(phase, ThermalRecovery) else None
    dark = phase if isinstance(phase, DarkRecovery | ThermalRecovery) else None
    return StepInfo(
        index=step.index,
        phase_index=step.phase_index,
        kind=KINDS[phase.phase],
        phase=phase.phase,
        station=step.station,
        goal=goal.amount if goal else None,
        unit=goal.unit if goal else "",
        goal_milli=shortened(goal.milli, factor) if goal else 0,
        label=phase.label,
        message=confirm.message if confirm else "",
        moves_to=confirm.station if confirm and confirm.station != step.station else None,
        by_sensors=list(confirm.by_sensors) if confirm else [],
        steady_ms=confirm.steady_ms if confirm else 0,
        timeout=_timeout(phase, factor),
        loads=step.loads,
        light_suns=phase.light_suns if isinstance(phase, Ageing) else None,
        start=phase.until if isinstance(phase, Wait) else None,
        pce_below=phase.pce_below if isinstance(phase, Decide) else None,
        late=phase.late if isinstance(phase, Wait) else timedelta(),
        dark_max_lux=dark.dark_max_lux if dark else None,
        target_c=thermal.target_c if thermal else None,
        band_c=thermal.band_c if thermal else None,
        loop=loop,
    )
