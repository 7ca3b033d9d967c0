"""Which programs have a device open, as far as this user may see it (Linux)."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Holder:
    """A process that has the device open."""

    pid: int
    program: str


def who_holds(device: str, proc: Path = PROC) -> list[Holder]:
    """Those that can be seen; empty if none can, as for other users' programs."""
    target = Path(device).resolve()
    return [
        Holder(int(process.name), _program(process))
        for process in _processes(proc)
        if target in _open_files(process)
    ]


def _processes(proc: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from sorted(path for path in proc.iterdir() if path.name.isdecimal())


def _open_files(process: Path) -> Iterator[Path]:
    # A process may end while it is looked at, and those of others cannot be looked into.
    with contextlib.suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                yield descriptor.readlink()


def _program(process: Path) -> str:
    try:
        return (process / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return "a program"
