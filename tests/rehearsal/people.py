"""People who give orders in a rehearsal, once each, whichever daemon is there at that time."""

from collections.abc import Awaitable, Callable

import pytest

from soakbench.daemon.engine import Engine
from soakbench.rehearsal.operator import Operator
from soakbench.status import Extend

Do = Callable[[Engine], Awaitable[object]]


def orders(patch: pytest.MonkeyPatch, *asked: tuple[float, Do]) -> None:
    """Do each at its second of a rehearsal, or as soon as the board reports after it."""
    look, in_order = Operator.look, sorted(asked, key=lambda one: one[0])

    async def looking(self: Operator, engine: Engine, now_ms: int) -> None:
        await look(self, engine, now_ms)
        left = vars(self).setdefault("left", in_order[:])
        while left and now_ms >= left[0][0] * 1000:
            await left.pop(0)[1](engine)

    patch.setattr(Operator, "look", looking)


def extend(track: str, by: str, why: str = "") -> Do:
    """Let a phase last longer, or shorter."""
    return lambda engine: engine.extend(Extend(track=track, by=by, who="anna", why=why))


def listen(do: Do, answers: list[object]) -> Do:
    """Do it, and keep what the answer was."""

    async def listening(engine: Engine) -> None:
        answers.append(await do(engine))

    return listening
