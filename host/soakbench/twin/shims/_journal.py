# Tells the twin of every record that the firmware takes into its journal or leaves out.
#
# Imported before main.py when the twin has an observer. The slot is packed a second time, from
# what the firmware wanted to record: what the journal makes of it is for the observer to judge.

import gc
from struct import pack

import _channel as channel

gc.threshold(2048)  # as main.py has it before its first import

from soakfw.journal import RingJournal  # noqa: E402
from soakwire.records import SLOT_SIZE, pack_slot  # noqa: E402

_append = RingJournal._append
_leave_out = RingJournal._leave_out
_slot = bytearray(SLOT_SIZE)


def _appending(self, ring, rank, stamp, kind, place, values):
    pack_slot(_slot, 0, self.next_seq, stamp, kind, place, values)
    _append(self, ring, rank, stamp, kind, place, values)
    channel.put(channel.PRODUCED, _slot)


def _leaving_out(self, lost, stamp, count):
    first_seq = self.next_seq
    _leave_out(self, lost, stamp, count)
    channel.put(channel.LEFT_OUT, pack("<II", first_seq, count))


RingJournal._append = _appending
RingJournal._leave_out = _leaving_out
