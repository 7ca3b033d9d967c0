"""Waiting for a sensor to stand still while its station is as a plan says, and asking a person for
the truth while it does."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from soakbench.calibration.steady import Reading, Steady
from soakbench.cli import words
from soakbench.cli.session import BenchSession
from soakbench.errors import BenchFault
from soakbench.status import StationStatus, Status

WAIT_S = 1800.0  # a sensor that is not steady by then never will be
SILENT_S = 15.0

Tell = Callable[[str], None]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Sought:
    """Which reading, and what it must do."""

    station: str
    name: str
    """For messages: "the plate sensor of box"."""
    of: Callable[[StationStatus], float | None]
    band: Callable[[float], float]
    """Half the width in which it counts as steady."""
    words: Callable[[float], str]
    moved_most: Callable[[float], float]
    """By how much a value may change while a person reads the reference."""
    not_yet: Callable[[float], str | None] = lambda _: None
    """What a person is to do first, where this value is not the one to be waited for."""
    not_yet_s: float = WAIT_S
    """How long that may take."""
    refuse: Callable[[StationStatus], None] = lambda _: None
    """Raises BenchFault where nothing good can come of it."""


class Watched:
    """The reading as it comes in. `look` is for BenchSession.run."""

    def __init__(self, sought: Sought, tell: Tell) -> None:
        self._sought = sought
        self._tell = tell
        self._steady = Steady(sought.band)
        self._begun_s: float | None = None
        self._seen_s: float | None = None
        self._last_s: float | None = None
        self._waiting_s: float | None = None
        self._asking = False
        self.now: float | None = None
        self.fault: BenchFault | None = None
        """Why it was given up."""

    @property
    def reading(self) -> Reading | None:
        """The steady reading, once there is one."""
        return self._steady.reading

    def look(self, status: Status) -> bool:
        """Take what is new; True if it is of no use to go on."""
        sought = self._sought
        here = next((each for each in status.stations if each.station == sought.station), None)
        if here is None or status.run is None or not status.run.tracks:
            self._tell("starting" if status.link.state == "up" else f"link: {status.link.detail}")
            return False
        try:
            self._take(here, status.time.timestamp())
        except BenchFault as fault:
            self.fault = fault
        return self.fault is not None

    def asking(self) -> None:
        """From now on a person is asked: the line belongs to the question."""
        self._asking = True

    def refuse_moved(self) -> None:
        """BenchFault if the reading is no longer what it was when the person was asked."""
        reading = self.reading
        assert reading is not None
        most = self._sought.moved_most(reading.value)
        moved = None if self.now is None else abs(self.now - reading.value)
        if moved is None or moved > most:
            to = "nothing" if self.now is None else self._sought.words(self.now)
            raise BenchFault(
                f"{self._sought.name} went from {self._sought.words(reading.value)} to {to} while"
                " the reference was read",
                "calibrate again, and let it be until the value is entered",
            )

    def _take(self, here: StationStatus, now_s: float) -> None:
        sought, at_s = self._sought, here.time.timestamp()
        if self._begun_s is None:
            self._begun_s = self._seen_s = now_s
        if at_s == self._last_s:
            self._refuse_silence(here, now_s)
            return
        self._last_s = at_s
        self.now = sought.of(here)
        if self.now is None:
            self._steady.restart()
            self._refuse_silence(here, now_s)
            return
        self._seen_s = now_s
        if self._asking:
            return
        sought.refuse(here)
        first = sought.not_yet(self.now)
        if first is not None:
            self._wait_for(first, now_s)
            return
        if self._waiting_s is not None:
            self._waiting_s, self._begun_s = None, now_s
        self._steady.add(at_s, self.now)
        self._refuse_unsteady(now_s)
        self._tell(self._line())

    def _wait_for(self, what: str, now_s: float) -> None:
        sought = self._sought
        if self._waiting_s is None:
            self._waiting_s = now_s
        if now_s - self._waiting_s > sought.not_yet_s:
            assert self.now is not None
            raise BenchFault(
                f"{sought.name} still reads {sought.words(self.now)} after"
                f" {words.duration(sought.not_yet_s)}",
                what,
            )
        self._steady.restart()
        self._tell(f"{sought.words(self.now or 0.0)}: {what}")

    def _refuse_silence(self, here: StationStatus, now_s: float) -> None:
        assert self._seen_s is not None
        if now_s - self._seen_s > SILENT_S:
            faults = f" ({', '.join(here.faults)})" if here.faults else ""
            raise BenchFault(
                f"{self._sought.name} has had no reading for {SILENT_S:.0f} s{faults}",
                "check its plug and wires: open, shorted, or the wrong pin in the bench file",
            )

    def _refuse_unsteady(self, now_s: float) -> None:
        assert self._begun_s is not None
        if self.reading is None and now_s - self._begun_s > WAIT_S:
            moved = self._steady.moved
            much = "" if moved is None else f"; it moves by {self._sought.words(moved)} in 30 s"
            raise BenchFault(
                f"{self._sought.name} was not steady within {words.duration(WAIT_S)}{much}",
                "fix it to the reference, keep draughts and hands away, and calibrate again",
            )

    def _line(self) -> str:
        assert self.now is not None
        value = self._sought.words(self.now)
        left_s, moved = self._steady.left_s, self._steady.moved
        if left_s is not None:
            return f"{value}, steady; {left_s:.0f} s left"
        if moved is None:
            return f"{value}, waiting until it is steady"
        return f"{value}, moves by {self._sought.words(moved)} in 30 s; waiting until it is steady"


async def observe(
    session: BenchSession,
    plan: str,
    watched: Watched,
    ask: Callable[[Reading], Awaitable[Answer]],
) -> tuple[Reading, Answer]:
    """Run `plan` until `watched` has a reading and `ask` an answer, which is sought meanwhile.

    The plan goes on while the person is asked: the plate stays warm, the light on. BenchFault if
    there is no reading, or if it does not stay what it was.
    """
    question: asyncio.Task[Answer] | None = None

    def look(status: Status) -> bool:
        nonlocal question
        if watched.look(status):
            return True
        if watched.reading is None:
            return False
        if question is None:
            watched.asking()
            question = asyncio.create_task(_answer(ask, watched.reading))
        return question.done()

    try:
        ended = await session.run(plan, look)
    finally:
        if question is not None and not question.done():
            question.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await question
    if watched.fault is not None:
        raise watched.fault
    if question is None or watched.reading is None:
        raise BenchFault(
            f"the run {ended.run} was {ended.state} before there was a reading:"
            f" {ended.message or 'no reason given'}",
            "`soakbench summary` shows what was recorded",
        )
    answer = question.result()
    watched.refuse_moved()
    return watched.reading, answer


async def _answer(ask: Callable[[Reading], Awaitable[Answer]], reading: Reading) -> Answer:
    return await ask(reading)
