"""The text a configuration was read from, and the line a key stands in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from soakbench.errors import ConfigError

Loc = tuple[str | int, ...]  # ("tracks", "dark", "phases", 2, "until")

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"' -]+?)\s*=")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where in the file, and what about it."""

    loc: Loc
    text: str


@dataclass(frozen=True)
class Source:
    """A file's name (as the person gave it) and its text."""

    name: str = ""
    text: str = ""

    def error(self, problems: list[Problem], hint: str = "") -> ConfigError:
        """The error that tells all `problems`, one a line, in the order of the file."""
        return ConfigError("\n".join(self.told(problems)), hint)

    def told(self, problems: list[Problem]) -> list[str]:
        """All `problems` in words, in the order of the file."""
        lines = [(self.line_of(p.loc) or 0, self.described(p)) for p in problems]
        lines.sort(key=lambda line: line[0])
        return [text for _, text in lines]

    def described(self, problem: Problem) -> str:
        """`plans/a.toml, line 12: tracks.dark.phases[2].until: ...`."""
        line = self.line_of(problem.loc)
        where = [self.name] if self.name else []
        if line is not None:
            where.append(f"line {line}")
        parts = [", ".join(where), dotted(problem.loc), problem.text]
        return ": ".join(part for part in parts if part)

    def line_of(self, loc: Loc) -> int | None:
        """The line of the key at `loc`, or of the nearest thing around it that has one.

        tomllib keeps no lines; this reads table headers and the keys below them, which is how
        bench and plan files are written.
        """
        lines = _lines(self.text)
        for length in range(len(loc), 0, -1):
            if loc[:length] in lines:
                return lines[loc[:length]]
        return None

    def last_key_line(self, table: Loc) -> int | None:
        """The line of the last key that stands directly in `table`; None if there is none."""
        keys = [line for line, at, loc in _scan(self.text) if at == table and loc != at]
        return max(keys, default=None)


def dotted(loc: Loc) -> str:
    """`tracks.dark.phases[2].until`; phases count from 0, as in the file's own data."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def _lines(text: str) -> dict[Loc, int]:
    """The first line of every table header and of every key that begins a line."""
    found: dict[Loc, int] = {}
    for number, _, loc in _scan(text):
        found.setdefault(loc, number)
    return found


def _scan(text: str) -> Iterator[tuple[int, Loc, Loc]]:
    """Each line with a header or a key: its number, the table it is in, and what it names."""
    arrays: dict[Loc, int] = {}  # entries seen so far of each [[array of tables]]
    table: Loc = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.fullmatch(line)
        key = _KEY.match(line)
        if header is not None:
            table = _with_indices(_split(header.group(2)), arrays)
            if header.group(1) == "[[":
                arrays[table] = arrays.get(table, 0) + 1
                table = (*table, arrays[table] - 1)
            yield number, table, table
        elif key is not None:
            yield number, table, table + _split(key.group(1))


def _with_indices(names: Loc, arrays: dict[Loc, int]) -> Loc:
    """`a.b.c` below `[[a.b]]` belongs to the newest entry of that array: `a.b[1].c`."""
    loc: Loc = ()
    for i, name in enumerate(names):
        loc = (*loc, name)
        if loc in arrays and i < len(names) - 1:
            loc = (*loc, arrays[loc] - 1)
    return loc


def _split(name: str) -> Loc:
    return tuple(part.strip().strip("\"'") for part in name.split("."))
