"""The run that a daemon keeps, and the program that its board gets."""

import binascii
from dataclasses import dataclass, field

from soakbench.config import BenchConfig, parse_plan
from soakbench.plan import CompiledProgram, compile_checked
from soakbench.run import machine
from soakbench.run.caretaker import Caretaker
from soakbench.run.evidence import Follower
from soakbench.run.loop_ends import LoopEnds
from soakbench.run.orders import Orders
from soakbench.run.summary import StoredRun
from soakbench.run.waits import ClockWaits
from soakbench.status import RunState
from soakwire import blobs


@dataclass
class ActiveRun:
    """The run that this daemon keeps, until it ends."""

    stored: StoredRun
    program: CompiledProgram
    blob: bytes
    program_id: int
    state: RunState
    boots: set[str]
    orders: Orders
    waits: ClockWaits
    evidence: Follower
    caretaker: Caretaker
    loop_ends: LoopEnds
    confirmed: set[machine.Place] = field(default_factory=set)
    given: dict[machine.Place, int] = field(default_factory=dict)
    """Other goals than the plan's that the board has taken."""


def program_of(stored: StoredRun, bench: BenchConfig) -> CompiledProgram:
    """The program of a run in the database, on the bench it ran on."""
    return compile_checked(parse_plan(stored.plan_toml, stored.plan), bench, stored.accelerate)


def program_id_of(stored: StoredRun) -> int:
    """The program's id in this run. Another run of the same plan has another, so that a board
    that still holds an earlier run's program, or has finished it, is never mistaken for ours."""
    return binascii.crc32(stored.run.encode(), stored.program_id) or 1


def with_id(blob: bytes, program_id: int) -> bytes:
    """The program `blob` under another id."""
    head = blobs.PROGRAM_HEAD.unpack_named(blob)
    head["program_id"] = program_id
    return blobs.PROGRAM_HEAD.pack_named(head) + blob[blobs.PROGRAM_HEAD.size :]
