"""Which boot of the database is which boot of the twin.

A boot's name in the database is random; the records tell. Of each boot some are compared: they
carry the board's time, so two boots are hardly ever alike, and if they are it does not matter.
"""

from collections.abc import Mapping

from soakbench.rehearsal.judge.produced import Boot, Produced
from soakbench.rehearsal.judge.stored import Stored

_COMPARED = 64
_TOGETHER = 16  # neighbours: a sampling has at most ten records, of which some kinds look alike


def match(stored: Mapping[str, list[Stored]], produced: Produced) -> dict[str, Boot]:
    """Database name → boot. Names that fit no boot, or one that is taken, are not there."""
    claims = []
    for name, rows in stored.items():
        step = max(len(rows) // _COMPARED, 1)
        starts = range(0, len(rows), step)
        some = [row for at in starts for row in rows[at : at + min(step, _TOGETHER)]]
        for boot in produced:
            score = sum(boot.slots.get(row.seq) == row.slot for row in some)
            if score:
                claims.append((-score, boot.number, name, boot))
    found: dict[str, Boot] = {}
    taken: set[int] = set()
    for _, number, name, boot in sorted(claims, key=lambda claim: claim[:3]):
        if name not in found and number not in taken:
            found[name] = boot
            taken.add(number)
    _match_empty(stored, produced, found)
    return found


def _match_empty(
    stored: Mapping[str, list[Stored]], produced: Produced, found: dict[str, Boot]
) -> None:
    """A boot of which nothing was stored but its LOSS: any that is free will do."""
    free = [boot for boot in produced if boot not in found.values()]
    for name, rows in stored.items():
        if name not in found and len(rows) == 1 and free:
            found[name] = free.pop(0)
