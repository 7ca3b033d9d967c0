"""A host that is away for a weekend, for both interpreters: what it finds when it is back.

    micropython outage.py HOURS

The real app on a fake board with default sampling; the account of what it produced is kept outside
by a journal that writes down every call. Time goes by the app's own wake times.
"""

import gc
import sys

from fake_board import FakeBoard
from fw_rig import BOX, LIGHT_PIN, LIGHT_SENSOR_PIN, SUN_CODE, Rig, ageing, dark, pairs

from soakfw import limits
from soakfw.journal import RingJournal
from soakwire import host_end, records
from soakwire.ticks import ticks_add, ticks_diff

HOUR_MS = 3600000
NO_SAMPLE = -1
SAMPLE_MS = 10000
STEP_END = records.EV_STEP_END


def to_ms(stamp):
    """Device time of three words."""
    return stamp[0] | stamp[1] << 16 | stamp[2] << 32


class BookedJournal(RingJournal):
    """Writes down what is produced: for every seq the number of its round, or NO_SAMPLE."""

    def __init__(self, *slots):
        super().__init__(*slots)
        self.book = []
        self.rounds = []  # (time in ms, number among the regular ones or None)
        self.regular = 0

    def begin_round(self, stamp, count, regular=True):
        self.rounds.append((to_ms(stamp), self.regular if regular else None))
        self.regular += regular
        taken = super().begin_round(stamp, count, regular)
        self._write(len(self.rounds) - 1)
        return taken

    def add(self, stamp, kind, place, values):
        super().add(stamp, kind, place, values)
        self._write(NO_SAMPLE if kind == records.EVENT else len(self.rounds) - 1)

    def release(self, seq):
        super().release(seq)
        self._write(NO_SAMPLE)

    def _write(self, what):
        while len(self.book) < self.next_seq:
            self.book.append(what)


class QuietBoard(FakeBoard):
    """Its timer does not tick, since nothing heats; the light follows the shutter."""

    def __init__(self):
        super().__init__(log_size=16)
        self.codes[LIGHT_SENSOR_PIN] = self._light

    def advance(self, until):
        self.now = until

    def _light(self):
        return SUN_CODE if LIGHT_PIN in self.pins and self.pins[LIGHT_PIN].level else 0


class Host:
    """The real end, and a database that takes everything at once."""

    def __init__(self, rig, session, stored):
        self._rig = rig
        self._end = host_end.HostEnd()
        self._session = session
        self.stored = stored  # seq: record
        self._end.port_opened(rig.now)

    def turn(self):
        """A millisecond: what was said arrives, the board runs."""
        board = self._rig.board
        for event in self._end.tick(board.now):
            self._take(event)
        for line in self._end.take_output():
            board.inbox.extend(line)
        self._rig.app.poll(board.now)
        text = b"".join(board.outbox)
        board.outbox = []
        for event in self._end.receive(text, board.now):
            self._take(event)
        board.advance(ticks_add(board.now, 1))

    def _take(self, event):
        if isinstance(event, host_end.BoardSeen):
            wanted = max(self.stored) + 1 if self.stored else 0
            self._end.greet(self._session, wanted, self._rig.now)
        elif isinstance(event, host_end.Records):
            for record in event.items:
                assert record.seq not in self.stored
                self.stored[record.seq] = record
            self._end.committed(event.boot_id, max(self.stored) + 1)


class Outage:
    """`run` takes the host away for some hours; then `drain` brings one back."""

    def __init__(self):
        self.journal = BookedJournal()
        self.rig = Rig(board=QuietBoard(), journal=self.journal)
        self.stored = {}
        lit, night = [], []
        for _ in range(20):
            lit.extend([ageing(3 * HOUR_MS, cells=0x0F), dark(HOUR_MS, cells=0x0F)])
            night.append(dark(5 * HOUR_MS, cells=0xF0, station=BOX))
        self.rig.load([(0x0F, lit), (0xF0, night)], fast_for_ms=120000)
        self.rig.resume()

    def run(self, hours):
        """A session, then nobody reads: not even the end of a line that has begun."""
        host = Host(self.rig, 1, self.stored)
        for _ in range(1000):
            host.turn()
        self._pass(60000)  # in flight when the host goes
        self.rig.board.host_reads = False
        self.rig.board.room = 30
        self._pass(hours * HOUR_MS)

    def drain(self):
        """A new host process; how long until it has everything."""
        self.rig.board.host_reads = True
        host = Host(self.rig, 2, self.stored)
        begun = self.rig.now
        while self.journal.oldest_seq < self.journal.next_seq:
            host.turn()
            assert ticks_diff(self.rig.now, begun) < 60000, self.journal.samples.held
        return ticks_diff(self.rig.now, begun)

    def _pass(self, ms):
        board, app = self.rig.board, self.rig.app
        end = ticks_add(board.now, ms)
        while ticks_diff(end, board.now) > 0:
            board.advance(app.poll(board.now))

    # --- the judgement ---

    def loss(self):
        """The one LOSS, which names exactly what is absent; nothing that is absent is an event."""
        (loss,) = [r for r in self.stored.values() if r.kind == records.LOSS]
        book, rounds = self.journal.book, self.journal.rounds
        absent = [seq for seq in range(len(book)) if seq not in self.stored]
        said = loss.values
        assert said["absent"] == len(absent)
        assert (said["first_seq"], said["last_seq"]) == (absent[0], absent[-1])
        assert (
            to_ms((said["from_lo"], said["from_mid"], said["from_hi"]))
            == rounds[book[absent[0]]][0]
        )
        assert loss.t_ms == rounds[book[absent[-1]]][0]
        assert NO_SAMPLE not in [book[seq] for seq in absent]
        assert sum([r.kind == records.LOSS for r in self.stored.values()]) == 1
        return said

    def kept(self, first, last):
        """(number, time) of the regular rounds with seqs in first..last that are stored, whole."""
        book, rounds = self.journal.book, self.journal.rounds
        found = []
        for seq in range(first, last + 1):
            what = book[seq]
            if what == NO_SAMPLE or rounds[what][1] is None:
                continue
            if seq == first or book[seq - 1] != what:
                whole = seq in self.stored
                if whole:
                    found.append((rounds[what][1], rounds[what][0]))
            assert (seq in self.stored) == whole
        return found


def check(hours):
    """Judge an outage; a line of figures."""
    outage = Outage()
    outage.run(hours)
    drained_ms = outage.drain()
    loss = outage.loss()
    first, last, stride = loss["first_seq"], loss["last_seq"], loss["stride"]
    kept = outage.kept(first, last)
    for (number, t_ms), (then, then_ms) in pairs(kept):
        assert then - number == stride
        assert then_ms - t_ms <= stride * SAMPLE_MS + limits.CONTROL_MS
    for samples in (outage.kept(0, first - 1), outage.kept(last + 1, len(outage.journal.book) - 1)):
        for (number, _t), (then, _then) in pairs(samples):
            assert then == number + 1
    assert kept[-1][1] - kept[0][1] >= hours * HOUR_MS - 2 * stride * SAMPLE_MS
    ends = [r for r in outage.stored.values() if (r.kind, r.place) == (records.EVENT, STEP_END)]
    assert len(ends) == hours // 4 * 2 + (hours % 4 == 3) + hours // 5
    return "{} h: {} records produced, {} absent, stride {}, drained in {} ms".format(
        hours, len(outage.journal.book), loss["absent"], stride, drained_ms
    )


if __name__ == "__main__":
    if sys.implementation.name == "micropython":
        gc.threshold(65536)  # or what is kept comes to lie between what is not, all over the heap
    limits.CONTROL_MS = limits.IDLE_MS = limits.BLOCKED_MS = 5000  # custody does not need more
    print(check(int(sys.argv[1])))
