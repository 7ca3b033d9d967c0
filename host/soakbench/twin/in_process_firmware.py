"""The firmware's own code, loaded into this process: each boot gets modules of its own.

The host never imports `soakfw`. Its sources are compiled once per chip and run anew at each boot,
as a board runs them from its flash, in a table of modules that nobody else sees: two chips may run
two different firmwares. Everything else, `soakwire` above all, comes from this process.
"""

import builtins
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Protocol

from soakbench.errors import BenchFault
from soakwire.board_end import Journal

PACKAGE = "soakfw"
_OWN = "soakbench.twin.in_process"


class App(Protocol):
    """soakfw.app.App, as far as the loop of main.py uses it."""

    def poll(self, now: int) -> int:
        """One pass at `now` ticks; the ticks of the next one."""

    def drop_outputs(self) -> None:
        """The part of the safe state that cannot wait."""


class Flash:
    """The sources of one firmware, compiled when first needed."""

    def __init__(self, folders: list[Path]) -> None:
        found = [folder for folder in folders if (folder / PACKAGE).is_dir()]
        if not found:
            raise BenchFault(f"no {PACKAGE} in {', '.join(map(str, folders))}")
        self._folder = found[0]
        self._codes: dict[str, CodeType] = {}

    def code(self, name: str) -> CodeType:
        """The compiled module `name`. ModuleNotFoundError if there is none."""
        if name not in self._codes:
            path = self._file(name)
            self._codes[name] = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        return self._codes[name]

    def _file(self, name: str) -> Path:
        path = self._folder.joinpath(*name.split("."))
        for candidate in (path / "__init__.py", path.with_suffix(".py")):
            if candidate.is_file():
                return candidate
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class Firmware:
    """The modules of one boot."""

    def __init__(self, flash: Flash) -> None:
        self._flash = flash
        self._modules: dict[str, ModuleType] = {}
        self._builtins = {**vars(builtins), "__import__": self._import}

    def module(self, name: str) -> Any:
        """The firmware's module `name`, run if it is new."""
        if name not in self._modules:
            parent, _, child = name.rpartition(".")
            package = self.module(parent) if parent else None
            module = ModuleType(name)
            module.__dict__["__builtins__"] = self._builtins
            code = self._flash.code(name)
            self._modules[name] = module
            exec(code, module.__dict__)
            if package is not None:
                setattr(package, child, module)
        return self._modules[name]

    def journal(self) -> Journal:
        """A new RingJournal."""
        made: Journal = self.module(f"{PACKAGE}.journal").RingJournal()
        return made

    def app(self, board: object, journal: Journal) -> App:
        """A new App on `board`."""
        made: App = self.module(f"{PACKAGE}.app").App(board, journal)
        return made

    def _import(
        self,
        name: str,
        names: Mapping[str, object] | None = None,
        own: Mapping[str, object] | None = None,
        wanted: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """`__import__` as the firmware's modules see it."""
        if level or name.partition(".")[0] != PACKAGE:
            return builtins.__import__(name, names, own, wanted or (), level)
        module: ModuleType = self.module(name)
        if name == PACKAGE:
            for part in wanted or ():
                if not hasattr(module, part):
                    self.module(f"{name}.{part}")
        return module if wanted else self._modules[PACKAGE]


def traceback_text(error: BaseException) -> str:
    """What MicroPython prints of an exception; what stands here for main.py is left out."""
    lines = ["Traceback (most recent call last):"]
    for frame, line in traceback.walk_tb(error.__traceback__):
        if not str(frame.f_globals.get("__name__")).startswith(_OWN):
            code = frame.f_code
            lines.append(f'  File "{code.co_filename}", line {line}, in {code.co_name}')
    lines.append(f"{type(error).__name__}: {error}")
    return "\n".join(lines) + "\n"
