"""Turns what the parts know into records of the journal."""

from soakwire.layout import I32
from soakwire.records import AIR, BODIES, CELLS, EVENT, STATION, TRACK, WEAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.clock import DeviceClock
    from soakfw.journal import RingJournal
    from soakfw.relays import RelayBank
    from soakfw.stations import Station
    from soakfw.track import Track

NOWHERE: tuple[int | None, int | None, int] = (None, None, 0)  # track, step, cycle
SENSES = 8  # per CELLS record
_WORN = 4  # cells per WEAR record


class Recorder:
    """Writes records with the current device time."""

    def __init__(self, journal: "RingJournal", clock: "DeviceClock") -> None:
        self._journal = journal
        self._clock = clock
        self._cells_body: list[int | None] = [0] + [None] * SENSES

    def event(
        self,
        code: int,
        where: tuple[int | None, int | None, int] = NOWHERE,
        station: int | None = None,
        a: int = 0,
        b: int = 0,
        delivered: int = 0,
        dose: int = 0,
    ) -> None:
        """An event; what `a` and `b` mean stands beside the codes in soakwire.records."""
        track, step, cycle = where
        values = [track, step, cycle, station, min(a, I32), min(b, I32), delivered, dose]
        self._journal.add(self._clock.stamp(), EVENT, code, values)

    def samples(self, stations: "list[Station]", tracks: "list[Track]", bank: "RelayBank") -> None:
        """A sample of everything there is, in one round."""
        words = range(0, len(bank.cells), SENSES)
        count = len(stations) + len(tracks) + len(words)
        for station in stations:
            if station.humidity:
                count += 1
        if count == 0 or not self._journal.begin_round(self._clock.stamp(), count):
            return
        for station in stations:
            self._station(station)
            if station.humidity:
                values = [station.humidity.centi_percent, station.humidity.centi_c]
                self._journal.add(self._clock.stamp(), AIR, station.index, values)
        for track in tracks:
            self._track(track)
        for first in words:
            self._cells(bank, first)

    def last_of(self, track: "Track", station: "Station | None" = None) -> None:
        """A sample of a track, and of a station, besides the regular ones: a state has ended."""
        count = 1 if station is None else 2
        if self._journal.begin_round(self._clock.stamp(), count, regular=False):
            self._track(track)
            if station is not None:
                self._station(station)

    def wear(self, bank: "RelayBank") -> bool:
        """How often each coil was energised since boot; False if there was no room for it."""
        words = range(0, len(bank.cells), _WORN)
        if not self._journal.begin_round(self._clock.stamp(), len(words), regular=False):
            return False
        for first in words:
            values: list[int | None] = list(bank.wear[2 * first : 2 * (first + _WORN)])
            self._journal.add(self._clock.stamp(), WEAR, first, values)
        BODIES[WEAR].forget()  # this is rare
        return True

    def _station(self, station: "Station") -> None:
        self._journal.add(self._clock.stamp(), STATION, station.index, station.readings())

    def _track(self, track: "Track") -> None:
        values = [
            track.station,
            track.step,
            track.cycle,
            track.state,
            track.delivered,
            track.dose,
            track.elapsed,
            int(track.in_condition),
        ]
        self._journal.add(self._clock.stamp(), TRACK, track.index, values)

    def _cells(self, bank: "RelayBank", first: int) -> None:
        values = self._cells_body
        values[0] = bank.loads()
        for at in range(1, SENSES + 1):
            values[at] = None
        for sense in bank.senses:
            if 0 <= sense.cell.number - first < SENSES:
                values[sense.cell.number - first + 1] = sense.reading()
        self._journal.add(self._clock.stamp(), CELLS, first, values)
