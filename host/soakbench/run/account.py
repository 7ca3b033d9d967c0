"""How many records a run has produced, how many are on disk, how many are lost.

The board numbers its records from 0 at each boot, so `produced` needs no trust in anything the
host counted: it is the board's own newest number, less the number at which the run began.
"""

from dataclasses import dataclass

from soakbench.status import RecordCounts
from soakbench.store import Store


@dataclass(frozen=True)
class Stretch:
    """The records of one boot that belong to a run."""

    device: str
    boot: str
    first_seq: int
    end_seq: int


# The host's own open-ended LOSS stands at lost_from and is no record of the board's. Asked for in
# the same query, so that the two cannot come from before and after it was written.
_OF_THE_BOARD = (
    "device = ?1 AND boot = ?2 AND seq >= ?3 AND seq < ?4 AND seq <"
    " coalesce((SELECT lost_from FROM boot WHERE device = ?1 AND boot = ?2), ?4)"
)


class Account:
    """Counts records of runs; remembers what it has counted, since stored rows stay."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counted: dict[tuple[str, str, int], tuple[int, int]] = {}

    def stretches(self, run: str) -> list[Stretch]:
        """The boots that took part in `run`."""
        rows = self._store.rows(
            "SELECT device, boot, first_seq, end_seq FROM run_boot WHERE run = ?", (run,)
        )
        return [Stretch(*row) for row in rows]

    def counts(self, run: str, live_boot: str | None) -> RecordCounts:
        """The account of `run`. On the live boot, what is missing may still be under way."""
        produced = stored = lost = 0
        for stretch in self.stretches(run):
            here = self._stored(stretch)
            produced += stretch.end_seq - stretch.first_seq
            stored += here
            if stretch.boot == live_boot:
                lost += self._declared(stretch)
            else:
                lost += stretch.end_seq - stretch.first_seq - here
        return RecordCounts(produced=produced, stored=stored, lost=lost)

    def _stored(self, stretch: Stretch) -> int:
        key = (stretch.device, stretch.boot, stretch.first_seq)
        counted_to, count = self._counted.get(key, (stretch.first_seq, 0))
        rows = self._store.rows(
            f"SELECT count(*) AS n, max(seq) AS last FROM record WHERE {_OF_THE_BOARD}",
            (stretch.device, stretch.boot, counted_to, stretch.end_seq),
        )
        count += int(rows[0]["n"])
        if rows[0]["last"] is not None:
            self._counted[key] = (rows[0]["last"] + 1, count)
        return count

    def _declared(self, stretch: Stretch) -> int:
        rows = self._store.rows(
            "SELECT sum(body ->> 'absent') AS n FROM record"
            f" WHERE {_OF_THE_BOARD} AND kind = 'loss'",
            (stretch.device, stretch.boot, stretch.first_seq, stretch.end_seq),
        )
        return int(rows[0]["n"] or 0)
