"""`soakbench relays`."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.table import Table
from rich.text import Text

from soakbench.assets import find_bench
from soakbench.cli import words
from soakbench.cli.options import BENCH_HELP, DataOption, JsonOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.clock import Clock
from soakbench.config import load_bench
from soakbench.errors import DaemonError, StoreError
from soakbench.store import Store, open_store
from soakbench.store.store import DATABASE
from soakbench.store.transaction import transact
from soakbench.store.wear import WARN_SHARE, WEAR_SQL, RelayWear, relay_wear, replaced

EXAMPLES = examples(
    "soakbench relays", 'soakbench relays --replaced A1.short --note "contact above 200 mOhm"'
)


class Relay(BaseModel):
    """One relay, as `relays --json` prints it."""

    bench: str
    cell: str
    relay: str
    actuations: int
    rated: int
    share: float
    since_utc_ms: int


def relays(
    data: DataOption,
    bench: Annotated[
        str | None,
        typer.Option(
            "--bench", metavar="BENCH", show_default="every bench in the data", help=BENCH_HELP
        ),
    ] = None,
    new: Annotated[
        list[str] | None,
        typer.Option(
            "--replaced",
            metavar="CELL.RELAY",
            show_default=False,
            help="This relay is a new one, like A1.short or B2.measure: count it from 0 again.",
        ),
    ] = None,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="Why it was replaced.", show_default=False)
    ] = "",
    json: JsonOption = False,
) -> None:
    """Show how often each relay has switched, and how much of its rated life that is.

    The board counts every time a coil is energised; the counts of all its starts are added up in
    the database. A relay with 80 % of `relays.rated_cycles` behind it should be replaced before the
    next long run: a contact that fails makes the load of its cell a matter of chance.

    Works with or without a daemon.
    """
    if not (data / DATABASE).is_file():
        raise StoreError(
            f"there is no database in {data}",
            hint="name the data directory of your runs with --data; the first run makes one",
        )
    store = open_store(data)
    name = None if bench is None else load_bench(find_bench(bench)).bench.name
    if new:
        _replace(store, [_find(_known(store, name), one) for one in new], note)
    shown = _known(store, name)
    if json:
        print_json([_row(relay) for relay in shown])
    else:
        make_console().print(_table(shown, data))


def _known(store: Store, bench: str | None) -> list[RelayWear]:
    known = relay_wear(tuple(row) for row in store.rows(WEAR_SQL))
    return [relay for relay in known if bench in (None, relay.bench)]


def _find(known: list[RelayWear], name: str) -> RelayWear:
    found = [relay for relay in known if relay.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        benches = ", ".join(relay.bench for relay in found)
        raise DaemonError(f"{name} is on several benches ({benches})", hint="name one with --bench")
    there = ", ".join(relay.name for relay in known) or "none has switched yet"
    raise DaemonError(f"there is no count of a relay {name}", hint=f"counted so far: {there}")


def _replace(store: Store, chosen: list[RelayWear], note: str) -> None:
    now = Clock().utc_ms()

    def job(connection: sqlite3.Connection) -> None:
        for relay in chosen:
            replaced(connection, relay, now, note)

    with contextlib.closing(store.connect_writer()) as connection:
        transact(connection, [job])


def _row(relay: RelayWear) -> Relay:
    return Relay(
        bench=relay.bench,
        cell=relay.cell,
        relay=relay.relay,
        actuations=relay.actuations,
        rated=relay.rated,
        share=round(relay.share, 6),
        since_utc_ms=relay.since_utc_ms,
    )


def _table(shown: list[RelayWear], data: Path) -> Table | Text:
    if not shown:
        return Text(f"no relay has switched yet, says the database in {data}", style="quiet")
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    for title in ("Bench", "Cell", "Relay"):
        table.add_column(title, no_wrap=True)
    for title in ("Actuations", "Rated", "Share"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("")
    for relay in shown:
        worn = relay.share >= WARN_SHARE
        table.add_row(
            relay.bench,
            Text(relay.cell, style="name"),
            relay.relay,
            words.count(relay.actuations),
            words.count(relay.rated),
            Text(f"{relay.share:.1%}", style="warn" if worn else "none"),
            Text("replace it before the next long run", style="warn") if worn else "",
        )
    return table
