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
    BoardSeen,
    Event,
    Records,
    SessionDown,
    SessionUp,
    State,
    TextLine,
    WrongFirmware,
)

BEATS_KEPT = 64

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
        self._beats: dict[int, int] = {}
        self._hello: dict[str, int] | None = None
        self._port_problem = ""
        self._port_hint = ""
        self._detail = "the port is being opened"
        self._wrong_firmware = ""

    @property
    def boot(self) -> str:
        """The current boot of the board, as the database names it."""
        return self._custody.boot_name

    def attach(self, device: Device, keeper: RunKeeper, loop: asyncio.AbstractEventLoop) -> None:
        """Say where events go. Before the link starts."""
        self._device, self._keeper, self._loop = device, keeper, loop

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
        live = self._custody.records(batch.items)
        self._call(self._live.take, live, self._clock.utc_ms())

    def on_event(self, event: Event) -> None:
        self._call(self._event, event, self._clock.utc_ms())

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

    def _event(self, event: Event, utc_ms: int) -> None:
        assert self._device is not None
        assert self._keeper is not None
        self._device.feed(event)
        if isinstance(event, State):
            sent = self._beats.pop(event.beat, None)
            if sent is not None:
                self._custody.clock_measured(sent, utc_ms, event.t_ms)
            self._keeper.state_came(event)
        elif isinstance(event, TextLine):
            log.warning("text from the board: %s", event.text)
            self._detail = f"the board says: {event.text}"
        elif isinstance(event, BoardSeen):
            self._hello, self._wrong_firmware = event.hello, ""
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
                " put the firmware that came with this soakbench on it"
            )
            log.error("%s", self._wrong_firmware)
