"""How often each relay has switched since it was installed, over all starts of the board.

The board counts since its boot and tells the sum now and then. What a boot has added is remembered
with the boot, so that a record that comes twice, or late, adds nothing. What a power cut took is
made up for from the events of the switchings that had arrived.

These functions are jobs or parts of jobs: they take the writer's connection.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from soakbench.store.notes import add_note
from soakwire import records
from soakwire.slots import Record

RELAYS = ("short", "measure")
_CELLS_A_RECORD = 4
WARN_SHARE = 0.8


@dataclass(frozen=True)
class Wired:
    """A cell as the bench file has it; `rest` and `power_off` are loads of soakwire."""

    cell: str
    rest: int
    power_off: int


@dataclass(frozen=True)
class RelayWear:
    """One relay: `actuations` since it was installed (or since counting began)."""

    bench: str
    cell: str
    relay: str
    actuations: int
    rated: int
    since_utc_ms: int

    @property
    def share(self) -> float:
        """Of its rated life."""
        return self.actuations / self.rated

    @property
    def name(self) -> str:
        """As on the command line."""
        return f"{self.cell}.{self.relay}"


def know_bench(
    connection: sqlite3.Connection, bench: str, rated: int, cells: Iterable[Wired]
) -> None:
    """From now on the board's cell numbers are these cells."""
    connection.execute("DELETE FROM wiring")
    connection.executemany(
        "INSERT INTO wiring VALUES (?,?,?,?,?,?)",
        [(n, bench, c.cell, c.rest, c.power_off, rated) for n, c in enumerate(cells)],
    )


def take_wear(
    connection: sqlite3.Connection, device: str, boot: str, item: Record, t_utc_ms: int
) -> None:
    """Add what a WEAR record tells and was not known yet."""
    values = list(item.values.values())
    for at in range(_CELLS_A_RECORD * len(RELAYS)):
        number, which = item.place + at // len(RELAYS), at % len(RELAYS)
        _reach(connection, (device, boot, number, RELAYS[which]), values[at] or 0, t_utc_ms)
    connection.execute(
        "INSERT INTO wear_told VALUES (?,?,?) ON CONFLICT (device, boot)"
        " DO UPDATE SET seq = max(seq, excluded.seq)",
        (device, boot, item.seq),
    )


def reconcile(connection: sqlite3.Connection, device: str, boot: str) -> None:
    """A boot is over: count what its events say was switched after its counts were told last."""
    told = connection.execute(
        "SELECT seq FROM wear_told WHERE device = ? AND boot = ?", (device, boot)
    ).fetchone()
    last = told[0] if told else -1
    wired = {
        row[0]: row[1:] for row in connection.execute("SELECT number, rest, power_off FROM wiring")
    }
    at = {number: power_off for number, (_, power_off) in wired.items()}
    for seq, number, load, t_utc_ms in _switchings(connection, device, boot):
        if number not in wired:
            continue
        before, at[number] = at[number], load
        if seq > last:
            for relay in _energised(wired[number][0], before, load):
                key = (device, boot, number, relay)
                _reach(connection, key, _of_boot(connection, key) + 1, t_utc_ms)


def replaced(connection: sqlite3.Connection, relay: RelayWear, utc_ms: int, words: str) -> None:
    """A new relay: its count begins anew, and a note says so."""
    connection.execute(
        "UPDATE relay SET actuations = 0, since_utc_ms = ?"
        " WHERE bench = ? AND cell = ? AND relay = ?",
        (utc_ms, relay.bench, relay.cell, relay.relay),
    )
    text = f"relay {relay.name} of bench {relay.bench} replaced after {relay.actuations} actuations"
    add_note(connection, utc_ms, None, "relay", f"{text}: {words}" if words else text)


def relay_wear(rows: Iterable[tuple[object, ...]]) -> list[RelayWear]:
    """What a query of `WEAR_SQL` gives."""
    return [RelayWear(*row) for row in rows]  # type: ignore[arg-type]


WEAR_SQL = (
    "SELECT bench, cell, relay, actuations, rated, since_utc_ms FROM relay"
    " ORDER BY bench, cell, relay DESC"
)


def _energised(rest: int, before: int, load: int) -> Iterator[str]:
    """Which coils were switched on for a cell to get from `before` to `load`."""

    def shorting(at: int) -> bool:
        return (at == records.SC) != (rest == records.SC)

    if shorting(load) and not shorting(before):
        yield "short"
    if load == records.MEASURE != before:
        yield "measure"


def _switchings(
    connection: sqlite3.Connection, device: str, boot: str
) -> list[tuple[int, int, int, int]]:
    """(seq, cell number, load, time) of every switching that has arrived, in order."""
    return connection.execute(
        "SELECT seq, body ->> 'a', body ->> 'b', t_utc_ms FROM record WHERE device = ?"
        " AND boot = ? AND kind = 'event' AND place = ? ORDER BY seq",
        (device, boot, records.EV_LOAD),
    ).fetchall()


def _of_boot(connection: sqlite3.Connection, key: tuple[str, str, int, str]) -> int:
    row = connection.execute(
        "SELECT actuations FROM relay_boot"
        " WHERE device = ? AND boot = ? AND number = ? AND relay = ?",
        key,
    ).fetchone()
    return int(row[0]) if row else 0


def _reach(
    connection: sqlite3.Connection, key: tuple[str, str, int, str], count: int, t_utc_ms: int
) -> None:
    """In this boot the relay has come to `count`."""
    wired = connection.execute(
        "SELECT bench, cell, rated FROM wiring WHERE number = ?", (key[2],)
    ).fetchone()
    gained = count - _of_boot(connection, key)
    if wired is None or gained <= 0:
        return
    bench, cell, rated = wired
    connection.execute("INSERT OR REPLACE INTO relay_boot VALUES (?,?,?,?,?)", (*key, count))
    connection.execute(
        "INSERT INTO relay VALUES (?,?,?,?,?,?) ON CONFLICT (bench, cell, relay) DO UPDATE"
        " SET actuations = actuations + excluded.actuations, rated = excluded.rated",
        (bench, cell, key[3], gained, rated, t_utc_ms),
    )
