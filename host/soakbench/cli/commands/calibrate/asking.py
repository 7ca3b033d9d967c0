"""Questions to a person while the bench goes on: the event loop must not wait for a keyboard."""

import asyncio
import contextlib
import math
import threading
from typing import Protocol

import click
import typer

from soakbench.errors import DaemonError


class Asker(Protocol):
    """Who answers."""

    async def number(self, question: str) -> float:
        """The answer to `question`, a finite number."""


class Person:
    """Somebody at the terminal."""

    async def number(self, question: str) -> float:
        """DaemonError if nobody is there to answer."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[float] = loop.create_future()

        def settle(value: float | None) -> None:
            if answer.done():
                return
            if value is None:
                answer.set_exception(
                    DaemonError(
                        f"nobody answered: {question}",
                        "give the value as an option, or run the command in a terminal",
                    )
                )
            else:
                answer.set_result(value)

        def wait() -> None:
            value = _prompt(question)
            with contextlib.suppress(RuntimeError):  # interrupted: the loop has ended
                loop.call_soon_threadsafe(settle, value)

        # A daemon, so that the program can end while nobody answers.
        threading.Thread(target=wait, name="question", daemon=True).start()
        return await answer


def _prompt(question: str) -> float | None:
    try:
        return float(typer.prompt(question, value_proc=_finite, err=True))
    except click.Abort:
        return None


def _finite(text: str) -> float:
    """A comma is a point here."""
    with contextlib.suppress(ValueError):
        number = float(text.replace(",", "."))
        if math.isfinite(number):
            return number
    raise click.UsageError(f"{text!r} is not a number")
