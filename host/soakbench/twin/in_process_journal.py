"""What the firmware records, seen where it enters the journal, not where the link delivers it."""

from collections.abc import Callable
from typing import Any

from soakbench.twin.chip import Observer
from soakwire.records import SLOT_SIZE, pack_slot


class Witness:
    """Notes all that a RingJournal takes in or leaves out, until an observer asks for it.

    The slot is packed a second time, from what the firmware wanted to record: what the journal
    makes of it later is for the observer to judge.
    """

    def __init__(self, journal: Any) -> None:
        self._journal = journal
        self._append: Callable[..., None] = journal._append
        self._leave_out: Callable[..., None] = journal._leave_out
        self._notes: list[bytes | tuple[int, int]] = []
        journal._append = self._appending
        journal._leave_out = self._leaving_out

    def tell(self, observer: Observer) -> None:
        """Hand over what is new, in order. Not from inside the firmware, which would catch what
        an observer raises."""
        if not self._notes:
            return
        notes, self._notes = self._notes, []
        for note in notes:
            if isinstance(note, bytes):
                observer.produced(note)
            else:
                observer.left_out(*note)

    def _appending(
        self,
        ring: object,
        rank: int,
        stamp: tuple[int, int, int],
        kind: int,
        place: int,
        values: list[int | None],
    ) -> None:
        slot = bytearray(SLOT_SIZE)
        pack_slot(slot, 0, self._journal.next_seq, stamp, kind, place, values)
        self._append(ring, rank, stamp, kind, place, values)
        self._notes.append(bytes(slot))

    def _leaving_out(self, lost: object, stamp: tuple[int, int, int], count: int) -> None:
        first_seq: int = self._journal.next_seq
        self._leave_out(lost, stamp, count)
        self._notes.append((first_seq, count))
