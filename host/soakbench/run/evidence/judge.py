"""The judge of evidence: records in, findings out.

Pure and deterministic: the same records of a run give the same findings, whenever and however often
they are judged. Times are those of the records, so that replayed ones count like live ones.
"""

from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram
from soakbench.run.evidence import rules
from soakbench.run.evidence.cells import CellJudge
from soakbench.run.evidence.episodes import Episodes, Verdict
from soakbench.run.evidence.finding import Finding, Moment
from soakbench.run.evidence.scene import Scene
from soakbench.run.evidence.stations import StationJudge
from soakwire import records
from soakwire.slots import Record

_SENSES = 8  # of a CELLS record

_STATES = {
    records.EV_STEP_BEGIN: records.RUNNING,
    records.EV_BARRIER: records.BARRIER,
    records.EV_PAUSED: records.PAUSED,
    records.EV_RESUMED: records.RUNNING,
    records.EV_TRACK_DONE: records.DONE,
}

_Raw = dict[str, int | None]


class Judge:
    """Judges one run."""

    def __init__(self, bench: BenchConfig, program: CompiledProgram) -> None:
        self._episodes = Episodes()
        self._scene = Scene(bench, program)
        self._cells = CellJudge(self._scene, self._episodes)
        self._stations = StationJudge(self._scene, self._episodes)
        self.kinds = ["station", "air", "track", "event"]
        """What it looks at, as the database names it."""
        if any(cell.has_sense for cell in self._scene.cells.values()):
            self.kinds.append("cells")
        self._last: Moment | None = None
        self._last_cell = max(self._scene.cells, default=0)
        self._converters = {
            converter.address: (name, _cells_on(bench, name, self._scene))
            for name, converter in bench.converters.items()
        }

    def take(self, item: Record, at: Moment) -> None:
        """One record; those of a boot come in their order. LayoutError if it cannot be decoded."""
        if self._last is not None and (at.device, at.boot) != (self._last.device, self._last.boot):
            self._episodes.end_all(self._last)
            self._scene.restart()
        self._last = at
        if item.kind == records.CELLS:
            self._take_cells(item.place, item.values, at)
        elif item.kind == records.STATION:
            self._stations.take(item.place, item.values, at)
        elif item.kind == records.AIR:
            self._stations.take_air(item.place, item.values)
        elif item.kind == records.TRACK:
            self._take_track(item.place, item.values, at)
        elif item.kind == records.EVENT:
            self._take_event(item.place, item.values, at)

    def finish(self) -> None:
        """The run is over: so is what was going on."""
        if self._last is not None:
            self._episodes.end_all(self._last)

    def changed(self) -> list[Finding]:
        """The findings that have opened or ended since this was asked last."""
        changed, self._episodes.changed = self._episodes.changed, []
        return changed

    def _take_cells(self, first: int, raw: _Raw, at: Moment) -> None:
        loads = raw["loads"] or 0
        for number in range(first, first + _SENSES):
            cell = self._scene.cells.get(number)
            if cell is not None:
                if cell.be_at(loads >> 2 * number & 3, at.t_ms):
                    self._cells.switched(number, at)
                cell.sense = raw[f"sense{number - first}"]
        if first <= self._last_cell < first + _SENSES:  # the sample is complete
            self._cells.judge(at)

    def _take_track(self, number: int, raw: _Raw, at: Moment) -> None:
        state = raw["state"]
        if state is not None and state >= records.RUNNING:
            self._be_at(number, raw, state, at)

    def _be_at(self, number: int, raw: _Raw, state: int, at: Moment) -> None:
        if number >= len(self._scene.tracks):
            return
        track = self._scene.tracks[number]
        before = track.place, track.state
        has_moved = track.be_at((raw["step"] or 0, raw["cycle"] or 0), state, at.t_ms)
        if has_moved:
            self._cells.moved(number)
        if (track.place, track.state) != before:
            self._stations.changed(at)
            self._cells.begun(number, at)

    def _take_event(self, code: int, raw: _Raw, at: Moment) -> None:
        a, b, track, station = raw["a"] or 0, raw["b"] or 0, raw["track"], raw["station"]
        if code in _STATES and track is not None:
            self._be_at(track, raw, _STATES[code], at)
        elif code == records.EV_STOPPED:
            self._stop(at)
        elif code == records.EV_LOAD and a in self._scene.cells:
            if self._scene.cells[a].be_at(b, at.t_ms):
                self._cells.switched(a, at)
        elif code == records.EV_LIGHT and station is not None:
            self._stations.switched(station, bool(a), at)
        elif code == records.EV_DEVICE:
            self._device(a, b == 1, at)
        elif a in self._scene.cells:
            self._cells.told(code, a, b, at)

    def _stop(self, at: Moment) -> None:
        for track in self._scene.tracks:
            track.state, track.since_ms = records.IDLE, at.t_ms
        self._stations.changed(at)

    def _device(self, address: int, is_silent: bool, at: Moment) -> None:
        if address in self._converters:
            name, cells = self._converters[address]
            verdict = Verdict.BAD if is_silent else Verdict.GOOD
            rule = rules.CONVERTER_SILENT
            self._episodes.weigh(rule, name, verdict, at, cells=cells)


def _cells_on(bench: BenchConfig, converter: str, scene: Scene) -> tuple[str, ...]:
    """The cells of the run that are sensed by `converter`."""

    def is_on(name: str) -> bool:
        senses = bench.cells[name].voltage_sense, bench.cells[name].current_sense
        return any(sense is not None and sense.converter == converter for sense in senses)

    return tuple(cell.name for cell in scene.cells.values() if is_on(cell.name))
