"""Ends that break one rule each. The suite must notice every one of them.

A mutant is a set of replacements for names of the suite's modules; it reaches into the ends'
insides, so a change there may need one here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hostile import core, keeper, process, scenario
from soakfw.journal import RingJournal
from soakwire import board_end, frame, messages
from soakwire.board_end import BoardEnd
from soakwire.host_end import Event, HostEnd, Records, SessionUp
from soakwire.resend import ResendTimer
from soakwire.ticks import ticks_diff


@dataclass(frozen=True)
class Mutant:
    """`where` is a module of the suite or of an end, `name` what is replaced in it."""

    rule: str
    what: str
    where: object
    name: str
    by: object
    seeds: tuple[int, ...] = ()  # some that have noticed it, to be tried first


class EagerKeeper(keeper.MemoryKeeper):
    def records(self, batch: Records) -> None:
        if batch.items:
            self.committed(batch.boot_id, batch.items[-1].seq + 1)
        super().records(batch)


class NoCache(BoardEnd):
    def _command(self, got: frame.Frame, stamp: tuple[int, int, int]) -> None:
        self._responses = []
        self._command_id = 0
        super()._command(got, stamp)


class KeepsCache(BoardEnd):
    def _open(self, opened_by: tuple[int, int, int], now: int) -> None:
        kept = self._responses
        super()._open(opened_by, now)
        self._responses = kept


class AnySessionAtTheBoard(BoardEnd):
    def _handle(self, got: frame.Frame, now: int, stamp: tuple[int, int, int]) -> None:
        if got.kind == messages.COMMAND:
            self._command(got, stamp)
        elif got.kind == messages.ACK:
            self._acknowledge(got.seq, now)
        else:
            super()._handle(got, now, stamp)


class AnySessionAtTheHost(HostEnd):
    def _handle(self, got: frame.Frame, now: int) -> list[Event]:
        if got.kind in (messages.STATE, messages.RECORDS, messages.RESPONSE):
            got.session = self.session
        return super()._handle(got, now)


class AnyJump(HostEnd):
    def _records(self, got: frame.Frame) -> list[Event]:
        if got.flags & messages.FLAG_JUMP:
            got.payload = self._wanted.to_bytes(4, "little") + got.payload[4:]
        return super()._records(got)


class AnyGap(HostEnd):
    def _records(self, got: frame.Frame) -> list[Event]:
        self._wanted = max(self._wanted, got.seq)
        return super()._records(got)


class AcksBeyond(HostEnd):
    def committed(self, boot_id: int, next_seq: int) -> None:
        super().committed(boot_id, next_seq + 3)


class AcksForAnyBoot(HostEnd):
    def committed(self, boot_id: int, next_seq: int) -> None:
        super().committed(self._boot_id or boot_id, next_seq)


class ForgetsNotStored(HostEnd):
    def not_stored(self, boot_id: int, next_seq: int) -> None:
        pass


class Replays(HostEnd):
    """Sends its last command again in the next session, as Belay does with its history."""

    _last: tuple[int, bytes] | None = None

    def command(self, verb: int, arguments: bytes, not_after_ms: int, now: int) -> int:
        self._last = verb, arguments
        return super().command(verb, arguments, not_after_ms, now)

    def receive(self, chunk: bytes, now: int) -> list[Event]:
        events = super().receive(chunk, now)
        if self._last and any(isinstance(event, SessionUp) for event in events):
            super().command(*self._last, 0, now)
        return events


class ForgetsWaiter(HostEnd):
    def port_closed(self, cause: str) -> list[Event]:
        super().port_closed(cause)
        return []


class NeverAsksAgain(HostEnd):
    def _ask_if_due(self, now: int) -> None:
        pass


class KeepsTheFirstBoot(HostEnd):
    def _hello(self, payload: bytes, now: int) -> list[Event]:
        if self.session:
            self._heard_at = now
            return []
        return super()._hello(payload, now)


class WaitsForHello(BoardEnd):
    def _handle(self, got: frame.Frame, now: int, stamp: tuple[int, int, int]) -> None:
        if got.kind != messages.HELLO_REQ or self.session == 0:
            super()._handle(got, now, stamp)


class TimesOut(BoardEnd):
    """Ends its session after 5 s without a BEAT."""

    def next_frame(self, now: int) -> bytes | None:
        if self.session and self.lease_ms and ticks_diff(now, self.beat_at) > 5000:
            self.session = 0
        return super().next_frame(now)


class NeverTooLate(BoardEnd):
    def _run(self, payload: bytes, stamp: tuple[int, int, int]) -> tuple[int, int]:
        return super()._run(payload, (0, 0, 0))


class NeverRepeats(ResendTimer):
    def due(self, now: int) -> bool:
        return False


class GivesUp(ResendTimer):
    """Four repeats without an ACK, then never again."""

    _repeats = 0

    def due(self, now: int) -> bool:
        if self._repeats >= 4:
            return False
        is_due = super().due(now)
        self._repeats += is_due
        return is_due


class Forgetful(RingJournal):
    def sent(self, seq: int) -> None:
        pass


class Silent(RingJournal):
    """Writes no LOSS."""

    def _declare(self, lost: object, stride: int) -> bool:
        lost.absent = 0  # type: ignore[attr-defined]
        return True


def _any_crc(line: bytes) -> frame.Frame:
    try:
        return REAL_DECODE(line)
    except frame.FrameError:
        try:
            body = frame.binascii.a2b_base64(line[1:])
        except ValueError:
            raise frame.FrameError("bad base64") from None
        if len(body) < frame.HEADER_SIZE + frame.CRC_SIZE:
            raise
        kind, flags, session, seq = frame.struct.unpack_from("<BBHI", body, 0)
        return frame.Frame(kind, flags, session, seq, body[frame.HEADER_SIZE : -frame.CRC_SIZE])


def _add_without_continuity(memory: keeper.Memory, batch: Records, is_bad: bool) -> None:
    if is_bad:
        raise keeper.NotStoredError("a batch that cannot be stored")
    for item in batch.items:
        memory.insert(batch.boot_id, item.seq, item.slot)


def _close_nothing(memory: keeper.Memory, boot: int) -> None:
    pass


REAL_DECODE: Callable[[bytes], frame.Frame] = frame.decode


def _host(rule: str, what: str, by: type[HostEnd], *seeds: int) -> Mutant:
    return Mutant(rule, what, process, "HostEnd", by, seeds)


def _board(rule: str, what: str, by: type[BoardEnd]) -> Mutant:
    return Mutant(rule, what, core, "BoardEnd", by)


def _journal(rule: str, what: str, by: type[RingJournal]) -> Mutant:
    return Mutant(rule, what, core, "RingJournal", by)


def all_mutants() -> list[Mutant]:
    """Each of them."""
    return [
        Mutant("RE-5", "ACK before the commit", scenario, "MemoryKeeper", EagerKeeper),
        _host("RE-5", "ACK goes beyond what is on disk", AcksBeyond),
        _host("RE-5", "ACK of one boot sent to another", AcksForAnyBoot),
        _host("RE-3", "JUMP accepted wherever it begins", AnyJump),
        _host("RE-4", "what comes too early is taken", AnyGap),
        _host("RE-13", "a batch that was not stored is not asked for again", ForgetsNotStored),
        Mutant("RE-13", "batches stored without continuity", keeper, "_add",
               _add_without_continuity),
        Mutant("RE-15", "no LOSS for a dead boot", keeper, "_close", _close_nothing),
        Mutant("RE-7", "records are sent once", board_end, "ResendTimer", NeverRepeats),
        Mutant("RE-7", "records are given up after four repeats", board_end, "ResendTimer",
               GivesUp),
        _journal("RE-8", "what was sent may give way", Forgetful),
        _journal("RE-10", "no LOSS for what gave way", Silent),
        _board("CO-4", "no cached responses", NoCache),
        _board("SE-10", "cached responses outlive the session", KeepsCache),
        _board("CO-3", "late commands are done", NeverTooLate),
        _host("CO-5", "commands are replayed on reconnect", Replays),
        _host("CO-9", "waiters outlive the port", ForgetsWaiter),
        _board("SE-5", "the board takes frames of any session", AnySessionAtTheBoard),
        _host("SE-5", "the host takes frames of any session", AnySessionAtTheHost,
              1131, 1608, 1761),
        _host("SE-2", "the host asks once", NeverAsksAgain),
        _host("SE-7", "the host overlooks another boot id", KeepsTheFirstBoot),
        _board("SE-2", "the board answers no HELLO_REQ in a session", WaitsForHello),
        _board("SE-6", "the board ends a session after 5 s", TimesOut),
        Mutant("FR-4", "the CRC is not looked at", frame, "decode", _any_crc),
    ]  # fmt: skip
