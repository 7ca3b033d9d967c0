"""Deviations from the plan, from the records alone: when, how long, which cells, what was seen.

Four kinds, told apart by what the board has recorded of each track:

    gap               the board was away: from its last stored record to the next begin of the step
    out_of_condition  light, dark or temperature was not what the phase asks for; nothing counted
    paused            by a person, a time-out or a trip; `held`: by the board, which lets it go on
    trip              a safety rule had switched a heater off, until a person cleared it

What was delivered between the last stored record and the moment the board went away is not known.
It is not counted; the gap's length is its upper bound.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from soakbench.clock import moment
from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram, StepInfo
from soakbench.run.goals import Goals, read_extended
from soakbench.run.machine import Place
from soakbench.status import Deviation
from soakbench.store import Store
from soakbench.units import MILLI_PER_HOUR, format_duration, format_suns
from soakwire import blobs, names, records

Kind = Literal["gap", "out_of_condition", "paused", "held", "trip"]

_EVENTS = (
    "step_begin",
    "barrier",
    "step_end",
    "track_done",
    "out_of_condition",
    "in_condition",
    "paused",
    "resumed",
    "step_timeout",
    "stopped",
    "fault",
    "fault_kept",
    "fault_cleared",
)
_ENDS_OUT = ("in_condition", "step_begin", "step_end", "track_done", "paused", "stopped")
_ENDS_PAUSE = ("resumed", "step_begin", "step_end", "track_done", "barrier", "stopped")
_HELD = {
    records.HELD: "until the computer has taken the records the board holds",
    records.ALONE: "until the computer was back",
}
_LOOK_BACK_MS = 1000  # a sample that led to an event may be recorded just before it


@dataclass(frozen=True)
class _Event:
    name: str
    t_utc_ms: int
    boot: str
    track: int | None
    step: int
    cycle: int
    station: int | None
    a: int
    b: int
    dose_sun_h: float


@dataclass(frozen=True)
class _Last:
    """The last stored record of a track in one boot."""

    boot: str
    track: int
    t_utc_ms: int
    step: int
    cycle: int
    state: str
    delivered: int


@dataclass(frozen=True)
class _Span:
    kind: Kind
    begin: _Event
    end_utc_ms: int | None
    dose_sun_h: float | None
    """The light received meanwhile; None where it is not known."""
    cause: str = ""


def find_deviations(
    store: Store, run: str, program: CompiledProgram, bench: BenchConfig
) -> list[Deviation]:
    """All deviations of `run`, in order of time; one that has not ended has no end."""
    words = _Words(store, run, program, bench)
    events = _events(store, run)
    lasts = _lasts(store, run)
    found = [words.gap(*gap) for gap in _gaps(events, lasts)]
    for number in range(len(program.tracks)):
        own = [event for event in events if event.track == number or event.name == "stopped"]
        over = {last.boot: last.t_utc_ms for last in lasts if last.track == number}
        found += [words.span(span) for span in _spans(own, over)]
    found += [words.trip(*trip) for trip in _trips(events)]
    return sorted(found, key=lambda deviation: deviation.begin)


# --- what the database has ---


def _events(store: Store, run: str) -> list[_Event]:
    marks = ",".join("?" * len(_EVENTS))
    rows = store.rows(
        "SELECT event, t_utc_ms, device || boot, track, step, cycle, station, a, b, dose_sun_h"
        f" FROM event WHERE run = ? AND event IN ({marks}) ORDER BY t_utc_ms, boot, seq",
        (run, *_EVENTS),
    )
    return [_Event(*row) for row in rows]


def _lasts(store: Store, run: str) -> list[_Last]:
    rows = store.rows(
        "SELECT device || boot AS boot, place, max(seq), t_utc_ms, body FROM record"
        " WHERE run = ? AND kind = 'track' GROUP BY device, boot, place ORDER BY t_utc_ms",
        (run,),
    )
    lasts = []
    for row in rows:
        body = json.loads(row["body"])
        at = (body["step"], body["cycle"], body["state"], body["delivered"])
        lasts.append(_Last(row["boot"], row["place"], row["t_utc_ms"], *at))
    return lasts


# --- what follows from it ---


def _gaps(events: list[_Event], lasts: list[_Last]) -> Iterator[tuple[_Last, int | None]]:
    """For each track, what was last known before each restart, and when it went on."""
    for last in lasts:
        begins = [
            event
            for event in events
            if event.track == last.track
            and event.boot != last.boot
            and event.t_utc_ms >= last.t_utc_ms
            and event.name in ("step_begin", "barrier")
        ]
        if last.state in ("running", "barrier", "paused", "ready") and begins:
            yield last, begins[0].t_utc_ms


def _spans(events: list[_Event], over: dict[str, int]) -> Iterator[_Span]:
    """Of one track. A span that a restart has cut ends with the last record before (`over`)."""
    for i, event in enumerate(events):
        if event.name == "out_of_condition":
            kind: Kind = "out_of_condition"
            ends, cause = _ENDS_OUT, ""
        elif event.name == "paused":
            kind, ends = ("held" if event.b else "paused"), _ENDS_PAUSE
            cause = _cause(events[i - 1] if i else None, event)
        else:
            continue
        later = events[i + 1 :]
        end = next((e for e in later if e.boot == event.boot and e.name in ends), None)
        dose = None
        if end is not None and (end.step, end.cycle) == (event.step, event.cycle):
            dose = max(end.dose_sun_h - event.dose_sun_h, 0.0)
        end_ms = end.t_utc_ms if end is not None else None
        if end is None and any(e.boot != event.boot for e in later):
            end_ms = max(over.get(event.boot, 0), event.t_utc_ms)
        yield _Span(kind, event, end_ms, dose, cause)


def _cause(before: _Event | None, event: _Event) -> str:
    """A step that has run into its time-out says so right before it pauses."""
    if event.b:
        return _HELD.get(event.b, "by the board")
    timed_out = before is not None and (before.name, before.boot) == ("step_timeout", event.boot)
    return "the phase has run into its time-out" if timed_out else ""


def _trips(events: Iterable[_Event]) -> Iterator[tuple[_Event, int, int | None]]:
    """Event, fault bit and when it was cleared, for each fault that switches a heater off."""
    going: dict[tuple[int | None, int], _Event] = {}
    for event in events:
        for bit, _ in names.FAULT_NAMES:
            if not event.a & bit & records.TRIPS:
                continue
            if event.name in ("fault", "fault_kept"):
                going.setdefault((event.station, bit), event)
            elif event.name == "fault_cleared" and (event.station, bit) in going:
                yield going.pop((event.station, bit)), bit, event.t_utc_ms
    for (_, bit), event in going.items():
        yield event, bit, None


# --- in words ---


class _Words:
    """Makes deviations of what was found, with what the sensors saw."""

    def __init__(
        self, store: Store, run: str, program: CompiledProgram, bench: BenchConfig
    ) -> None:
        self._store = store
        self._run = run
        self._program = program
        self._bench = bench
        self._stations = list(bench.stations)
        self._goals = Goals(program, read_extended(store, run))

    def gap(self, last: _Last, end_utc_ms: int | None) -> Deviation:
        """The board was away."""
        step = self._step(last.track, last.step)
        amount = "waiting"
        if step.goal is not None:
            done = self._amount(last.delivered, step)
            amount = f"{done} of {self._goal(last)} delivered"
        text = f"the board was away; {amount}; {self._rested(last.track, step)}"
        if step.goal is not None:
            text += "; what was delivered after the last record is not counted"
        return self._deviation(
            "gap", last.t_utc_ms, end_utc_ms, (last.track, step, last.cycle), text, None
        )

    def span(self, span: _Span) -> Deviation:
        """A phase out of its condition, or a pause."""
        begin = span.begin
        assert begin.track is not None
        step = self._step(begin.track, begin.step)
        if span.kind == "out_of_condition":
            text = self._seen(begin, span.end_utc_ms, step)
        else:
            text = "paused" + (f": {span.cause}" if span.cause else "")
        return self._deviation(
            span.kind,
            begin.t_utc_ms,
            span.end_utc_ms,
            (begin.track, step, begin.cycle),
            text,
            span.dose_sun_h,
        )

    def trip(self, event: _Event, bit: int, end_utc_ms: int | None) -> Deviation:
        """A heater was off until a person cleared the fault."""
        name = dict(names.FAULT_NAMES)[bit]
        where = "" if event.station is None else f" at {self._stations[event.station]}"
        text = f"heater{where} switched off by a safety rule: {name}"
        where_in_plan = None
        if event.track is not None:
            where_in_plan = event.track, self._step(event.track, event.step), event.cycle
        return self._deviation("trip", event.t_utc_ms, end_utc_ms, where_in_plan, text, None)

    def _deviation(
        self,
        kind: Kind,
        begin_utc_ms: int,
        end_utc_ms: int | None,
        at: tuple[int, StepInfo, int] | None,
        text: str,
        dose_sun_h: float | None,
    ) -> Deviation:
        track, step, cycle = at or (None, None, 0)
        entry = None if track is None else self._program.tracks[track]
        length_ms = None if end_utc_ms is None else max(end_utc_ms - begin_utc_ms, 0)
        counts = kind != "trip" and step is not None and step.goal is not None
        return Deviation(
            kind=kind,
            begin=moment(begin_utc_ms),
            end=None if end_utc_ms is None else moment(end_utc_ms),
            length_s=None if length_ms is None else length_ms / 1000,
            track=None if entry is None else entry.name,
            cells=[] if entry is None else list(entry.cells),
            phase="" if step is None else step.phase,
            cycle=cycle,
            text=text,
            dose_sun_h=None if dose_sun_h is None else dose_sun_h * self._program.accelerate,
            interrupted=counts and length_ms is not None and length_ms > self._program.max_gap_ms,
        )

    def _step(self, track: int, step: int) -> StepInfo:
        return self._program.tracks[track].steps[step]

    def _amount(self, delivered: int, step: StepInfo) -> str:
        milli = delivered * self._program.accelerate
        if step.unit == "sun_h":
            return f"{milli / MILLI_PER_HOUR:.2f} sun_h"
        return format_duration(milli)

    def _goal(self, last: _Last) -> str:
        place = Place(last.track, last.step, last.cycle)
        if self._goals.step(place).unit == "sun_h":
            return f"{self._goals.amount(place):g} sun_h"
        return format_duration(self._goals.milli(place))

    def _rested(self, track: int, step: StepInfo) -> str:
        """Loads and light of cells whose board has no power."""
        loads: dict[str, list[str]] = {}
        for cell in self._program.tracks[track].cells:
            loads.setdefault(self._bench.cells[cell].rest, []).append(cell)
        if len(loads) == 1:
            at = next(iter(loads))
        else:
            at = ", ".join(f"{load} ({', '.join(cells)})" for load, cells in loads.items())
        light = self._bench.stations[step.station].light
        by_hand = light is not None and light.actuator == "by_hand"
        return f"cells rested at {at}, {'under the light there was' if by_hand else 'dark'}"

    def _seen(self, begin: _Event, end_utc_ms: int | None, step: StepInfo) -> str:
        """What the station's sensors say of the stretch."""
        station = self._stations.index(step.station)
        end = (1 << 62) if end_utc_ms is None else end_utc_ms
        (row,) = self._store.rows(
            "SELECT min(light_suns) AS light_low, max(light_suns) AS light_high,"
            " min(plate_c) AS plate_low, max(plate_c) AS plate_high, max(lux) AS lux"
            " FROM station_sample WHERE run = ? AND station = ? AND t_utc_ms BETWEEN ? AND ?",
            (self._run, station, begin.t_utc_ms - _LOOK_BACK_MS, end),
        )
        seen = []
        if step.kind == blobs.AGEING:
            if row["light_low"] is not None:
                wanted = "light" if step.light_suns is None else format_suns(step.light_suns)
                span = _range(row["light_low"], row["light_high"], ".2f")
                seen.append(f"light {span} suns, wanted {wanted}")
        else:
            if step.target_c is not None and row["plate_low"] is not None:
                span = _range(row["plate_low"], row["plate_high"], ".1f")
                seen.append(f"plate {span} °C, wanted {step.target_c:g} ± {step.band_c:g} °C")
            if row["lux"] is not None:
                seen.append(f"up to {row['lux']:g} lux")
            if row["light_high"]:
                seen.append(f"light up to {row['light_high']:.3g} suns")
        return "not in condition" + (f": {'; '.join(seen)}" if seen else "")


def _range(low: float, high: float, form: str) -> str:
    a, b = format(low, form), format(high, form)
    return a if a == b else f"{a} to {b}"
