"""LOSS records: what they declare absent, and whether the sums are exact."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from soakbench.rehearsal.judge.stored import Stored
from soakwire import records
from soakwire.slots import Record


@dataclass(frozen=True, slots=True)
class Loss:
    """`absent` records of first..last; last None: everything from first on."""

    first: int
    last: int | None
    absent: int


def loss_of(row: Stored) -> Loss | None:
    """The LOSS in a row, None if it is another record."""
    record = Record(row.slot)
    if record.kind != records.LOSS:
        return None
    values = record.values
    return Loss(values["first_seq"] or 0, values["last_seq"], values["absent"] or 0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Overlapping LOSSes of one boot as one: samples and events may be absent at once."""

    first: int
    last: int
    absent: int


def stretches(losses: Sequence[Loss]) -> list[Stretch]:
    """The closed ones, joined where they overlap, in order."""
    joined: list[Stretch] = []
    for loss in sorted(losses, key=lambda loss: loss.first):
        if loss.last is None:
            continue
        before = joined[-1] if joined else None
        if before is not None and loss.first <= before.last:
            last = max(before.last, loss.last)
            joined[-1] = Stretch(before.first, last, before.absent + loss.absent)
        else:
            joined.append(Stretch(loss.first, loss.last, loss.absent))
    return joined


def count_between(numbers: Sequence[int], first: int, last: int) -> int:
    """How many of the sorted `numbers` lie in first..last."""
    return bisect_left(numbers, last + 1) - bisect_left(numbers, first)


def ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted `numbers` as unbroken stretches (first, last)."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return found
