"""Commands that talk to a daemon: against the real API with a bench that is made up."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import make_status as make
import pytest
from typer.testing import CliRunner, Result

from soakbench.api import serve
from soakbench.api.address import socket_path
from soakbench.cli.app import app
from soakbench.errors import BenchFault, DaemonError
from soakbench.status import (
    Clear,
    Confirm,
    Extend,
    Note,
    Order,
    QueuedRun,
    QueueRun,
    RunStatus,
    StartRun,
    Status,
    Summary,
    Unqueue,
)


class MadeUpBench:
    """Remembers what it was asked; its run finishes at the third look."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.board = True
        self.ends_as = "finished"
        self.faults: list[str] = []
        self.queue: list[QueuedRun] = []
        self._looks = 0

    def status(self) -> Status:
        self._looks += 1
        if self._looks < 3:
            return make.status(
                make.run(), stations=[make.station(faults=self.faults)], queue=self.queue
            )
        return make.status(
            make.run(make.track(state="done"), state=self.ends_as, ended=make.NOW), queue=self.queue
        )

    def summary(self, run: str | None) -> Summary:
        if run == "nope":
            raise DaemonError("there is no run nope", hint="look again")
        return make.summary(state=self.ends_as)

    async def start_run(self, request: StartRun) -> RunStatus:
        if not self.board:
            raise BenchFault("the board is not there", hint="plug it in")
        self._looks = 0
        self.asked.append(f"run {Path(request.plan).name} {request.accelerate}")
        return make.run()

    async def put_in_queue(self, request: QueueRun) -> QueuedRun:
        name = Path(request.plan).name
        self.asked.append(f"queue {name} {request.begin} {request.who} {request.cells_csv!r}")
        return make.queued(3, begin=request.begin, who=request.who)

    async def remove_from_queue(self, request: Unqueue) -> QueuedRun:
        gone = [each for each in self.queue if each.number == request.number]
        if not gone:
            raise DaemonError(
                f"there is no number {request.number} in the queue", hint="there is: 3"
            )
        self.queue.remove(gone[0])
        return gone[0]

    async def resume_queue(self, request: Order) -> list[QueuedRun]:
        self.asked.append(f"queue resume {request.who}")
        return self.queue

    async def confirm(self, request: Confirm) -> list[str]:
        self.asked.append(f"confirm {request.track} {request.note}")
        return ["dark"]

    async def stop_run(self, request: Order | None = None) -> None:
        self.asked.append(f"stop {request.why}" if request and request.why else "stop")

    async def pause(self, request: Order) -> list[str]:
        self.asked.append(f"pause {request.track} {request.who} {request.why}")
        return ["dark", "thermal"]

    async def resume(self, request: Order) -> list[str]:
        if request.track == "u":
            raise DaemonError("there is no track u", hint="there is: dark, thermal")
        self.asked.append(f"resume {request.track}")
        return ["dark"]

    async def skip(self, request: Order) -> str:
        self.asked.append(f"skip {request.track} {request.who}")
        return "track dark: ageing (phase 2)"

    async def extend(self, request: Extend) -> str:
        self.asked.append(f"extend {request.track} {request.by} {request.who} {request.why}")
        return f"{request.track} extended by {request.by}"

    async def note(self, request: Note) -> None:
        self.asked.append(f"note {request.who} {request.text}")

    async def clear(self, request: Clear) -> None:
        self.asked.append(f"clear {request.station} {request.faults} {request.vouch}")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeUpBench]:
    monkeypatch.setenv("SOAKBENCH_DATA", str(tmp_path))
    monkeypatch.setattr("soakbench.cli.watching.LOOK_S", 0.0)
    made_up = MadeUpBench()
    loop = asyncio.new_event_loop()

    async def serve_until_cancelled() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await serve(made_up, tmp_path)

    task = loop.create_task(serve_until_cancelled())
    thread = threading.Thread(target=loop.run_until_complete, args=(task,))
    thread.start()
    while not socket_path(tmp_path).exists():
        assert thread.is_alive()
        thread.join(0.01)
    yield made_up
    loop.call_soon_threadsafe(task.cancel)
    thread.join()
    loop.close()


def cli(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_status(bench: MadeUpBench) -> None:
    assert "2/6 ageing" in cli("status").stdout
    assert json.loads(cli("status", "--json").stdout)["bench"] == "lab-1"


def test_watch_until_end(bench: MadeUpBench) -> None:
    result = cli("watch", "--until-end")
    assert result.exit_code == 0
    assert "run 20260302-0100-fig4 finished" in result.stdout


def test_watch_until_end_of_a_failed_run(bench: MadeUpBench) -> None:
    bench.ends_as = "failed"
    assert cli("watch", "--until-end").exit_code == 1


def test_confirm(bench: MadeUpBench) -> None:
    result = cli("confirm", "dark", "--note", "box closed")
    assert (result.exit_code, result.stdout) == (0, "confirmed: dark\n")
    assert json.loads(cli("confirm", "--json").stdout) == {"confirmed": ["dark"]}
    assert bench.asked == ["confirm dark box closed", "confirm None "]


def test_clear_names_faults_or_lists_them(bench: MadeUpBench) -> None:
    bench.faults = ["plate_sensor_frozen"]
    listed = cli("clear").stdout
    assert "exactly the same number" in listed
    assert "--vouch me" in listed
    assert cli("clear", "hotplate_box").stdout == listed
    mistyped = cli("clear", "hotplate_bx")
    assert mistyped.exit_code != 0
    assert "there is no station hotplate_bx" in mistyped.stderr
    done = cli("clear", "hotplate_box", "plate_sensor_frozen", "--vouch", "me")
    assert done.stdout == "hotplate_box: cleared plate_sensor_frozen\n"
    assert bench.asked == ["clear hotplate_box ['plate_sensor_frozen'] me"]


def test_stop_does_not_ask_without_a_terminal(bench: MadeUpBench) -> None:
    assert cli("stop").exit_code == 0
    assert bench.asked == ["stop"]


def test_run_is_handed_to_the_daemon_and_watched(bench: MadeUpBench) -> None:
    result = cli("run", "demo", "--accelerate", "10")
    assert result.exit_code == 0
    assert bench.asked == ["run demo.toml 10.0"]
    assert "thermal recovery" in result.stdout
    assert "Data: /data/soakbench" in result.stdout


def test_run_with_json_prints_nothing_else_on_standard_output(bench: MadeUpBench) -> None:
    result = cli("run", "demo", "--json")
    assert json.loads(result.stdout)["state"] == "finished"
    assert "run 20260302-0100-fig4 running" in result.stderr


def test_a_stopped_run_is_exit_code_1(bench: MadeUpBench) -> None:
    bench.ends_as = "stopped"
    assert cli("run", "demo").exit_code == 1


def test_detach_returns_at_once(bench: MadeUpBench) -> None:
    result = cli("run", "demo", "--detach")
    assert result.exit_code == 0
    assert "`soakbench watch` shows it" in result.stdout


def test_the_daemons_error_keeps_its_hint_and_exit_code(bench: MadeUpBench) -> None:
    bench.board = False
    result = cli("run", "demo")
    assert result.exit_code == 3
    assert result.stderr == "error: the board is not there\n  hint: plug it in\n"


def test_the_port_of_a_running_daemon_is_not_changed(bench: MadeUpBench) -> None:
    result = cli("run", "demo", "--port", "/dev/ttyACM1")
    assert result.exit_code == 1
    assert "leave --port out" in result.stderr


def test_summary_of_an_unknown_run(bench: MadeUpBench) -> None:
    assert cli("summary", "nope").stderr == "error: there is no run nope\n  hint: look again\n"
    assert json.loads(cli("summary", "--json").stdout)["records"]["lost"] == 0


def test_orders_carry_who_and_why(bench: MadeUpBench) -> None:
    assert cli("pause", "--who", "anna", "--why", "lunch").stdout == "paused: dark, thermal\n"
    assert cli("resume", "dark").stdout == "resumed: dark\n"
    assert cli("skip", "dark", "--who", "bert").stdout == "track dark: ageing (phase 2) skipped\n"
    done = cli("extend", "dark", "2 h", "--who", "anna", "--why", "still rises")
    assert done.stdout == "dark extended by 2 h\n"
    assert cli("extend", "dark", "-30 min", "--who", "anna").exit_code == 0
    assert cli("extend", "dark", "-2 h", "--who", "anna").exit_code == 0
    assert cli("note", "moved cells", "--who", "anna").stdout == "noted\n"
    assert cli("stop", "--yes", "--why", "enough").exit_code == 0
    assert bench.asked == [
        "pause None anna lunch",
        "resume dark",
        "skip dark bert",
        "extend dark 2 h anna still rises",
        "extend dark -30 min anna ",
        "extend dark -2 h anna ",
        "note anna moved cells",
        "stop enough",
    ]
    wrong = cli("resume", "u")
    assert wrong.exit_code == 1
    assert "there is: dark, thermal" in wrong.stderr
    assert cli("note", "").exit_code != 0
    assert cli("extend", "dark").exit_code == 2


def test_a_plan_is_put_into_the_queue_with_its_cells(bench: MadeUpBench, tmp_path: Path) -> None:
    cells = tmp_path / "cells.csv"
    cells.write_text("cell,id\nA1,x\n")
    put = cli("run", "demo", "--queue", "--cells", str(cells), "--who", "anna")
    assert put.exit_code == 0
    assert "into the queue as number 3" in put.stdout
    assert "It begins in its turn: run 20260302-0100-fig4 is under way." in put.stdout
    timed = cli("run", "demo", "--at", "2999-12-01 22:00", "--who", "bert", "--json")
    assert json.loads(timed.stdout)["begin"].startswith("2999-1")
    first, second = bench.asked
    assert first == "queue demo.toml None anna 'cell,id\\nA1,x\\n'"
    assert second.startswith("queue demo.toml 2999-1")


def test_the_queue_is_shown(bench: MadeUpBench) -> None:
    assert "Nothing waits" in cli("queue").stdout
    held = "run x was stopped; nobody knows whether the cells are where this plan wants them"
    bench.queue = [
        make.queued(3, why=held, needs_person=True, begin=make.NOW),
        make.queued(4, why="number 3 is before it", plan="paper-fig4"),
    ]
    shown = cli("queue").stdout
    assert "for you: see below" in shown
    assert "Number 3 waits for you: run x was stopped; nobody knows" in shown
    assert "number 3 is before it" in shown
    listed = json.loads(cli("queue", "--json").stdout)
    assert [(each["number"], each["plan"]) for each in listed] == [
        (3, "day-night"),
        (4, "paper-fig4"),
    ]
    assert "number 3: day-night" in cli("status").stdout
    assert "The queue waits: run x was stopped; nobody" in cli("stop", "--yes").stdout


def test_the_queue_is_changed(bench: MadeUpBench, tmp_path: Path) -> None:
    bench.queue = [make.queued(3), make.queued(4, why="it begins now")]
    removed = cli("queue", "remove", "3")
    assert removed.stdout == (
        "removed: number 3, day-night\nnext: number 4, day-night: it begins now\n"
    )
    unknown = cli("queue", "remove", "3")
    assert unknown.exit_code == 1
    assert "there is no number 3 in the queue" in unknown.stderr
    assert cli("queue", "remove", "three").exit_code == 2
    assert cli("queue", "resume", "--who", "bert").exit_code == 0
    assert bench.asked == ["queue resume bert"]
    other = cli("queue", "--data", str(tmp_path), "remove", "4")
    assert other.exit_code == 2, "or number 4 of another bench might be removed"
    assert [each.number for each in bench.queue] == [4]
