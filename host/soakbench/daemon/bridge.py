"""From the link's thread to the event loop, and the state of the link in words."""

import asyncio
import logging
from collections.abc import Callable

from soakbench.clock import Clock
from soakbench.device import Custody, Device
from soakbench.device.custody import firmware_version
from soakbench.link import LinkOwner
from soakbench.run.keeper import RunKeeper
from soakbench.run.live import LivePicture
from soakbench.run.machine import BoardReport
from soakbench.status import LinkStatus
from soakwire import names
from soakwire.host_end import (
    REPL,
    BoardSeen,
    Event,
    Records,
    ReplSeen,
    RestartFailed,
    SessionDown,
    SessionUp,
    State,
    TextLine,
    WrongFirmware,
)
from soakwire.records import EVENT

BEATS_KEPT = 64
PUT_FIRMWARE = "put the firmware that came with this soakbench on it"

log = logging.getLogger(__name__)


class Bridge(LinkOwner):
    """The link's owner. Custody is served in the link's thread; all else goes to the loop."""

    def __init__(self, port: str, custody: Custody, live: LivePicture, clock: Clock) -> None:
        self._port = port
        self._custody = custody
        self._live = live
        self._clock = clock
        self._device: Device | None = None
        self._keeper: RunKeeper | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ask_at_once: Callable[[], None] = lambda: None
        self._beats: dict[int, int] = {}
        self._hello: dict[str, int] | None = None
        self._port_problem = ""
        self._port_hint = ""
        self._detail = "the port is being opened"
        self._wrong_firmware = ""
        self._no_program = ""

    @property
    def boot(self) -> str:
        """The current boot of the board, as the database names it."""
        return self._custody.boot_name

    def attach(
        self,
        device: Device,
        keeper: RunKeeper,
        loop: asyncio.AbstractEventLoop,
        ask_at_once: Callable[[], None] = lambda: None,
    ) -> None:
        """Say where events go. Before the link starts. `ask_at_once` is called (in the loop) when
        a record says that something has happened which the board's next report will show."""
        self._device, self._keeper, self._loop = device, keeper, loop
        self._ask_at_once = ask_at_once

    def beat_sent(self, beat: int) -> None:
        """Remember when a beat left, to measure the board's clock by its answer."""
        self._beats[beat] = self._clock.utc_ms()
        while len(self._beats) > BEATS_KEPT:
            self._beats.pop(next(iter(self._beats)))

    def link_status(self, state: str, report: BoardReport | None) -> LinkStatus:
        """The link for people."""
        shown, detail = state, self._detail
        if self._port_problem:
            shown, detail = "no port", self._port_problem
            if self._port_hint:
                detail += f" ({self._port_hint})"
        elif self._wrong_firmware:
            shown, detail = "wrong firmware", self._wrong_firmware
        elif state == REPL:
            detail = self._no_program
        elif state == "asking" and not detail:
            detail = "the port is open, but no soakbench firmware answers (another device?)"
        hello = self._hello
        return LinkStatus(
            state=shown,
            port=self._port,
            detail="" if shown == "up" else detail,
            device=self._custody.device_name or None,
            boot=self.boot if hello else None,
            firmware=firmware_version(hello) if hello else None,
            board=names.APP_STATE_NAMES[report.app_state] if report else None,
        )

    # --- in the link's thread ---

    def on_board(self, seen: BoardSeen) -> int:
        return self._custody.board_seen(seen)

    def on_records(self, batch: Records) -> None:
        live = self._custody.records(batch)
        self._call(self._live.take, live, self._clock.utc_ms())
        if any(item.kind == EVENT for item in batch.items):
            self._call(self._ask_at_once)

    def on_event(self, event: Event) -> None:
        # The boot as it is now: the loop may get to this when the board has restarted.
        self._call(self._event, event, self._clock.utc_ms(), self.boot)

    def on_port(self, problem: str, hint: str) -> None:
        self._call(self._port_changed, problem, hint)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(function, *arguments)

    # --- in the event loop ---

    def _port_changed(self, problem: str, hint: str) -> None:
        if problem and problem != self._port_problem:
            log.warning("%s%s", problem, f"; {hint}" if hint else "")
        self._port_problem, self._port_hint = problem, hint
        if not problem:
            self._detail = ""

    def _event(self, event: Event, utc_ms: int, boot: str) -> None:
        assert self._device is not None
        assert self._keeper is not None
        self._device.feed(event)
        if isinstance(event, State):
            sent = self._beats.pop(event.beat, None)
            if sent is not None:
                self._custody.clock_measured(sent, utc_ms, event.t_ms)
            self._keeper.state_came(event, boot)
        elif isinstance(event, TextLine):
            log.warning("text from the board: %s", event.text)
            self._detail = f"the board says: {event.text}"
        elif isinstance(event, BoardSeen):
            self._hello, self._wrong_firmware = event.hello, ""
        elif isinstance(event, ReplSeen):
            self._no_program_runs("it is being restarted", event.traceback)
            log.warning("%s", self._no_program)
        elif isinstance(event, RestartFailed):
            what_next = f"three restarts did not help: {PUT_FIRMWARE}"
            self._no_program_runs(what_next, event.traceback)
            log.error("%s", self._no_program)
        elif isinstance(event, SessionUp):
            log.info("session with board %s, boot %s", self._custody.device_name, self.boot)
            self._detail = ""
        elif isinstance(event, SessionDown):
            log.warning("the link is down: %s", event.cause)
            self._detail = event.cause
            self._keeper.board_away()
            self._live.forget()
        elif isinstance(event, WrongFirmware):
            self._wrong_firmware = (
                f"the board's firmware {firmware_version(event.hello)} speaks another protocol;"
                f" {PUT_FIRMWARE}"
            )
            log.error("%s", self._wrong_firmware)

    def _no_program_runs(self, what_next: str, traceback: str) -> None:
        """For people. The log has the whole traceback beside it, line by line as it came."""
        last_words = traceback.rpartition("\n")[2]
        self._wrong_firmware = ""
        self._no_program = f"no program runs on the board (it is at its prompt); {what_next}"
        if last_words:
            self._no_program += f"; its last words: {last_words}"
