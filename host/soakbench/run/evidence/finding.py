"""A finding: an episode in which the records contradict the commanded condition."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from soakbench.clock import moment
from soakbench.run.evidence.rules import Rule


class Moment(NamedTuple):
    """A record and its time: the board's own, and UTC as the database has it."""

    device: str
    boot: str
    seq: int
    t_ms: int
    utc_ms: int


class Reading(NamedTuple):
    """What was seen, and the limit it was held against, in mV, uA, suns or lux."""

    value: float
    limit: float
    unit: str


@dataclass
class Finding:
    """`subject` is a cell, a station or a converter. `end` is None while it goes on."""

    rule: Rule
    subject: str
    station: str
    cells: tuple[str, ...]
    begin: Moment
    first: Reading | None
    worst: Reading | None
    end: Moment | None = None

    def words(self) -> str:
        """What was seen, from when to when."""
        return f"{self.what()}, {self._when()}"

    def what(self) -> str:
        """What was seen."""
        seen: Mapping[str, str] = {
            "subject": self.subject,
            "station": self.station,
            "cells": ", ".join(self.cells) or "no cell of this run",
            "value": "" if self.worst is None else _amount(self.worst.value, self.worst.unit),
            "limit": "" if self.worst is None else _amount(self.worst.limit, self.worst.unit),
        }
        return self.rule.what.format_map(seen)

    def _when(self) -> str:
        begin = moment(self.begin.utc_ms)
        if self.end is None:
            return f"since {begin:%Y-%m-%d %H:%M:%S} UTC"
        end = moment(self.end.utc_ms)
        day = "" if end.date() == begin.date() else f"{end:%Y-%m-%d} "
        return f"{begin:%Y-%m-%d %H:%M:%S} to {day}{end:%H:%M:%S} UTC"


def _amount(value: float, unit: str) -> str:
    """ "983 mV", "1652 uA", "0.1 lux"."""
    places = {"mV": 1, "uA": 0, "lux": 1}.get(unit, 3)
    text = f"{value:.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{'0' if text == '-0' else text} {'µA' if unit == 'uA' else unit}"
