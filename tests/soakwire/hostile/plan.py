"""All that one seed decides beforehand: the bench, the wires, the production and the mishaps."""

import random
from dataclasses import dataclass

from hostile import damage, wire

FAULTS_MS = (4_000, 40_000)  # how long things go wrong before they are put right

# Where a host can be killed, or the board reset, on a record's way into custody.
STEPS = (
    "received",
    "parsed",
    "handed to the store",
    "in the transaction",
    "committed",
    "ACK queued",
    "ACK partly written",
)
KILL_HOST = "host killed"
RESET_BOARD = "board reset"

STALL_HOST = "host does not read"
STALL_BOARD = "board does not read"
CABLE_OUT = "cable out"
REOPEN = "port reopened"
DISK = "disk does not write"
KILL = "host killed at any time"
RESET = "board reset at any time"
MISHAPS = (STALL_HOST, STALL_BOARD, CABLE_OUT, REOPEN, DISK, KILL, RESET)

HARMS = (0.0, 0.0, 0.02, 0.08, 0.2, 0.4)
TICKS = 1 << 30


@dataclass(frozen=True)
class Mishap:
    """Something that befalls the bench at a time, for a time."""

    at_ms: int
    what: str
    for_ms: int


@dataclass(frozen=True)
class Plan:
    """One scenario. `trap`: (step, how many times it is passed first, who dies)."""

    seed: int
    faults_ms: int
    mishaps: tuple[Mishap, ...]
    traps: tuple[tuple[str, int, str], ...]
    is_usb: bool
    up: wire.WireKind
    down: wire.WireKind
    harm: tuple[float, float]
    kinds: tuple[str, ...]
    sample_slots: int
    event_slots: int
    board_window: int
    host_window: int
    round_ms: tuple[int, int]
    round_records: int
    event_ms: tuple[int, int]
    event_burst: int
    board_poll_ms: int
    host_tick_ms: int
    ticks_at_boot: int
    commit_ms: tuple[int, int]
    command_ms: tuple[int, int]
    bad_batches: float


def draw(seed: int) -> Plan:
    """The plan of a seed."""
    rng = random.Random(f"{seed} plan")
    faults_ms = int(FAULTS_MS[0] * (FAULTS_MS[1] / FAULTS_MS[0]) ** rng.random())
    is_usb = rng.random() < 0.6
    arrival = rng.choices((wire.WHOLE, wire.PIECES, wire.SINGLE), (6, 5, 1))[0]
    slow = rng.choice((0, 0, 0, 5, 60, 400))
    kind = wire.WireKind(
        capacity=rng.choice((400, 1000, 4096, 16384)),
        latency_ms=(0, rng.choice((1, 5, 30)) + slow),
        bytes_per_ms=1000 if is_usb else 11,
        arrival=arrival,
    )
    round_ms = rng.choice((100, 400, 1000, 3000))
    event_ms = rng.choice((150, 1000, 4000))
    near_wrap = rng.random() < 0.2
    return Plan(
        seed=seed,
        faults_ms=faults_ms,
        mishaps=_mishaps(rng, faults_ms),
        traps=_traps(rng),
        is_usb=is_usb,
        up=kind,
        down=kind,
        harm=(rng.choice(HARMS), rng.choice(HARMS)),
        kinds=tuple(rng.sample(damage.KINDS, rng.randint(1, len(damage.KINDS)))),
        sample_slots=rng.choice((16, 24, 40, 64, 200)),
        event_slots=rng.choice((40, 64, 256)),
        board_window=rng.choice((7, 42, 168)),
        host_window=rng.choice((7, 42, 168)),
        round_ms=(round_ms, round_ms * 2),
        round_records=rng.randint(1, 4),
        event_ms=(event_ms, event_ms * 2),
        event_burst=rng.choice((1, 1, 1, 6)),
        board_poll_ms=rng.choice((100, 250, 500)),
        host_tick_ms=rng.choice((100, 200, 400)),
        ticks_at_boot=TICKS - rng.randint(1, faults_ms) if near_wrap else rng.randrange(TICKS),
        commit_ms=rng.choice(((1, 8), (1, 8), (5, 60), (50, 1500))),
        command_ms=(300, rng.choice((600, 4000))),
        bad_batches=rng.choice((0.0, 0.0, 0.0, 0.1)),
    )


def _mishaps(rng: random.Random, faults_ms: int) -> tuple[Mishap, ...]:
    """A few of any kind, or a storm of those that make new sessions."""
    count, kinds = rng.choice((0, 1, 2, 2, 3, 4, 6)), MISHAPS
    if rng.random() < 0.15:
        count, kinds = rng.randint(8, 20), (REOPEN, REOPEN, RESET, KILL)
    drawn = [
        Mishap(rng.randrange(faults_ms), rng.choice(kinds), _how_long(rng)) for _ in range(count)
    ]
    return tuple(sorted(drawn, key=lambda mishap: mishap.at_ms))


def _how_long(rng: random.Random) -> int:
    """0.1 to 30 s, short ones as likely as long ones."""
    return int(100 * 300 ** rng.random())


def _traps(rng: random.Random) -> tuple[tuple[str, int, str], ...]:
    return tuple(
        (rng.choice(STEPS), rng.randint(0, 12), rng.choice((KILL_HOST, KILL_HOST, RESET_BOARD)))
        for _ in range(rng.choice((0, 0, 1, 1, 2, 3)))
    )
