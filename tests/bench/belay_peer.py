"""Belay's call of a function on the board. Imported only where Belay is installed."""

import contextlib
from collections.abc import Iterator

import belay
from belay.pyboard import Pyboard
from rtt import Block, block_of
from terminal import micropython


class DeviceWithoutReset(belay.Device):
    """Connects without a soft reset, which ends MicroPython's unix port."""

    def _connect_to_board(self, **kwargs: object) -> None:
        self._board = Pyboard(**kwargs)
        self._board.enter_raw_repl(soft_reset=False)


@contextlib.contextmanager
def belay_peer(cell: int, load: int, lease_ms: int) -> Iterator[Block]:
    """Calls `set_load` on a MicroPython of its own."""
    with micropython() as port:
        device = DeviceWithoutReset(port)
        device("loads = [0] * 8")

        # Belay sends this function's text to the board.
        @device.task
        def set_load(cell, load, lease_ms):
            loads[cell] = load  # noqa: F821
            return 0

        def call() -> None:
            if set_load(cell, load, lease_ms) != 0:
                raise RuntimeError("Belay: not the answer of the function")

        try:
            yield block_of(call)
        finally:
            device.close()
