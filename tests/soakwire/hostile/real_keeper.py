"""The real custody over a real database, in the scenario's virtual time."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from hostile.keeper import Keeper
from hostile.plan import Plan
from hostile.writer import Writer
from soakbench.clock import ManualClock
from soakbench.device import Custody
from soakbench.store import Job, Store, StoreWriter, open_store
from soakwire.host_end import BoardSeen, Records, State


class RealDisk:
    """The transactions of soakbench's own writer, without its thread."""

    def __init__(self, store: Store) -> None:
        self.is_full = False
        self.is_healed = False
        self._store = store
        self._writer = StoreWriter(self._connect)
        self.connection: sqlite3.Connection | None = None

    def transact(self, jobs: list[Job]) -> list[object]:
        """One transaction."""
        return self._writer._transact(jobs)

    def close(self) -> None:
        """The connection."""
        if self.connection is not None:
            self.connection.close()

    def _connect(self) -> sqlite3.Connection:
        self.connection = self._store.connect_writer()
        self.connection.execute("PRAGMA synchronous = OFF")  # nobody pulls this computer's plug
        return self.connection


class RealKeeper:
    """Custody, given what a scenario's host process has to give."""

    def __init__(self, store: Store, writer: "Writer[sqlite3.Connection]") -> None:
        self._custody = Custody(store, writer, ManualClock())  # type: ignore[arg-type]
        self.committed: Callable[[int, int], None] = lambda _boot, _seq: None
        self.not_stored: Callable[[int, int], None] = lambda _boot, _seq: None
        self._custody.committed = lambda boot, seq: self.committed(boot, seq)
        self._custody.not_stored = lambda boot, seq: self.not_stored(boot, seq)

    def board_seen(self, seen: BoardSeen) -> int:
        """As the daemon's bridge does."""
        return self._custody.board_seen(seen)

    def records(self, batch: Records) -> None:
        """As the daemon's bridge does."""
        self._custody.records(batch)

    def state(self, state: State) -> None:
        """As the daemon's bridge does."""
        self._custody.produced(self._custody.boot_name, state.values["newest_seq"])


class RealHost:
    """The database under `data`; as hostile.scenario.MemoryHost."""

    def __init__(self, data: Path) -> None:
        self._store = open_store(data)
        self.disk = RealDisk(self._store)

    def heal(self) -> None:
        """From now on a fast disk."""
        self.disk.is_healed = True

    def make(self, writer: "Writer[sqlite3.Connection]", plan: Plan) -> Keeper:
        """A keeper for a new process."""
        return RealKeeper(self._store, writer)

    def stored(self) -> dict[int, dict[int, bytes]]:
        """boot id: seq: slot."""
        found: dict[int, dict[int, bytes]] = {}
        for row in self._store.rows("SELECT boot, seq, slot FROM record"):
            found.setdefault(int(row["boot"], 16), {})[row["seq"]] = row["slot"]
        return found

    def known(self) -> set[int]:
        """The boots in the database."""
        return {int(row["boot"], 16) for row in self._store.rows("SELECT boot FROM boot")}

    def faults(self) -> list[str]:
        """Its keys are its own guard."""
        return []

    def close(self) -> None:
        """The writer's connection."""
        self.disk.close()
