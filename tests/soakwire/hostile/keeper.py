"""A model of the host's custody and its database, as short as the rules allow.

The real ones, soakbench.device.Custody over SQLite, stand in for it in `real_keeper.py`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from hostile.plan import Plan
from hostile.writer import Writer
from soakwire.host_end import BoardSeen, Records, State
from soakwire.records import LOSS, pack_slot
from soakwire.records import SLOT_SIZE as SLOT
from soakwire.slots import Record

Job = Callable[["Memory"], object]


class Keeper(Protocol):
    """What a host process needs of its custody; `committed` and `not_stored` are the link's."""

    committed: Callable[[int, int], None]
    not_stored: Callable[[int, int], None]

    def board_seen(self, seen: BoardSeen) -> int: ...

    def records(self, batch: Records) -> None: ...

    def state(self, state: State) -> None: ...


class NotStoredError(Exception):
    """The batch does not continue what is on disk, or is itself wrong (RE-13)."""


@dataclass
class Memory:
    """The database: what is in it survives the host."""

    boots: dict[int, int] = field(default_factory=dict)  # boot id: how many records known produced
    slots: dict[int, dict[int, bytes]] = field(default_factory=dict)
    is_full: bool = False
    is_healed: bool = False
    faults: list[str] = field(default_factory=list)

    def transact(self, jobs: list[Job]) -> list[object]:
        """Each job stands for itself; a failed one has changed nothing."""
        return [self._try(job) for job in jobs]

    def _try(self, job: Job) -> object:
        try:
            return job(self)
        except NotStoredError as error:
            return error

    def next_seq(self, boot: int) -> int:
        """The first seq of the boot that is not on disk."""
        return max(self.slots.get(boot, {}), default=-1) + 1

    def stored(self) -> dict[int, dict[int, bytes]]:
        """boot id: seq: slot."""
        return {boot: slots for boot, slots in self.slots.items() if slots}

    def known(self) -> set[int]:
        """The boots the host has noted."""
        return set(self.boots)

    def insert(self, boot: int, seq: int, slot: bytes) -> None:
        """A row; what is there already is left, and must be the same."""
        had = self.slots.setdefault(boot, {}).setdefault(seq, slot)
        if had != slot:
            self.faults.append(f"boot {boot:x} seq {seq}: two contents for one key")


class MemoryKeeper:
    """Custody over `Memory`."""

    def __init__(self, memory: Memory, writer: "Writer[Memory]", plan: Plan) -> None:
        self._memory = memory
        self._writer = writer
        self._rng = random.Random(f"{plan.seed} keeper")
        self._bad_batches = plan.bad_batches
        self._boot = 0
        self.committed: Callable[[int, int], None] = lambda _boot, _seq: None
        self.not_stored: Callable[[int, int], None] = lambda _boot, _seq: None

    def board_seen(self, seen: BoardSeen) -> int:
        """Note the boot, close the one before (RE-15); the first seq that is not on disk."""
        self._boot = boot = seen.boot_id
        self._writer.submit(lambda memory: _note_boot(memory, boot))
        return self._memory.next_seq(boot)

    def state(self, state: State) -> None:
        """How many records the board has produced."""
        boot, newest = self._boot, state.values["newest_seq"]
        self._writer.submit(lambda memory: _note_newest(memory, boot, newest))

    def records(self, batch: Records) -> None:
        """Store, then say so."""
        if not batch.items:
            self.committed(batch.boot_id, self._memory.next_seq(batch.boot_id))
            return
        is_bad = not self._memory.is_healed and self._rng.random() < self._bad_batches
        future = self._writer.submit(lambda memory: _add(memory, batch, is_bad))
        future.add_done_callback(lambda done: self._settle(batch.boot_id, done.exception() is None))

    def _settle(self, boot: int, is_stored: bool) -> None:
        tell = self.committed if is_stored else self.not_stored
        tell(boot, self._memory.next_seq(boot))


def _note_boot(memory: Memory, boot: int) -> None:
    if boot in memory.boots:
        return
    for before in memory.boots:
        _close(memory, before)
    memory.boots[boot] = 0


def _note_newest(memory: Memory, boot: int, newest: int) -> None:
    memory.boots[boot] = max(memory.boots.get(boot, 0), newest)


def _add(memory: Memory, batch: Records, is_bad: bool) -> None:
    if is_bad:
        raise NotStoredError("a batch that cannot be stored")
    if batch.after > memory.next_seq(batch.boot_id):
        raise NotStoredError(f"{batch.after} does not continue {memory.next_seq(batch.boot_id)}")
    for item in batch.items:
        memory.insert(batch.boot_id, item.seq, item.slot)


def _close(memory: Memory, boot: int) -> None:
    """An open-ended LOSS for a boot that is gone, once."""
    losses = [Record(slot) for slot in memory.slots.get(boot, {}).values()]
    bodies = [record.values for record in losses if record.kind == LOSS]
    if any(body["last_seq"] is None for body in bodies):
        return
    first = _first_absent(memory, boot, bodies)
    stored = len(memory.slots.get(boot, {}))
    declared = sum(body["absent"] or 0 for body in bodies)
    known = max(memory.boots[boot], memory.next_seq(boot))
    slot = bytearray(SLOT)
    body: list[int | None] = [first, None, known - stored - declared, 0, 0, 0, 0]
    pack_slot(slot, 0, first, (0, 0, 0), LOSS, 0, body)
    memory.insert(boot, first, bytes(slot))


def _first_absent(memory: Memory, boot: int, bodies: list[dict[str, int | None]]) -> int:
    """The first seq that is neither on disk nor declared."""
    slots = memory.slots.get(boot, {})
    for seq in range(memory.next_seq(boot)):
        if seq not in slots and not any(
            (body["first_seq"] or 0) <= seq <= (body["last_seq"] or 0) for body in bodies
        ):
            return seq
    return memory.next_seq(boot)
