"""Setting keys of a bench file as a person with a text editor would: nothing else changes.

    text = edited(bench.source.text, {("stations", "box", "heater", "kp_permille_per_c"): 150})
    print("\\n".join(differences(bench.source.text, text, "bench.toml")))
    backup = replace_bench(path, bench.source.text, text)

Comments, order and layout stay. A file that would no longer load is never written.
"""

import contextlib
import difflib
import os
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import InlineTable

from soakbench.config.loading import parse_bench
from soakbench.config.source import Loc, Source, dotted
from soakbench.errors import ConfigError

Scalar = bool | int | float | str | list[float]
Value = Scalar | Mapping[str, Scalar]
Changes = Mapping[Loc, Value | None]
"""New values by key, like ("thermistors", "ntc", "beta_k"): 3940. None takes the key away; a
mapping is a new table, like ("thermistors", "mine"): {"beta_k": 3940, ...}."""

BACKUP_SUFFIX = ".bak"


def edited(text: str, changes: Changes) -> str:
    """The TOML in `text` with `changes` made. ConfigError if the table of a key is not there."""
    for loc, value in changes.items():
        text = _changed(text, loc, value)
    return text


def differences(old: str, new: str, name: str) -> list[str]:
    """What changed, line by line as `diff -u` has it; empty if nothing did."""
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), name, f"{name} (new)", lineterm="", n=2
    )
    return list(lines)


def replace_bench(path: Path, was: str, text: str) -> Path:
    """Put `text` into the bench file at `path`, whole or not at all; where the old one is kept.

    Args:
        was: what the file is to hold still. ConfigError if somebody has changed it meanwhile, if
            `text` is no valid bench, or if the file cannot be written.
    """
    parse_bench(text, str(path))
    try:
        now = _read_exactly(path)
        if _plain(now) != _plain(was):
            raise ConfigError(
                f"{path} was changed while this command ran; nothing was stored",
                "enter the values by hand, or run the command again",
            )
        backup = path.with_name(path.name + BACKUP_SUFFIX)
        _write_whole(backup, now, path)
        _write_whole(path, _plain(text).replace("\n", _line_end(now)), path)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be changed: {error.strerror}",
            "enter the values by hand, or make the file and its folder writable",
        ) from error
    return backup


def _changed(text: str, loc: Loc, value: Value | None) -> str:
    document = tomlkit.parse(text)
    table: Any = document
    for depth, part in enumerate(loc[:-1], 1):
        if not isinstance(table, Mapping) or part not in table:
            raise ConfigError(f"the bench file has no table {dotted(loc[:depth])}")
        table = table[part]
    key = loc[-1]
    if isinstance(value, Mapping):
        return _with_new_table(text, loc, value)
    if value is None:
        table.pop(key, None)
    elif key in table or isinstance(table, InlineTable):
        _set(table, str(key), value)
    else:
        return _with_new_line(text, loc, value)
    return tomlkit.dumps(document)


def _set(table: Any, key: str, value: Value) -> None:
    """In its place, or as the last key of an inline table, with a blank before a brace that had
    one."""
    padded = key not in table and table.as_string().endswith(" }")
    table[key] = value
    if padded:
        table.add(tomlkit.ws(" "))


def _with_new_line(text: str, loc: Loc, value: Value) -> str:
    """A new key below the last one of its table.

    tomlkit appends after the comments that stand above the next table, where nobody looks for it.
    """
    document = tomlkit.parse(text)
    table: Any = document
    for part in loc[:-1]:
        table = table[part]
    table[loc[-1]] = value
    appended = tomlkit.dumps(document)
    wanted = tomllib.loads(appended)
    line = f"{tomlkit.key(str(loc[-1])).as_string()} = {tomlkit.item(value).as_string()}"
    for at in _places(text, loc[:-1]):
        lines = text.split("\n")
        tried = "\n".join([*lines[:at], line, *lines[at:]])
        with contextlib.suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(tried) == wanted:
                return tried
    return appended  # a table of an unusual shape


def _with_new_table(text: str, loc: Loc, values: Mapping[str, Scalar]) -> str:
    """A new table below the last one beside it. ConfigError if there is one of this name."""
    document = tomlkit.parse(text)
    beside: Any = document
    for part in loc[:-1]:
        beside = beside[part]
    if loc[-1] in beside:
        raise ConfigError(f"the bench file has a table {dotted(loc)} already")
    last = [str(key) for key in beside]
    header = ".".join(tomlkit.key(str(part)).as_string() for part in loc)
    keys = [
        f"{tomlkit.key(key).as_string()} = {tomlkit.item(value).as_string()}"
        for key, value in values.items()
    ]
    block = ["", f"[{header}]", *keys]
    lines = text.rstrip("\n").split("\n")
    for at in (*(_places(text, (*loc[:-1], last[-1])) if last else ()), len(lines)):
        tried = "\n".join([*lines[:at], *block, *lines[at:]]) + "\n"
        with contextlib.suppress(tomllib.TOMLDecodeError):
            if _has_only(text, tried, loc, values):
                return tried
    raise ConfigError(
        f"no place was found for a table {dotted(loc)} in the bench file",
        "write [thermistors.NAME] tables, and call the command again",
    )


def _has_only(text: str, tried: str, loc: Loc, values: Mapping[str, Scalar]) -> bool:
    """Whether `tried` has the new table and is otherwise the same."""
    made = tomllib.loads(tried)
    table: Any = made
    for part in loc[:-1]:
        table = table[part]
    return table.pop(loc[-1], None) == dict(values) and made == tomllib.loads(text)


def _places(text: str, table: Loc) -> Iterable[int]:
    """After which line a new key of `table` may stand: its last key, or its header."""
    source = Source(text=text)
    header = source.line_of(table)
    last = source.last_key_line(table)
    return [line for line in (last, header) if line is not None]


def _write_whole(path: Path, text: str, like: Path) -> None:
    """A file that is there whole or not at all, with the permissions of `like`."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    made = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        made.chmod(like.stat().st_mode & 0o777)
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _read_exactly(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
