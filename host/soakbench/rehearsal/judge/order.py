"""The order of the steps, as the database's events tell it.

Inside of a boot a track goes from visit to visit as the program has them. A track that has been
put to a place (after a boot, or a program handed over anew) must be where the last TRACK record
stored before says, with the same amounts: that is what the host knows.
"""

from collections.abc import Iterable

from soakbench.plan import CompiledProgram
from soakbench.rehearsal.judge.findings import Findings, Rule
from soakbench.rehearsal.judge.stored import Stored
from soakwire import records
from soakwire.slots import Record

Values = dict[str, int | None]
Amounts = tuple[int, ...]

_BEGIN: Amounts = (0, 0, 0, 0, 0)  # step, cycle, delivered, dose, elapsed
_COMES = (records.EV_STEP_BEGIN, records.EV_BARRIER)


class _Track:
    """How far a track is in its visits."""

    def __init__(self, visits: list[tuple[int, int]]) -> None:
        self.visits = visits
        self.at = -1  # index in visits; -1: nowhere
        self.ended = False
        self.placed = True
        """The next step may be anywhere the host puts it."""


class OrderJudge:
    """Walks through the events of all boots, oldest first."""

    def __init__(self, program: CompiledProgram, findings: Findings, at_ms: float) -> None:
        self._findings = findings
        self._at_ms = at_ms
        self._tracks = [
            _Track([(visit.step, visit.cycle) for visit in program.visits(number)])
            for number in range(len(program.tracks))
        ]
        self._progress: dict[tuple[str | None, int], Amounts] = {}
        self._boot = 0

    def judge(self, boots: Iterable[tuple[int, list[Stored]]]) -> None:
        """`boots`: number and rows of each, in order of time."""
        for number, rows in boots:
            self._boot = number
            self._place_anew()
            for row in sorted(rows, key=lambda row: row.seq):
                self._take(row)

    def _take(self, row: Stored) -> None:
        record = Record(row.slot)
        if record.kind == records.TRACK:
            self._note_progress(row.run, record)
        elif record.kind == records.EVENT and record.place == records.EV_PROGRAM:
            self._place_anew()
        elif record.kind == records.EVENT and record.place in _JUDGED:
            values = record.values
            track = values["track"]
            if track is None or track >= len(self._tracks):
                self._tell(row, f"{_words(record.place)} of a track that does not exist")
            elif record.place in _COMES:
                self._come(row, track, values)
            elif record.place == records.EV_STEP_END:
                self._end(row, track, values)
            else:
                self._finish(row, track)

    def _note_progress(self, run: str | None, record: Record) -> None:
        values = record.values
        if run is not None and values["state"] != records.IDLE:
            names = ("step", "cycle", "delivered", "dose", "elapsed")
            self._progress[run, record.place] = tuple(values[name] or 0 for name in names)

    def _place_anew(self) -> None:
        for track in self._tracks:
            track.placed = True

    def _come(self, row: Stored, number: int, values: Values) -> None:
        track = self._tracks[number]
        place = values["step"] or 0, values["cycle"] or 0
        where = f"track {number}: step {place[0]}, cycle {place[1]}"
        if place not in track.visits:
            self._tell(row, f"{where} is not in the program")
            return
        if track.placed:
            self._judge_start(row, number, values, where)
        elif not track.ended:
            self._tell(row, f"{where} begins before the step before it has ended")
        elif track.visits[track.at + 1 : track.at + 2] != [place]:
            due = track.visits[track.at + 1 : track.at + 2] or "nothing"
            self._tell(row, f"{where} begins, due is {due}")
        track.at = track.visits.index(place)
        track.ended = track.placed = False

    def _judge_start(self, row: Stored, number: int, values: Values, where: str) -> None:
        known = self._progress.get((row.run, number), _BEGIN)
        names = ("step", "cycle", "delivered", "dose", "a")
        is_at = tuple(values[name] or 0 for name in names)
        if is_at != known:
            self._tell(
                row, f"{where} is taken up with {is_at[2:]} behind it, last stored is {known}"
            )

    def _end(self, row: Stored, number: int, values: Values) -> None:
        track = self._tracks[number]
        place = values["step"] or 0, values["cycle"] or 0
        here = track.at >= 0 and track.visits[track.at] == place
        if track.placed or track.ended or not here:
            text = f"track {number}: step {place[0]}, cycle {place[1]} ends, but has not begun"
            self._tell(row, text)
        track.ended = True

    def _finish(self, row: Stored, number: int) -> None:
        track = self._tracks[number]
        if track.placed or not track.ended or track.at != len(track.visits) - 1:
            self._tell(row, f"track {number} is done before its last step has ended")

    def _tell(self, row: Stored, text: str) -> None:
        self._findings.add(self._at_ms, Rule.ORDER, f"boot {self._boot}, record {row.seq}: {text}")


_JUDGED = (*_COMES, records.EV_STEP_END, records.EV_TRACK_DONE)


def _words(code: int) -> str:
    return {
        records.EV_STEP_BEGIN: "the begin",
        records.EV_BARRIER: "the barrier",
        records.EV_STEP_END: "the end of a step",
    }.get(code, "the end")
