"""Benches whose sensors are not as their file says, and a person who knows the truth."""

import asyncio
import io
from collections.abc import Callable

from rich.console import Console

from soakbench.assets import find_bench
from soakbench.cli.output import THEME
from soakbench.config import BenchConfig, parse_bench


def wrong_bench(*truths: str, **changed: str) -> BenchConfig:
    """The twin with `[twin.sensors...]` tables; `changed` are texts to be replaced in its file."""
    text = find_bench("twin").read_text("utf-8")
    for old, new in changed.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    return parse_bench("\n".join([text, *truths]), "lab.toml")


class Told:
    """A person who looks at the true value and says it; and the questions they were asked."""

    def __init__(self, *answers: Callable[[], float] | float) -> None:
        self._answers = list(answers)
        self.questions: list[str] = []

    async def number(self, question: str) -> float:
        self.questions.append(question)
        await asyncio.sleep(5)  # the time of the world
        answer = self._answers.pop(0)
        return answer if isinstance(answer, int | float) else answer()


def silent() -> Console:
    return Console(theme=THEME, file=io.StringIO(), width=100)
