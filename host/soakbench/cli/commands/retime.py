"""`soakbench retime`."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from soakbench.cli import words
from soakbench.cli.options import DataOption, JsonOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.clock import Clock
from soakbench.daemon.lock import data_lock
from soakbench.device.retime import RetimedBoot
from soakbench.device.retime import retime as retime_records
from soakbench.errors import DaemonError, StoreError
from soakbench.run.summary import find_run
from soakbench.store import Store, open_store
from soakbench.store.store import DATABASE

EXAMPLES = examples(
    "soakbench retime --dry-run", "soakbench retime --run 20260302-090000-demo-1a2b"
)


def retime(
    data: DataOption,
    run: Annotated[
        str | None,
        typer.Option(
            "--run", metavar="RUN", show_default=False, help="Only this run's records; else all."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Compute the times of stored records anew.

    Each record is stored with the board's own time and with the UTC that was the best guess at that
    moment. This takes all measurements of the board's clock together, which gives smaller errors,
    and puts right what was stored while the computer's clock was wrong.

    Not while a daemon uses the data directory. What has been published stays as it was.
    """
    if not (data / DATABASE).is_file():
        raise StoreError(
            f"there is no database in {data}",
            hint="name the data directory of your runs with --data; the first run makes one",
        )
    with contextlib.nullcontext() if dry_run else _alone(data):
        done = _retime(open_store(data), run, dry_run)
    if json:
        print_json(done)
    else:
        make_console().print(_words(done, dry_run))


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(data_lock(data))
        except DaemonError as error:
            hint = "end that daemon first; `soakbench retime --dry-run` works meanwhile"
            raise DaemonError(str(error), hint=hint) from error
        yield


def _retime(store: Store, run: str | None, dry_run: bool) -> list[RetimedBoot]:
    if run is not None and find_run(store, run) is None:
        raise DaemonError(f"there is no run {run}", hint="`soakbench summary` names the newest one")
    connection = store.connect_writer()
    with contextlib.closing(connection):
        return retime_records(store, connection, run, Clock().utc_ms(), dry_run)


def _words(done: list[RetimedBoot], dry_run: bool) -> Text:
    text = Text()
    for boot in done:
        text.append(f"boot {boot.boot}: ", style="name")
        of = f"of {words.count(boot.records)} records"
        if not boot.measurements:
            text.append(f"no measurements of its clock; the times {of} stay\n", style="quiet")
            continue
        would = "would move" if dry_run else "moved"
        text.append(
            f"{words.count(boot.moved)} {of} {would}, by {boot.most_ms / 1000:.3f} s at most;"
            f" now known to {boot.error_ms / 1000:.3f} s\n"
        )
    if not done:
        text.append("there are no records\n")
    text.append("nothing was changed" if dry_run else "done", style="quiet" if dry_run else "ok")
    return text
