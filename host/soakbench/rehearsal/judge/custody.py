"""Custody: what was produced is stored, or declared lost, and nothing else is in the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from soakbench.rehearsal.judge.findings import Findings, Rule
from soakbench.rehearsal.judge.losses import Loss, count_between, loss_of, ranges, stretches
from soakbench.rehearsal.judge.produced import Boot, Produced
from soakbench.rehearsal.judge.stored import Stored


@dataclass
class CustodyCount:
    """Records in all boots. produced = stored + declared_loss + on_board + missing."""

    produced: int = 0
    """Seqs used up, those of samples left out at the source among them."""
    stored: int = 0
    """In the database as they were made."""
    declared_loss: int = 0
    on_board: int = 0
    """Of the present boot, younger than what had to be stored by now."""
    missing: int = 0
    duplicates: int = 0
    foreign: int = 0
    """In the database, but never made, or made otherwise."""
    open_losses: int = 0
    """Written by the host for boots that died."""

    def add(self, other: "CustodyCount") -> None:
        """And those too."""
        for field in fields(self):
            total = getattr(self, field.name) + getattr(other, field.name)
            setattr(self, field.name, total)


class CustodyJudge:
    """Compares `produced` with the database, boot by boot.

    `settled_ms`: what was made before has to be stored or declared by now, what came later may be
    on its way from the present boot. None: the present boot may have kept anything.
    """

    def __init__(
        self, produced: Produced, findings: Findings, at_ms: float, settled_ms: float | None
    ) -> None:
        self._produced = produced
        self._findings = findings
        self._at_ms = at_ms
        self._settled_ms = settled_ms
        self.count = CustodyCount()

    def judge(self, stored: Mapping[str, list[Stored]], found: Mapping[str, Boot]) -> CustodyCount:
        """All boots. `found` says which boot of the twin a name in the database is."""
        for name, rows in stored.items():
            if name not in found:
                self._judge_stranger(name, rows)
        rows_of = {boot.number: stored[name] for name, boot in found.items()}
        covered = False
        for boot in self._produced:
            if boot.number in rows_of:
                book = _Book(self, boot, rows_of[boot.number])
                covered = book.judge()
            else:
                self._judge_unseen(boot, covered)
        return self.count

    def tell(self, text: str) -> None:
        """A violation."""
        self._findings.add(self._at_ms, Rule.CUSTODY, text)

    def due_seq(self, boot: Boot) -> int:
        """The records of `boot` before this one must not be on their way any more."""
        if boot is not self._produced.last:
            return boot.next_seq
        return 0 if self._settled_ms is None else boot.next_at(self._settled_ms)

    def _judge_unseen(self, boot: Boot, covered: bool) -> None:
        """The host has nothing of a boot: only an open LOSS of one before it covers that."""
        made = boot.next_seq
        due = self.due_seq(boot)
        lost, kept = (made, 0) if covered and boot is not self._produced.last else (0, made - due)
        missing = made - lost - kept
        self.count.add(
            CustodyCount(produced=made, declared_loss=lost, on_board=kept, missing=missing)
        )
        if missing:
            self.tell(f"boot {boot.number}: of {made} records nothing is stored or declared lost")

    def _judge_stranger(self, name: str, rows: list[Stored]) -> None:
        """A boot in the database that the twin does not know, or a second copy of one."""
        made = {slot for boot in self._produced for slot in boot.slots.values()}
        twice = sum(row.slot in made for row in rows)
        self.count.add(CustodyCount(duplicates=twice, foreign=len(rows) - twice))
        if twice:
            self.tell(f"boot {name} in the database repeats {twice} records of another boot")
        if len(rows) > twice:
            self.tell(f"boot {name} in the database has {len(rows) - twice} that were never made")


class _Book:
    """One boot's records on both sides."""

    def __init__(self, judge: CustodyJudge, boot: Boot, rows: Iterable[Stored]) -> None:
        self._judge = judge
        self._boot = boot
        self._rows = rows
        self._count = CustodyCount(produced=boot.next_seq)
        self._stored: list[int] = []
        self._losses: list[Loss] = []
        self._open: list[Loss] = []

    def judge(self) -> bool:
        """Add this boot to the count; whether an open LOSS ends it."""
        self._take_rows()
        absent = self._absent()
        self._judge_sums(absent)
        closed = stretches(self._losses)
        absent = _without(absent, [(each.first, each.last) for each in closed], self._count)
        if self._open:
            first = min(loss.first for loss in self._open)
            absent = _without(absent, [(first, self._boot.next_seq)], self._count)
        due = self._judge.due_seq(self._boot)
        tail = max(self._stored, default=-1) + 1
        missing = [seq for seq in absent if seq < due or seq < tail]
        self._count.on_board = len(absent) - len(missing)
        self._count.missing = len(missing)
        for first, last in ranges(missing):
            self._tell(f"records {first} to {last} are neither stored nor declared lost")
        self._judge.count.add(self._count)
        return bool(self._open)

    def _take_rows(self) -> None:
        seen: set[int] = set()
        for row in self._rows:
            made = self._boot.slots.get(row.seq)
            loss = loss_of(row)
            if made == row.slot:
                if row.seq in seen:
                    self._count.duplicates += 1
                    self._tell(f"record {row.seq} is stored twice")
                    continue
                seen.add(row.seq)
                self._stored.append(row.seq)
                if loss is not None:
                    self._losses.append(loss)
            elif loss is not None and loss.last is None and loss.first == row.seq:
                self._open.append(loss)
            else:
                self._count.foreign += 1
                what = "was never made" if made is None else "is not stored as it was made"
                self._tell(f"record {row.seq} {what}")
        self._stored.sort()
        self._count.stored = len(self._stored)
        self._count.open_losses = len(self._open)

    def _absent(self) -> list[int]:
        stored = set(self._stored)
        return [seq for seq in range(self._boot.next_seq) if seq not in stored]

    def _judge_sums(self, absent: list[int]) -> None:
        for each in stretches(self._losses):
            truly = count_between(absent, each.first, each.last)
            if truly != each.absent:
                self._tell(
                    f"LOSS of {each.first} to {each.last} declares {each.absent} absent records,"
                    f" {truly} are"
                )
        for loss in self._open:
            if self._stored and loss.first <= self._stored[-1]:
                self._tell(f"an open LOSS from {loss.first}, but {self._stored[-1]} is stored")
            truly = self._boot.next_seq - loss.first
            if loss.absent > truly:
                self._tell(f"an open LOSS declares {loss.absent} absent records, {truly} are")
        if len(self._open) > 1:
            self._tell("more than one open LOSS")

    def _tell(self, text: str) -> None:
        self._judge.tell(f"boot {self._boot.number}: {text}")


def _without(absent: list[int], covers: list[tuple[int, int]], count: CustodyCount) -> list[int]:
    """What of `absent` no stretch covers; the rest is counted as declared."""
    left, covers = [], sorted(covers, reverse=True)
    for seq in absent:
        while covers and covers[-1][1] < seq:
            covers.pop()
        if covers and covers[-1][0] <= seq:
            count.declared_loss += 1
        else:
            left.append(seq)
    return left
