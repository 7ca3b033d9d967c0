"""The ISOS label of a run: the protocol that the history of its cells is nearest to, and every
way in which that history is not this protocol. From what was measured, never from what was
planned; what nobody has measured or stated is a deviation as well.
"""

from soakbench.cell_history import CellAccount, IsosLabel
from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram, TrackInfo
from soakbench.plan.isos_protocols import Family, nearest
from soakbench.run.isos_departures import Group, departures
from soakbench.status import CellEvidence, RunState

_HUMID_PERCENT = (80.0, 90.0)  # 85 % of ISOS-D-3


def isos_labels(
    cells: list[CellAccount],
    evidence: list[CellEvidence],
    state: RunState,
    program: CompiledProgram,
    bench: BenchConfig,
) -> list[IsosLabel]:
    """One for the cells of each track that had the same loads; none where nothing was delivered."""
    labels = []
    for track in program.tracks:
        for alike in _alike(track, [each for each in cells if each.track == track.name]):
            group = Group(track, alike, evidence, state, program, bench)
            if group.cell.ageing.hours or group.dark_h:
                labels.append(_label(group))
    return labels


def _alike(track: TrackInfo, cells: list[CellAccount]) -> list[list[CellAccount]]:
    groups: dict[tuple[str, ...], list[CellAccount]] = {}
    for each in cells:
        loads = tuple(step.loads[each.cell] for step in track.steps)
        groups.setdefault(loads, []).append(each)
    return list(groups.values())


def _label(group: Group) -> IsosLabel:
    family: Family = "D" if not group.cell.ageing.hours else "LC" if group.dark_h else "L"
    humidity = group.cell.humidity_percent.mean
    humid = humidity is not None and _HUMID_PERCENT[0] <= humidity <= _HUMID_PERCENT[1]
    inert = group.program.conditions.is_inert
    protocol = nearest(family, group.main.temp_c.mean, inert, humid)
    deviations = departures(group, protocol)
    return IsosLabel(
        cells=group.names,
        track=group.track.name,
        nearest=protocol.name,
        claimed=group.program.isos,
        deviations=deviations,
        text=f"nearest: {protocol.name}, but: {'; '.join(deviations)}",
    )
