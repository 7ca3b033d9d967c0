"""What the demo claims to have shown, checked against the database and the broker's listener."""

import subprocess

from pydantic import BaseModel

from soakbench.cli.demo.evidence import (
    Plate,
    firmware_of,
    loads_under_light,
    plates,
    records_of,
)
from soakbench.cli.demo.listener import Listener
from soakbench.config import BenchConfig, PlanConfig
from soakbench.errors import BenchFault
from soakbench.status import PhaseSummary, Summary
from soakbench.store import Store
from soakbench.twin.child import find_interpreter

TOPICS = ("availability", "host/availability", "info", "state", "run", "rec", "event")
REACHED = ("done", "pending")  # a J-V sweep stays pending: there is no source meter here
ASK_S = 20.0


class Claim(BaseModel):
    """One thing that the demo shows, and what was found."""

    claim: str
    holds: bool
    found: str


def check_claims(
    bench: BenchConfig, plan: PlanConfig, summary: Summary, listener: Listener, store: Store
) -> list[Claim]:
    """All claims of the demo, in the order they are told."""
    return [
        _firmware(firmware_of(store), micropython_version()),
        _phases(summary),
        _loads(loads_under_light(store, summary.run, plan, list(bench.cells)), plan),
        *[_temperature(plate) for plate in plates(store, summary.run, plan)],
        _custody(summary),
        _broker(records_of(store, summary.run), listener),
    ]


def micropython_version() -> str:
    """What the interpreter of the simulated board says it is. BenchFault if it does not run."""
    question = "import sys; print(sys.implementation[0], '.'.join(map(str, sys.implementation[1])))"
    try:
        answer = subprocess.run(
            [*find_interpreter(), "-c", question],
            capture_output=True,
            text=True,
            timeout=ASK_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise BenchFault(f"MicroPython does not run: {error}") from error
    return answer.stdout.strip()


def _firmware(version: str | None, interpreter: str) -> Claim:
    return Claim(
        claim="the board's firmware ran in MicroPython",
        holds=version is not None and interpreter.startswith("micropython"),
        found=f"firmware {version} in {interpreter}",
    )


def _phases(summary: Summary) -> Claim:
    missing = [f"{p.track}: {p.phase} {p.state}" for p in summary.phases if not _reached(p)]
    return Claim(
        claim="every track went through all its phases and got what was planned",
        holds=summary.state == "finished" and not missing,
        found=", ".join([f"run {summary.state}", *missing]),
    )


def _reached(phase: PhaseSummary) -> bool:
    if phase.planned is None:
        return phase.state in REACHED
    return phase.state == "done" and (phase.delivered or 0) >= phase.planned


def _loads(found: dict[str, set[tuple[str, str]]], plan: PlanConfig) -> Claim:
    cells = [cell for track in plan.tracks.values() for cell in track.cells]
    wrong = [
        f"{cell} {load} instead of {wanted}"
        for cell in cells
        for wanted, load in sorted(found.get(cell, {("a load", "no sample")}))
        if load != wanted
    ]
    held = [next(iter(found[cell]))[1] for cell in cells if len(found.get(cell, ())) == 1]
    counts = " and ".join(f"{held.count(load)} cells at {load}" for load in sorted(set(held)))
    return Claim(
        claim="the relays held every cell at its load under light",
        holds=not wrong,
        found=", ".join(wrong) or counts,
    )


def _temperature(plate: Plate) -> Claim:
    wanted, values = plate.wanted, plate.values_c
    found = "no sample in the band"
    if values:
        found = f"{len(values)} samples from {min(values):.2f} to {max(values):.2f} °C"
    return Claim(
        claim=f"the hotplate held {wanted.target_c:g} ± {wanted.band_c:g} °C",
        holds=bool(values) and all(abs(c - wanted.target_c) <= wanted.band_c for c in values),
        found=found,
    )


def _custody(summary: Summary) -> Claim:
    counts = summary.records
    return Claim(
        claim="every record that the board produced is in the database",
        holds=counts.produced == counts.stored > 0 and counts.lost == 0,
        found=f"{counts.produced} produced, {counts.stored} stored, {counts.lost} lost",
    )


def _broker(stored: set[tuple[str, str, int]], listener: Listener) -> Claim:
    absent = [topic for topic in TOPICS if not listener.messages[topic]]
    missed = len(stored - listener.records)
    found = f"{len(stored) - missed} of the run's {len(stored)}"
    return Claim(
        claim="every record reached another MQTT client over the broker",
        holds=bool(stored) and not missed and not absent,
        found=found + (f", no message on {', '.join(absent)}" if absent else ""),
    )
