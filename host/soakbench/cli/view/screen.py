"""Where a status is shown again and again: a live screen on a terminal, lines elsewhere."""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.padding import Padding

from soakbench.cli.view.plain import PlainLog
from soakbench.cli.view.status import status_view
from soakbench.status import Status

WIDEST = 100  # columns; wider lines are harder to read


class Screen(Protocol):
    """Something that shows statuses."""

    def show(self, status: Status) -> None:
        """Show `status` in place of the last one."""


class _LiveScreen:
    def __init__(self, live: Live) -> None:
        self._live = live

    def show(self, status: Status) -> None:
        view = Padding(status_view(status), (1, 0))
        self._live.update(view, refresh=True)


@contextlib.contextmanager
def open_screen(console: Console) -> Iterator[Screen]:
    """A screen on `console`; the last status stays visible afterwards."""
    if not console.is_terminal:
        yield PlainLog(lambda line: console.print(line, soft_wrap=True, markup=False))
        return
    console.width = min(console.width, WIDEST)
    with Live(console=console, auto_refresh=False) as live:
        yield _LiveScreen(live)
