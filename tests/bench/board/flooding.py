# An application that takes samples as fast as it can make them: the journal is never empty. What
# cannot be sent yet waits in the ring; no more is made than fits there.

import soakfw.app
from soakwire import records

AHEAD = 224  # records that wait in the ring: more than a window, so that sending never waits
STATIONS = 4


class App(soakfw.app.App):
    def _sample(self, now):
        held = self._journal.samples.held
        while held < AHEAD:
            self._round()
            held += STATIONS
        return 0

    def _round(self):
        # One sampling of four stations, each with all its sensors.
        stamp = self._clock.stamp()
        self._journal.begin_round(stamp, STATIONS)
        for place in range(STATIONS):
            values = [place, 2, 7, 4996, 2512, None, 5000, 1003, 65000, 412, 21, 0]
            self._journal.add(stamp, records.STATION, place, values)
