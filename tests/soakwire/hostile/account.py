"""What was produced and done, kept outside both ends, and the verdict when all is quiet.

A record's number lies in its body and is used once in a scenario, so a stored slot can be held
against what the board was asked to write, byte for byte.
"""

from collections import Counter
from dataclasses import dataclass, field

from hostile import core
from soakwire.records import CELLS, EVENT, LOSS, SLOT_SIZE, TRACK, pack_slot
from soakwire.slots import Record

NUMBER_OFFSET = {CELLS: "loads", TRACK: "delivered", EVENT: "delivered"}

SENT = "sent"
DONE = "answered: done"
LATE = "answered: too late"
FAILED = "waiter failed"


@dataclass
class Boot:
    """What one boot of the board was asked to write."""

    produced: dict[int, tuple[int, bool]] = field(default_factory=dict)  # number: t_ms, is event
    next_seq: int = 0
    is_dead: bool = False


@dataclass(frozen=True)
class Loss:
    """A LOSS as stored; `last` None: open."""

    first: int
    last: int | None
    absent: int


class Account:
    """The third party."""

    def __init__(self) -> None:
        self.boots: dict[int, Boot] = {}
        self.effects: Counter[int] = Counter()
        self.commands: dict[int, str] = {}
        self.not_after: dict[int, int] = {}
        self.faults: list[str] = []
        self._number = 0

    def number(self) -> int:
        """A number that nothing else has."""
        self._number += 1
        return self._number

    def effect(self, number: int, t_ms: int) -> None:
        """A command has taken effect on the board at its time `t_ms`."""
        self.effects[number] += 1
        limit = self.not_after.get(number, 0)
        if limit and t_ms > limit:
            self.faults.append(f"CO-3: command {number} took effect {t_ms - limit} ms too late")

    def settle(self, stored: dict[int, dict[int, bytes]], known: set[int]) -> list[str]:
        """Everything that is wrong. `stored`: boot id: seq: slot; `known`: boots the host knows."""
        found = [*self.faults, *self._commands_wrong()]
        for boot_id, boot in self.boots.items():
            if boot.is_dead and boot_id not in known:
                if boot_id in stored:
                    found.append(f"{boot_id:x}: records of a boot that the host does not know")
                continue  # it came and went unseen: nobody can tell of it
            verdict = Verdict(boot, stored.get(boot_id, {}))
            found.extend(f"boot {boot_id:x}: {text}" for text in verdict.wrong())
        found.extend(f"boot {b:x} has never been" for b in set(stored) - set(self.boots))
        return found

    def _commands_wrong(self) -> list[str]:
        found = []
        for number, state in self.commands.items():
            times = self.effects[number]
            if times > 1:
                found.append(f"CO-4: command {number} had its effect {times} times")
            if state == DONE and times != 1:
                found.append(f"CO-1: command {number} was answered and had {times} effects")
            if state == LATE and times:
                found.append(f"CO-3: command {number} was refused and had its effect")
            if state == SENT:
                found.append(f"CO-9: command {number} has a waiter still")
        found.extend(f"effect {n} of no command" for n in set(self.effects) - set(self.commands))
        return found


class Verdict:
    """One boot's records as stored, against those it was asked to write."""

    def __init__(self, boot: Boot, stored: dict[int, bytes]) -> None:
        self._boot = boot
        self._losses: dict[int, Loss] = {}
        self._numbers: dict[int, int] = {}  # seq: number
        self._slots = stored
        for seq, slot in sorted(stored.items()):
            record = Record(slot)
            values = record.values
            if record.kind == LOSS:
                first, last, absent = (values[n] for n in ("first_seq", "last_seq", "absent"))
                self._losses[seq] = Loss(first or 0, last, absent or 0)
            else:
                self._numbers[seq] = values[NUMBER_OFFSET[record.kind]] or 0

    def wrong(self) -> list[str]:
        """What is wrong in words; empty if all is well."""
        return [*self._content(), *self._gaps(), *self._open_losses()]

    def _content(self) -> list[str]:
        found = []
        last = 0
        for seq, number in self._numbers.items():
            if number not in self._boot.produced:
                found.append(f"seq {seq}: number {number} was not produced in this boot")
            elif number <= last:
                found.append(f"seq {seq}: number {number} is stored twice or out of order")
            elif self._expected(seq, number) != self._slots[seq]:
                found.append(f"seq {seq}: number {number} is not what was produced")
            last = max(last, number)
        return found

    def _expected(self, seq: int, number: int) -> bytes:
        t_ms, is_event = self._boot.produced[number]
        slot = bytearray(SLOT_SIZE)
        if is_event:
            pack_slot(slot, 0, seq, core.stamp(t_ms), EVENT, 1, core.event_values(number))
        else:
            kind, values = core.sample_values(number)
            pack_slot(slot, 0, seq, core.stamp(t_ms), kind, 0, values)
        return bytes(slot)

    def _own(self) -> set[int]:
        """The seqs the board has used and the host has stored."""
        return {s for s in self._slots if s not in self._losses or self._losses[s].last is not None}

    def _gaps(self) -> list[str]:
        """Stored = produced - absent (RE-10), and each absent seq inside a declared stretch."""
        missing = set(range(self._boot.next_seq)) - self._own()
        closed = [loss for loss in self._losses.values() if loss.last is not None]
        opened = [loss for loss in self._losses.values() if loss.last is None]
        found = []
        end = min((loss.first for loss in opened), default=self._boot.next_seq)
        uncovered = sorted(
            seq
            for seq in missing
            if seq < end and not any(loss.first <= seq <= (loss.last or 0) for loss in closed)
        )
        if uncovered:
            found.append(f"{len(uncovered)} records lost in silence: {uncovered[:8]}")
        declared = sum(loss.absent for loss in closed)
        if not self._boot.is_dead and declared != len(missing):
            found.append(f"RE-10: {len(missing)} absent, {declared} declared")
        known = sum(loss.absent for loss in opened)
        if declared + known > len(missing):
            found.append(f"RE-15: {len(missing)} absent, {declared} + {known} declared")
        attempts = len(self._boot.produced)
        if attempts - len(self._numbers) > len(missing):
            found.append(f"{attempts} produced, {len(self._numbers)} stored, no seq for the rest")
        if max(self._own(), default=-1) >= self._boot.next_seq:
            found.append("a seq that the board has not reached")
        return found

    def _open_losses(self) -> list[str]:
        opened = sum(loss.last is None for loss in self._losses.values())
        if opened != int(self._boot.is_dead):
            what = "dead" if self._boot.is_dead else "living"
            return [f"RE-15: {opened} open LOSS for a {what} boot"]
        return []
