"""Virtual time: what is due next happens next, and nothing happens in between."""

import heapq
from collections.abc import Callable

Call = Callable[[], None]


class Timeline:
    """Milliseconds since the scenario began."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.trace: list[str] | None = None
        self._due: list[tuple[int, int, Call]] = []
        self._count = 0

    def at(self, when_ms: int, call: Call) -> None:
        """Run `call` at `when_ms`; calls due at the same time run in the order they were made."""
        self._count += 1
        heapq.heappush(self._due, (max(when_ms, self.now_ms), self._count, call))

    def after(self, delay_ms: int, call: Call) -> None:
        """Run `call` in `delay_ms`."""
        self.at(self.now_ms + delay_ms, call)

    def run(self, until_ms: int) -> None:
        """Let everything happen that is due up to `until_ms`."""
        while self._due and self._due[0][0] <= until_ms:
            self.now_ms, _, call = heapq.heappop(self._due)
            call()
        self.now_ms = until_ms

    def tell(self, who: str, what: str) -> None:
        """A line for `--trace`; call it only where `trace` is not None."""
        if self.trace is not None:
            self.trace.append(f"{self.now_ms / 1000:9.3f}  {who:5}  {what}")
