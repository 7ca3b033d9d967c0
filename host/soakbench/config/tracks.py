"""The tracks of a plan file, and what becomes of them where one splits.

A track with `from` goes on where another one ends, with some of its cells:

    together ──┬── dark       as written: three tables
               └── thermal    as they run: two tracks, both of which begin with those phases

A track that others go on from does not run itself.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from soakbench.config.base import Load, Name, Table
from soakbench.config.explain import did_you_mean, quoted
from soakbench.config.phases import Environment, Loads, Phase
from soakbench.config.source import Loc, Problem

Role = Literal["sample", "never_lit", "reference", "control"]
"""`never_lit`: kept in the dark for comparison; `reference`: measured in every batch of J-V curves
to know the setup; `control`: lives through something else for as long (time-matched)."""


class _Track(Table):
    cells: list[Name]
    """None: only the station is heated or lit, as for a calibration."""
    load: Load = "OC"
    loads: Loads = Field(default_factory=dict)
    roles: dict[Name, Role] = Field(default_factory=dict)
    """Of single cells; the others are samples."""
    phases: list[Annotated[Phase, Field(discriminator="phase")]] = Field(min_length=1)


class WrittenTrack(_Track):
    """`[tracks.NAME]`: cells that share light, heat and timeline; their loads may differ."""

    from_track: Name | None = Field(default=None, alias="from")
    """The track that this one goes on from."""
    station: Name | None = None
    """Where the cells are at the start; given by the other track where there is a `from`."""


class Track(_Track):
    """A track as it runs, from the start of the run to its end."""

    station: Name


_T = TypeVar("_T")
Written = Mapping[str, WrittenTrack]


def split_problems(written: Written) -> Iterator[Problem]:
    """What is wrong with `from` and `station`, before anything else is asked."""
    for name, track in written.items():
        here: Loc = ("tracks", name)
        if track.from_track is None:
            if track.station is None:
                yield Problem((*here, "station"), "is missing; where are the cells at the start?")
        elif track.station is not None:
            text = f'the cells are where "{track.from_track}" ends; leave the key out'
            yield Problem((*here, "station"), text)
        yield from _from_problems((*here, "from"), name, track, written)
    yield from _cell_problems(written)


def _from_problems(loc: Loc, name: str, track: WrittenTrack, written: Written) -> Iterator[Problem]:
    if track.from_track is None:
        return
    if track.from_track not in written:
        others = [other for other in written if other != name]
        known = f"allowed: {quoted(others)}" if others else "there is no other one"
        guess = did_you_mean(track.from_track, others)
        yield Problem(loc, f'there is no track "{track.from_track}"; {known}{guess}')
    elif name in _line_of(track.from_track, written):
        yield Problem(loc, f'"{name}" would go on from itself')


def _cell_problems(written: Written) -> Iterator[Problem]:
    """Each cell of a track that splits goes on in one of its arms."""
    for name, stem in written.items():
        arms = [arm for arm in written.values() if arm.from_track == name]
        taken = [cell for arm in arms for cell in arm.cells]
        left = [cell for cell in stem.cells if cell not in taken]
        if arms and left:
            text = f'no track that goes on from "{name}" has {quoted(left)}'
            yield Problem(("tracks", name, "cells"), text)
    for name, track in written.items():
        for i, cell in enumerate(track.cells):
            stem_name = track.from_track or ""
            if stem_name in written and cell not in written[stem_name].cells:
                text = f'cell "{cell}" is not in track "{stem_name}", which this one goes on from'
                yield Problem(("tracks", name, "cells", i), text)
        for cell in track.loads if track.from_track is not None else ():
            if cell not in track.cells:
                text = f'cell "{cell}" is not in this track; allowed: {quoted(track.cells)}'
                yield Problem(("tracks", name, "loads", cell), text)


def _line_of(name: str, written: Written) -> list[str]:
    """The tracks that `name` goes on from, and itself: the first one first."""
    line: list[str] = []
    at: str | None = name
    while at is not None and at in written and at not in line:
        line.insert(0, at)
        at = written[at].from_track
    return line


def running_tracks(written: Written) -> dict[str, Track]:
    """The tracks that run, of a plan without `split_problems`."""
    stems = {track.from_track for track in written.values()}
    return {name: _whole(name, written) for name in written if name not in stems}


def place_in_file(loc: Loc, written: Written) -> Loc:
    """Where in the file something stands that is at `loc` in the running tracks."""
    if len(loc) < 3 or loc[0] != "tracks" or loc[1] not in written:
        return loc
    line = _line_of(str(loc[1]), written)
    if loc[2] == "station":
        return ("tracks", line[0], *loc[2:])
    if loc[2] == "roles":
        said = [name for name in line if loc[-1] in written[name].roles]
        return ("tracks", said[-1], *loc[2:])
    if loc[2] != "phases" or len(loc) < 4:
        return loc
    index = int(loc[3])
    for name in line[:-1]:
        if index < len(written[name].phases):
            return ("tracks", name, "phases", index, *loc[4:])
        index -= len(written[name].phases)
    return ("tracks", line[-1], "phases", index, *loc[4:])


def _whole(name: str, written: Written) -> Track:
    """A track with all it goes on from. Its phases carry the loads that their own table says."""
    line = [written[part] for part in _line_of(name, written)]
    first, cells = line[0], line[-1].cells
    assert first.station is not None
    load: Load | None = None
    loads: Loads = {}
    roles: dict[str, Role] = {}
    phases: list[Phase] = []
    for part in line:
        foreign = set(part.cells) - set(cells)  # they go on in another track
        if part is not first and "load" in part.model_fields_set:
            load, loads = part.load, {}
        if part is not first:
            loads = {**loads, **part.loads}
        phases += [_with_loads(phase, load, loads, foreign) for phase in part.phases]
        roles |= _but_for(foreign, part.roles)
    return Track(
        cells=cells,
        station=first.station,
        load=first.load,
        loads=_but_for(set(first.cells) - set(cells), first.loads),
        roles=roles,
        phases=phases,
    )


def _with_loads(phase: Phase, load: Load | None, loads: Loads, foreign: set[str]) -> Phase:
    """The phase with what holds where it says nothing itself, without cells of other tracks."""
    if not isinstance(phase, Environment):
        return phase
    below = loads if phase.load is None else {}
    own = {**_but_for(foreign, below), **_but_for(foreign, phase.loads)}
    return phase.model_copy(update={"load": phase.load or load, "loads": own})


def _but_for(cells: set[str], said: Mapping[str, _T]) -> dict[str, _T]:
    return {cell: what for cell, what in said.items() if cell not in cells}
