"""What of one boot has been handed to the writer, and what of that is on disk.

    0 ......... safe ............ given ............
      on disk         with the writer     not yet come

The link's thread hands over (`put`), the writer's thread reports back (`stored`, `failed`); one
lock makes each of these a single step. Nobody is called while it is held.

While the writer is busy or cannot write, what comes joins the batch that waits. All that waits is
never more than the board's window: the board sends no more than that without an acknowledgement,
and what it repeats is known by its number and dropped here.
"""

import threading
from dataclasses import dataclass, field

from soakwire.slots import Record


@dataclass
class Waiting:
    """Records of one boot for one job of the writer; `after` is the seq that was due.

    `label` is what they have in common: the run they belong to and the fit of their times.
    """

    after: int
    generation: int
    label: object
    items: list[Record] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The first seq after them."""
        return self.items[-1].seq + 1


class Handover:
    """Records of one boot on their way to the disk."""

    def __init__(self, safe: int) -> None:
        """Everything before `safe` is on disk."""
        self._lock = threading.Lock()
        self._safe = self._given = safe
        self._joining: Waiting | None = None
        self._generation = 0  # how often it was begun again after a failure

    @property
    def safe(self) -> int:
        """Everything before this seq is on disk."""
        return self._safe

    def put(
        self, after: int, items: list[Record], label: object = None
    ) -> tuple[list[Record], Waiting | None]:
        """Hand over records. NotDueError if some are missing before them.

        Returns those that are new, and what the writer must be told of, if that is not yet.
        """
        with self._lock:
            if after > self._given:
                raise NotDueError(self._given)
            new = items
            if items and items[0].seq < self._given:
                new = [item for item in items if item.seq >= self._given]
            if not new:
                return [], None
            begun, waiting = None, self._joining
            if waiting is None or waiting.label != label:
                begun = waiting = Waiting(self._given, self._generation, label)
                self._joining = begun
            waiting.items += new
            self._given = waiting.end
            return new, begun

    def close(self, waiting: Waiting) -> None:
        """The writer begins with `waiting`: nothing joins it any more."""
        with self._lock:
            if self._joining is waiting:
                self._joining = None

    def stored(self, waiting: Waiting) -> int:
        """`waiting` is on disk; the first seq that is not."""
        with self._lock:
            self._safe = max(self._safe, waiting.end)
            return self._safe

    def failed(self, waiting: Waiting) -> int | None:
        """`waiting` could not be stored: the seq to ask for again.

        None if that has been asked for already, because something before it had failed.
        """
        with self._lock:
            if waiting.generation != self._generation:
                return None
            self._generation += 1
            self._joining = None
            self._given = self._safe
            return self._safe


class NotDueError(Exception):
    """Records came before those that are due."""

    def __init__(self, due: int) -> None:
        self.due = due
        super().__init__(f"records from {due} on are due first")
