"""The CLI's side of the API."""

import socket
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from pydantic import BaseModel, TypeAdapter

from soakbench.api.address import socket_path
from soakbench.errors import DaemonError, SoakbenchError
from soakbench.jv.messages import ImportCurves, Imported, Recompute
from soakbench.status import (
    Clear,
    Confirm,
    Extend,
    Note,
    Order,
    Problem,
    QueuedRun,
    QueueRun,
    RunStatus,
    StartRun,
    Status,
    Summary,
    Unqueue,
    Vouch,
)

TIMEOUT_S = 30.0


class RemoteError(SoakbenchError):
    """What the daemon answered, with its hint and exit code."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.error, hint=problem.hint)
        self.exit_code = problem.exit_code


class ApiClient:
    """Talks to the daemon that keeps `data`. DaemonError if there is none."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._socket = socket_path(data)
        transport = httpx.HTTPTransport(uds=str(self._socket))
        self._http = httpx.Client(
            transport=transport, base_url="http://soakbench", timeout=TIMEOUT_S, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def is_running(self) -> bool:
        """Whether a daemon answers."""
        try:
            self.status()
        except DaemonError:
            return False
        return True

    def status(self) -> Status:
        """The live status."""
        return Status.model_validate_json(self._call("GET", "/status"))

    def summary(self, run: str | None = None) -> Summary:
        """The account of a run, the newest if None."""
        parameters = {"run": run} if run else {}
        return Summary.model_validate_json(self._call("GET", "/summary", parameters))

    def start_run(self, request: StartRun) -> RunStatus:
        """Start a run."""
        return RunStatus.model_validate_json(self._call("POST", "/run", body=request))

    def put_in_queue(self, request: QueueRun) -> QueuedRun:
        """Let a plan wait for its turn."""
        return QueuedRun.model_validate_json(self._call("POST", "/queue", body=request))

    def remove_from_queue(self, number: int, who: str) -> QueuedRun:
        """Take a plan out of the queue; what it was."""
        body = Unqueue(number=number, who=who)
        return QueuedRun.model_validate_json(self._call("POST", "/queue/remove", body=body))

    def resume_queue(self, who: str) -> list[QueuedRun]:
        """Let the queue go on after a run that has not finished; what waits."""
        answer = self._call("POST", "/queue/resume", body=Order(who=who))
        return TypeAdapter(list[QueuedRun]).validate_json(answer)

    def confirm(self, track: str | None = None, note: str = "", who: str = "") -> list[str]:
        """Release confirm barriers; the tracks that were waiting."""
        body = Confirm(track=track, note=note, who=who)
        return TypeAdapter(list[str]).validate_json(self._call("POST", "/confirm", body=body))

    def stop_run(self, order: Order | None = None) -> None:
        """End the run."""
        self._call("POST", "/stop", body=order or Order())

    def clear(self, station: str, faults: list[str], vouch: Vouch, resume: bool) -> None:
        """Clear latched faults."""
        body = Clear(station=station, faults=faults, vouch=vouch, resume=resume)
        self._call("POST", "/clear", body=body)

    def pause(self, order: Order) -> list[str]:
        """Let tracks wait; the names of those that do."""
        return TypeAdapter(list[str]).validate_json(self._call("POST", "/pause", body=order))

    def resume(self, order: Order) -> list[str]:
        """Let tracks go on; their names."""
        return TypeAdapter(list[str]).validate_json(self._call("POST", "/resume", body=order))

    def skip(self, order: Order) -> str:
        """End a track's phase; what was skipped, in words."""
        return TypeAdapter(str).validate_json(self._call("POST", "/skip", body=order))

    def extend(self, order: Extend) -> str:
        """Give a track's phase another goal; what was done, in words."""
        return TypeAdapter(str).validate_json(self._call("POST", "/extend", body=order))

    def note(self, text: str, who: str) -> None:
        """Keep what somebody says, with the run."""
        self._call("POST", "/note", body=Note(text=text, who=who))

    def import_curves(self, request: ImportCurves) -> Imported:
        """Keep J-V curves that were taken elsewhere; what they say."""
        return Imported.model_validate_json(self._call("POST", "/jv", body=request))

    def recompute(self, run: str | None) -> int:
        """Extract the values of a run's sweeps anew; how many sweeps."""
        answer = self._call("POST", "/jv/recompute", body=Recompute(run=run))
        return TypeAdapter(int).validate_json(answer)

    def _call(
        self,
        method: str,
        path: str,
        parameters: dict[str, str] | None = None,
        body: BaseModel | None = None,
    ) -> bytes:
        try:
            self._knock()
            answer = self._http.request(
                method,
                path,
                params=parameters,
                json=None if body is None else body.model_dump(mode="json"),
            )
        except (httpx.TransportError, OSError) as error:
            raise DaemonError(
                f"no daemon is running for {self._data}",
                hint="start one with `soakbench daemon --bench BENCH`, or name its --data",
            ) from error
        if answer.status_code == httpx.codes.CONFLICT:
            raise RemoteError(Problem.model_validate_json(answer.content))
        if answer.is_error:
            raise DaemonError(
                f"the daemon answered {answer.status_code}: {answer.text[:300]}",
                hint="its log file under the data directory says more",
            )
        return answer.content

    def _knock(self) -> None:
        """OSError if nobody listens. httpx would leave the socket of a vain attempt open."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(str(self._socket))
