"""Turns what the parts know into records of the journal."""

from soakwire.records import CELLS, EVENT, STATION, TRACK

NOWHERE = (None, None, 0)  # track, step, cycle
I32 = 0x7FFFFFFF
SENSES = 8  # per CELLS record


class Recorder:
    """Writes records with the current device time."""

    def __init__(self, journal, clock) -> None:
        self._journal = journal
        self._clock = clock

    def event(self, code: int, where=NOWHERE, station=None, a=0, b=0, delivered=0, dose=0) -> None:
        """An event; what `a` and `b` mean stands beside the codes in soakwire.records."""
        track, step, cycle = where
        values = [track, step, cycle, station, min(a, I32), min(b, I32), delivered, dose]
        self._journal.add(self._clock.stamp(), EVENT, code, values)

    def station(self, station) -> None:
        """A sample of one station."""
        values = list(station.where)
        values.extend(station.readings())
        self._journal.add(self._clock.stamp(), STATION, station.index, values)

    def track(self, track) -> None:
        """A sample of one track."""
        values = [track.station, track.step, track.cycle, track.state]
        values.extend([track.delivered, track.dose, track.elapsed, int(track.in_condition)])
        self._journal.add(self._clock.stamp(), TRACK, track.index, values)

    def cells(self, bank) -> None:
        """A sample of all cells' loads. No voltage or current is sensed yet."""
        loads = bank.loads()
        for first in range(0, len(bank.cells), SENSES):
            self._journal.add(self._clock.stamp(), CELLS, first, [loads] + [None] * SENSES)
