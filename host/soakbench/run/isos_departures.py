"""In which ways the history of some cells is not an ISOS protocol, topic by topic, in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from soakbench.cell_history import CellAccount, Exposure, Readings
from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram, TrackInfo
from soakbench.plan.isos_protocols import (
    DARK_PER_LIGHT,
    PERIODS_H,
    SUNS,
    TOLERANCE_C,
    IsosProtocol,
    nearest_of,
    protocol_of,
)
from soakbench.run.cycles import RECOVERIES
from soakbench.status import CellEvidence, RunState
from soakbench.units import MILLI_PER_HOUR, format_duration

_SAME = 0.02  # what cycle times may be off by, and what light may vary by: a class A simulator
_NO_LIGHT_SUN_H = 0.005
_A_MINUTE_H = 1 / 60
_DAYS_H = 48


@dataclass(frozen=True)
class Group:
    """Cells with one history, and what is to be known of it."""

    track: TrackInfo
    cells: list[CellAccount]
    evidence: list[CellEvidence]
    state: RunState
    program: CompiledProgram
    bench: BenchConfig

    @property
    def cell(self) -> CellAccount:
        """One of them: but for the light at its place it is like the others."""
        return self.cells[0]

    @property
    def names(self) -> list[str]:
        return [each.cell for each in self.cells]

    @property
    def dark_h(self) -> float:
        return self.cell.dark_recovery.hours + self.cell.thermal_recovery.hours

    @property
    def main(self) -> Exposure:
        """What makes the protocol: the light, or else the longer dark."""
        if self.cell.ageing.hours:
            return self.cell.ageing
        return max(self.cell.dark_recovery, self.cell.thermal_recovery, key=lambda each: each.hours)


def departures(group: Group, protocol: IsosProtocol) -> list[str]:
    """All of them, and never none: that nothing was found has to be said as well."""
    found = [text for find in _FINDERS for text in find(group, protocol)]
    return found or ["nothing that was measured or stated departs from it"]


def _claim(group: Group, protocol: IsosProtocol) -> Iterator[str]:
    claimed = group.program.isos
    if claimed is not None and claimed != protocol.name:
        yield f"the plan claims {claimed} ({protocol_of(claimed).words})"


def _bench(group: Group, _: IsosProtocol) -> Iterator[str]:
    if group.bench.is_twin:
        faster = group.program.accelerate
        yield "simulated bench, no real cell" + (
            f", {faster:g} times as fast" if faster > 1 else ""
        )
    if group.state in ("stopped", "failed"):
        yield "the run was ended before its time"
    elif group.state != "finished":
        yield "the run is not over"


def _load(group: Group, protocol: IsosProtocol) -> Iterator[str]:
    lit = group.cell.ageing
    if lit.oc_h and lit.sc_h:
        yield f"two loads while lit: OC for {_time(lit.oc_h)}, SC for {_time(lit.sc_h)}"
    if lit.sc_h:
        yield f"SC while lit, which is no load of {protocol.name} ({protocol.loads})"
    if protocol.is_lit:
        yield "MPP was not tracked, so this tells no operational lifetime"
    dark_sc_h = group.cell.dark_recovery.sc_h + group.cell.thermal_recovery.sc_h
    if dark_sc_h:
        yield f"SC in the dark for {_time(dark_sc_h)}, not OC"


def _proof(group: Group, _: IsosProtocol) -> Iterator[str]:
    mine = [each for each in group.evidence if each.cell in group.names]
    unsensed = [each.cell for each in mine if not each.senses]
    if unsensed:
        yield f"load taken on trust, nothing senses it{_of(unsensed, group)}"
    doubts = {each.doubtful_s for each in mine if each.findings}
    doubtful = [each.cell for each in mine if each.findings]
    if doubtful:
        longest = format_duration(round(max(doubts)) * 1000)
        yield f"condition in doubt for up to {longest}{_of(doubtful, group)} (see the findings)"


def _temperature(group: Group, protocol: IsosProtocol) -> Iterator[str]:
    for exposure, when in (
        (group.cell.ageing, "while lit"),
        (group.cell.dark_recovery, "in the dark"),
        (group.cell.thermal_recovery, "in thermal recovery"),
    ):
        if exposure.hours:
            yield from _temperature_of(exposure, when, protocol)


def _temperature_of(exposure: Exposure, when: str, protocol: IsosProtocol) -> Iterator[str]:
    temp = exposure.temp_c
    if temp.mean is None or temp.low is None or temp.high is None:
        yield f"temperature not measured {when}"
        return
    seen = f"{_range(temp, '°C', 1)} {when} for {_time(exposure.hours)}"
    if protocol.departure_c(temp.mean) > TOLERANCE_C:
        level = "" if _is_level(temp.mean) else "; no level of ISOS"
        yield f"{seen}, not {protocol.temperature}{level}"
    elif max(protocol.departure_c(temp.low), protocol.departure_c(temp.high)) > TOLERANCE_C:
        yield f"{seen}, not always {protocol.temperature}"
    if temp.sensor != "stage":
        yield f"temperature {when} is the plate's, not the cells'"
    if temp.unread_h >= _A_MINUTE_H:
        yield f"no reading of the temperature {when} for {_time(temp.unread_h)}"


def _is_level(temp_c: float) -> bool:
    """Ambient, or one of the two that ISOS has above it."""
    return any(
        IsosProtocol("D", level, False).departure_c(temp_c) <= TOLERANCE_C for level in (1, 2)
    )


def _cycle(group: Group, protocol: IsosProtocol) -> Iterator[str]:
    cycles = group.cell.cycles
    if protocol.family != "LC":
        return
    if cycles.light_h is None or cycles.dark_h is None or cycles.period_h is None:
        yield "no complete cycle"
        return
    if cycles.complete == 1:
        yield "one cycle only"
    if _is_off(cycles.period_h, PERIODS_H):
        yield f"period {_time(cycles.period_h)}, not 2, 8 or 24 h"
    ratio = cycles.dark_h / cycles.light_h
    if _is_off(ratio, DARK_PER_LIGHT):
        times = f"{_time(cycles.light_h)} to {_time(cycles.dark_h)}"
        yield f"light to dark {times} (1:{ratio:.2f}), not 1:1 or 1:2"


def _is_off(value: float, allowed: tuple[float, ...]) -> bool:
    return abs(value / nearest_of(allowed, value) - 1) > _SAME


def _light(group: Group, protocol: IsosProtocol) -> Iterator[str]:
    light = group.cell.light_suns
    if not protocol.is_lit:
        return
    if light.mean is None or light.sd is None:
        yield "light not measured"
        return
    means = [each.light_suns.mean or 0.0 for each in group.cells]
    if round(min(means), 2) < SUNS[0] or round(max(means), 2) > SUNS[1]:
        yield f"light {_between(min(means), max(means))} suns; {SUNS[0]:g} to {SUNS[1]:g} are usual"
    elif max(means) - min(means) > _SAME:
        yield f"light differs between cells, {_between(min(means), max(means))} suns"
    if light.sd > _SAME * light.mean:
        yield f"light not steady: {_range(light, 'suns', 2)}"
    if light.unread_h >= _A_MINUTE_H:
        yield f"no reading of the light for {_time(light.unread_h)}"


def _atmosphere(group: Group, protocol: IsosProtocol) -> Iterator[str]:
    atmosphere = group.program.conditions.atmosphere
    if atmosphere is None:
        yield "atmosphere not stated"
    elif protocol.inert:
        yield f"{atmosphere} is stated, O₂ and H₂O in it were not recorded"
        return
    elif atmosphere != "air":
        yield f"{atmosphere}, which is neither ambient nor inert"
    if group.cell.humidity_percent.mean is None:
        yield "humidity not measured"


def _statements(group: Group, protocol: IsosProtocol) -> Iterator[str]:
    missing = group.program.conditions.not_stated()
    wanted = missing if protocol.is_lit else [key for key in missing if key == "encapsulation"]
    if wanted:
        yield f"not stated: {', '.join(key.replace('_', ' ') for key in wanted)}"


def _dark(group: Group, _: IsosProtocol) -> Iterator[str]:
    dark = [step.station for step in group.track.steps if step.kind in RECOVERIES]
    for name in dict.fromkeys(dark):
        station = group.bench.stations[name]
        if station.lux_sensor is None and group.dark_h:
            known = "no darker than 0.01 suns" if station.light_sensor else "not"
            yield f"dark at {name} is proven {known}: no lux sensor"
    outside = max((each.outside_sun_h or 0.0 for each in group.cells), default=0.0)
    if outside >= _NO_LIGHT_SUN_H:
        yield f"{outside:.2f} sun-h of light outside of ageing"


def _handling(group: Group, _: IsosProtocol) -> Iterator[str]:
    handling = group.cell.handling
    if handling.interruptions and handling.longest_interruption_h is not None:
        many = f"{handling.interruptions} interruptions, the longest"
        text = many if handling.interruptions > 1 else "1 interruption,"
        text += f" {_time(handling.longest_interruption_h)}"
        yield text + ("; longer than max_gap, so it is interrupted" if handling.interrupted else "")
    if handling.away_h:
        yield f"the board was away for {_time(handling.away_h)}"
    if handling.moved_h >= _A_MINUTE_H:
        yield f"cells moved, unplugged for up to {_time(handling.moved_h)}"


# --- in words ---


def _time(hours: float) -> str:
    """To the minute where it is long, to the hour where it is days."""
    if hours >= _DAYS_H:
        return f"{hours:.0f} h"
    step_ms = 60_000 if hours >= 1 else 1000
    return format_duration(round(hours * MILLI_PER_HOUR / step_ms) * step_ms)


def _of(cells: list[str], group: Group) -> str:
    """Which cells, where not all of them."""
    return "" if len(cells) == len(group.cells) else f": {', '.join(cells)}"


def _range(readings: Readings, unit: str, digits: int) -> str:
    def of(value: float | None) -> str:
        return "?" if value is None else f"{value:.{digits}f}"

    spread = f" ± {of(readings.sd)}" if readings.sd is not None else ""
    return f"{of(readings.mean)}{spread} {unit} ({of(readings.low)} to {of(readings.high)})"


def _between(low: float, high: float) -> str:
    a, b = f"{low:.2f}", f"{high:.2f}"
    return a if a == b else f"{a} to {b}"


_FINDERS: tuple[Callable[[Group, IsosProtocol], Iterator[str]], ...] = (
    _claim,
    _bench,
    _load,
    _proof,
    _temperature,
    _cycle,
    _light,
    _atmosphere,
    _statements,
    _dark,
    _handling,
)
