"""Reading bench, plan and fault files: text → checked models, or one ConfigError that tells all."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from soakbench.config.base import FileTable
from soakbench.config.bench import BenchConfig
from soakbench.config.cells import CellSheet, parse_cells
from soakbench.config.explain import problems_of
from soakbench.config.faults import FaultScript
from soakbench.config.plan import PlanConfig
from soakbench.config.source import Problem, Source
from soakbench.config.tracks import split_problems
from soakbench.config.wiring import wiring_problems
from soakbench.errors import ConfigError

FileModel = TypeVar("FileModel", bound=FileTable)


def load_bench(path: Path) -> BenchConfig:
    """The bench file at `path`. ConfigError names file, key and what is allowed."""
    return parse_bench(_read(path), str(path))


def parse_bench(text: str, name: str) -> BenchConfig:
    """The bench in `text`; `name` is the file's, for messages."""
    return _parse(BenchConfig, Source(name, text), wiring_problems)


def load_plan(path: Path) -> PlanConfig:
    """The plan file at `path`, not yet checked against a bench. ConfigError as for a bench."""
    return parse_plan(_read(path), str(path))


def parse_plan(text: str, name: str) -> PlanConfig:
    """The plan in `text`; `name` is the file's, for messages."""
    return _parse(PlanConfig, Source(name, text), lambda plan: list(split_problems(plan.written)))


def load_cells(path: Path) -> CellSheet:
    """The list of cells at `path`, not yet checked against a bench. ConfigError as for a bench."""
    return parse_cells(_read(path), str(path))


def load_faults(path: Path) -> FaultScript:
    """The fault script at `path`, not yet checked against a bench. ConfigError as for a bench."""
    return parse_faults(_read(path), str(path))


def parse_faults(text: str, name: str) -> FaultScript:
    """The fault script in `text`; `name` is the file's, for messages."""
    return _parse(FaultScript, Source(name, text), _nothing_more)


def _nothing_more(_: FileTable) -> list[Problem]:
    """What else could be wrong depends on the bench."""
    return []


def _parse(
    model: type[FileModel], source: Source, also: Callable[[FileModel], list[Problem]]
) -> FileModel:
    try:
        data = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{source.name}: not valid TOML: {error}",
            'look at that line: a text needs quotes, a table name brackets, a key "="',
        ) from error
    try:
        config = model.model_validate(data)
    except ValidationError as error:
        raise source.error(problems_of(error, model), _HINT) from error
    config.attach(source)
    problems = also(config)
    if problems:
        raise source.error(problems, _HINT)
    return config


_HINT = "correct the file and try again; `soakbench check` tells whether it is right"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such file", "check name and folder") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not a text file in UTF-8", "save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
