"""The HTTP API on a Unix socket. It parses, calls one method of the bench, and answers."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Protocol

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from soakbench.api.address import socket_path
from soakbench.errors import SoakbenchError
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
)


class Bench(Protocol):
    """What the API needs of the daemon."""

    def status(self) -> Status:
        """The live status."""

    def summary(self, run: str | None) -> Summary:
        """The account of a run, the newest if None."""

    async def start_run(self, request: StartRun) -> RunStatus:
        """Start a run."""

    async def put_in_queue(self, request: QueueRun) -> QueuedRun:
        """Let a plan wait for its turn."""

    async def remove_from_queue(self, request: Unqueue) -> QueuedRun:
        """Take a plan out of the queue; what it was."""

    async def resume_queue(self, request: Order) -> list[QueuedRun]:
        """Let the queue go on after a run that has not finished; what waits."""

    async def confirm(self, request: Confirm) -> list[str]:
        """Release confirm barriers; the names of the tracks that were waiting."""

    async def stop_run(self, request: Order | None = None) -> None:
        """End the run: safe state."""

    async def clear(self, request: Clear) -> None:
        """Clear latched faults."""

    async def pause(self, request: Order) -> list[str]:
        """Let tracks wait; the names of those that do."""

    async def resume(self, request: Order) -> list[str]:
        """Let tracks go on; their names."""

    async def skip(self, request: Order) -> str:
        """End a track's phase; what was skipped."""

    async def extend(self, request: Extend) -> str:
        """Give a track's phase another goal; what was done, in words."""

    async def note(self, request: Note) -> None:
        """Keep what somebody says."""

    async def import_curves(self, request: ImportCurves) -> Imported:
        """Keep J-V curves that were taken elsewhere."""

    async def recompute(self, request: Recompute) -> int:
        """Extract the values of a run's sweeps anew; how many sweeps."""


def build_app(bench: Bench) -> FastAPI:
    """The API over `bench`."""
    app = FastAPI(title="soakbench", docs_url="/docs")

    @app.exception_handler(SoakbenchError)
    async def problem(_: Request, error: SoakbenchError) -> JSONResponse:
        body = Problem(error=str(error), hint=error.hint, exit_code=error.exit_code)
        return JSONResponse(body.model_dump(), status_code=409)

    @app.get("/status")
    async def get_status() -> Status:
        return bench.status()

    @app.get("/summary")
    async def get_summary(run: str | None = None) -> Summary:
        return bench.summary(run)

    @app.post("/run")
    async def post_run(request: StartRun) -> RunStatus:
        return await bench.start_run(request)

    @app.post("/queue")
    async def post_queue(request: QueueRun) -> QueuedRun:
        return await bench.put_in_queue(request)

    @app.post("/queue/remove")
    async def post_queue_remove(request: Unqueue) -> QueuedRun:
        return await bench.remove_from_queue(request)

    @app.post("/queue/resume")
    async def post_queue_resume(request: Order) -> list[QueuedRun]:
        return await bench.resume_queue(request)

    @app.post("/confirm")
    async def post_confirm(request: Confirm) -> list[str]:
        return await bench.confirm(request)

    @app.post("/stop")
    async def post_stop(request: Order) -> None:
        await bench.stop_run(request)

    @app.post("/clear")
    async def post_clear(request: Clear) -> None:
        await bench.clear(request)

    @app.post("/pause")
    async def post_pause(request: Order) -> list[str]:
        return await bench.pause(request)

    @app.post("/resume")
    async def post_resume(request: Order) -> list[str]:
        return await bench.resume(request)

    @app.post("/skip")
    async def post_skip(request: Order) -> str:
        return await bench.skip(request)

    @app.post("/extend")
    async def post_extend(request: Extend) -> str:
        return await bench.extend(request)

    @app.post("/note")
    async def post_note(request: Note) -> None:
        await bench.note(request)

    @app.post("/jv")
    async def post_jv(request: ImportCurves) -> Imported:
        return await bench.import_curves(request)

    @app.post("/jv/recompute")
    async def post_recompute(request: Recompute) -> int:
        return await bench.recompute(request)

    return app


class _Server(uvicorn.Server):
    """uvicorn that leaves the signals to the daemon."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def serve(bench: Bench, data: Path) -> None:
    """Serve the API of `data` until cancelled."""
    path = socket_path(data)
    listener = _listen(path)
    config = uvicorn.Config(build_app(bench), log_config=None, log_level="warning", lifespan="off")
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="uvicorn")
    try:
        await asyncio.shield(task)
    finally:
        server.should_exit = True
        await task
        path.unlink(missing_ok=True)


def _listen(path: Path) -> socket.socket:
    """A socket that only its owner can open. The data lock is held: one left over is dead."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old_mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(old_mask)
    listener.listen()
    return listener
