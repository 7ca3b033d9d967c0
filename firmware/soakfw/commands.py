"""The host's commands: from verb and arguments to one call each; everything is checked here.

All are absolute and take effect at once or are refused with a reason. Repeats of one id never get
here (soakwire.board_end answers them from its cache).
"""

from soakwire import messages
from soakwire.layout import LayoutError
from soakwire.messages import (
    REASON_BLOB_INVALID,
    REASON_BUSY,
    REASON_NO_CONFIG,
    REASON_NO_PROGRAM,
    REASON_NO_SUCH_PLACE,
    REASON_OK,
    REASON_SAFE_IDLE,
)
from soakwire.records import MEASURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.app import App
    from soakfw.program import Runner
    from soakfw.relays import RelayBank
    from soakfw.uploads import Upload


def arguments(verb: int, data: memoryview) -> dict:
    """The verb's arguments by name; LayoutError if one is missing or out of range."""
    layout = messages.ARGS[verb]
    values = layout.unpack_from(data)
    layout.check(values)  # unpacking checks no ranges
    args = dict(zip(layout.names(), values))
    layout.forget()  # commands are rare
    return args


class Commands:
    """Executes verbs on the app."""

    def __init__(self, app: "App", upload: "Upload") -> None:
        self._app = app
        self._upload = upload
        self._verbs = {
            messages.BLOB_BEGIN: self._blob_begin,
            messages.BLOB_DATA: self._blob_data,
            messages.BLOB_COMMIT: self._blob_commit,
            messages.START: self._start,
            messages.PAUSE: self._pause,
            messages.RESUME: self._resume,
            messages.STOP: self._stop,
            messages.ADVANCE: self._advance,
            messages.LOAD: self._load,
            messages.MEASURE_CELL: self._measure,
            messages.GOAL: self._goal,
            messages.CLEAR: self._clear,
            messages.MAINTENANCE: self._maintenance,
        }

    def execute(self, verb: int, data: memoryview) -> tuple[int, int]:
        """(reason, detail). LayoutError for bad arguments."""
        if self._app.safe_idle and verb != messages.MAINTENANCE:
            return REASON_SAFE_IDLE, 0
        args = arguments(verb, data)
        if verb == messages.BLOB_DATA:
            args["data"] = data[messages.ARGS[verb].size :]
        return self._verbs[verb](args), 0

    # --- blobs ---

    def _blob_begin(self, args: dict) -> int:
        if self._app.is_active():
            return REASON_BUSY
        if args["blob"] == messages.BLOB_PROGRAM and self._app.bench is None:
            return REASON_NO_CONFIG
        if self._app.runner is None:
            self._upload.forget()
        return self._upload.begin(args["blob"], args["size"], args["crc"])

    def _blob_data(self, args: dict) -> int:
        return self._upload.add(args["blob"], args["offset"], args["data"])

    def _blob_commit(self, args: dict) -> int:
        if self._app.is_busy():
            return REASON_BUSY
        upload, bench = self._upload, self._app.bench
        reason = upload.check(args["blob"])
        if reason != REASON_OK:
            return reason
        try:
            if args["blob"] == messages.BLOB_CONFIG:
                self._app.install_config(upload.blob(), upload.crc)
            elif bench is None:
                return REASON_NO_CONFIG
            else:
                self._app.install_program(bench, upload.blob())
                upload.keep()
        except LayoutError:
            return REASON_BLOB_INVALID
        return REASON_OK

    # --- the program ---

    def _start(self, args: dict) -> int:
        runner = self._app.runner
        if runner is None:
            return REASON_NO_PROGRAM
        amounts = (args["delivered"], args["dose"], args["elapsed"])
        return runner.start(args["track"], args["step"], args["cycle"], amounts)

    def _pause(self, args: dict) -> int:
        runner = self._settled()
        return runner.pause(args["track"], self._app.now) if runner else REASON_NO_PROGRAM

    def _resume(self, args: dict) -> int:
        runner = self._settled()
        return runner.resume(args["track"], self._app.now) if runner else REASON_NO_PROGRAM

    def _advance(self, args: dict) -> int:
        runner = self._settled()
        if runner is None:
            return REASON_NO_PROGRAM
        return runner.advance(args["track"], args["step"], args["cycle"], self._app.now)

    def _goal(self, args: dict) -> int:
        runner = self._settled()
        if runner is None:
            return REASON_NO_PROGRAM
        return runner.goal(args["track"], args["step"], args["cycle"], args["goal"])

    def _stop(self, _args: dict) -> int:
        self._app.stop()
        return REASON_OK

    def _settled(self) -> "Runner | None":
        """The runner, with everything accounted for up to this instant."""
        self._app.settle_accounts()
        return self._app.runner

    # --- by hand ---

    def _load(self, args: dict) -> int:
        bench = self._app.bench
        if bench is None:
            return REASON_NO_CONFIG
        cell = bench.relays.cell(args["cell"])
        if cell is None or (not cell.can_short and args["load"] != cell.power_off):
            return REASON_NO_SUCH_PLACE
        return self._override(bench.relays, args["cell"], args["load"], args["lease"])

    def _measure(self, args: dict) -> int:
        bench = self._app.bench
        if args["cell"] is None:
            if bench:
                bench.relays.end_measure()
            return REASON_OK
        if bench is None:
            return REASON_NO_CONFIG
        cell = bench.relays.cell(args["cell"])
        if cell is None or not cell.can_measure:
            return REASON_NO_SUCH_PLACE
        return self._override(bench.relays, args["cell"], MEASURE, args["lease"])

    def _override(self, relays: "RelayBank", number: int, load: int, lease_ms: int) -> int:
        if lease_ms:
            relays.override(number, load, self._app.now, lease_ms)
        else:
            relays.end_override(number)
        return REASON_OK

    # --- the board ---

    def _clear(self, args: dict) -> int:
        bench = self._app.bench
        if bench is None:
            return REASON_NO_CONFIG
        if args["station"] >= len(bench.stations):
            return REASON_NO_SUCH_PLACE
        return bench.stations[args["station"]].clear(args["fault"], args["vouch"])

    def _maintenance(self, _args: dict) -> int:
        if self._app.is_active():
            return REASON_BUSY
        self._app.begin_maintenance()
        return REASON_OK
