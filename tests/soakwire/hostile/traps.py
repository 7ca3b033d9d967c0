"""Death at a drawn step of custody: of the host's process, or of the board."""

from collections import Counter
from collections.abc import Callable

from hostile.plan import KILL_HOST, Plan


class HostKilled(BaseException):
    """kill -9 in the middle of whatever the process was doing."""


class Traps:
    """Counts the steps of custody; at the drawn ones somebody dies."""

    def __init__(self, plan: Plan, reset_board: Callable[[], None], seen: Counter[str]) -> None:
        self._left = list(plan.traps)
        self._passed: Counter[str] = Counter()
        self._reset_board = reset_board
        self._seen = seen

    def step(self, name: str) -> None:
        """The process is at `name`. HostKilled if it goes no further."""
        passed = self._passed[name]
        self._passed[name] += 1
        for trap in self._left:
            if trap[0] == name and trap[1] <= passed:
                self._left.remove(trap)
                self._seen[f"{trap[2]}: {name}"] += 1
                if trap[2] == KILL_HOST:
                    raise HostKilled
                self._reset_board()
                return

    def disarm(self) -> None:
        """Nobody dies any more."""
        self._left.clear()
