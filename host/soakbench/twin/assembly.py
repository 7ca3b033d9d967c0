"""Putting a simulated bench together from its parts: one for each place the firmware may run in."""

import zlib
from collections.abc import Callable
from pathlib import Path

from soakbench.config.bench import BenchConfig
from soakbench.twin.board import Board
from soakbench.twin.child import find_interpreter
from soakbench.twin.chip import Observer
from soakbench.twin.in_process import InProcessMcu
from soakbench.twin.mcu import Mcu
from soakbench.twin.port import Port
from soakbench.twin.simulation import Simulation

_MS = 1000


def in_micropython(
    bench: BenchConfig,
    firmware: list[Path],
    port: Port,
    seed: int,
    boot_ids: Callable[[], int] | None = None,
    observer: Observer | None = None,
) -> Simulation:
    """A bench whose firmware runs in a MicroPython of its own. BenchFault if there is none.

    `seed` is that of the noise; without `boot_ids` boots are numbered at random.
    """
    board = Board(bench, seed)
    ticks = bench.twin.start_ticks_ms
    mcu = Mcu(find_interpreter(), firmware, board, _unique_id(bench), ticks, boot_ids, observer)
    return Simulation(board, mcu, port, _usb_gap_ms(bench))


def in_process(
    bench: BenchConfig,
    firmware: list[Path],
    port: Port,
    seed: int,
    boot_ids: Callable[[], int],
    observer: Observer | None = None,
) -> Simulation:
    """The same with the firmware in this process. BenchFault if `firmware` has no soakfw."""
    board = Board(bench, seed)
    ticks = bench.twin.start_ticks_ms
    mcu = InProcessMcu(firmware, board, _unique_id(bench), ticks, boot_ids, observer)
    return Simulation(board, mcu, port, _usb_gap_ms(bench))


def _unique_id(bench: BenchConfig) -> bytes:
    return b"TWIN" + zlib.crc32(bench.bench.name.encode()).to_bytes(4, "big")


def _usb_gap_ms(bench: BenchConfig) -> int:
    return round(bench.twin.usb_gap_s * _MS)
