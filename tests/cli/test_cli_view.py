"""What people see: the live view on a terminal, the lines elsewhere, the summary table."""

import io
from datetime import timedelta
from pathlib import Path

import make_status as make
import pytest
from rich.console import Console, RenderableType

from soakbench.cli.output import THEME, command_line
from soakbench.cli.view.plain import PlainLog
from soakbench.cli.view.screen import open_screen
from soakbench.cli.view.status import status_view
from soakbench.cli.view.summary import summary_view
from soakbench.status import JournalEntry, LinkStatus, RecordCounts, Status


def shown(view: RenderableType, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width, theme=THEME, highlight=False).print(view)
    return out.getvalue()


def lines_of(*statuses: Status) -> list[str]:
    lines: list[str] = []
    log = PlainLog(lines.append)
    for status in statuses:
        log.show(status)
    return [line.split("  ", 1)[1] for line in lines]


@pytest.mark.parametrize("width", [80, 120])
def test_the_view_shows_all_parts_of_the_bench(width: int) -> None:
    text = shown(status_view(make.status(make.run())), width)
    for part in (
        "OC ageing, then two arms  running",
        "2/6 ageing",
        "8.2 / 16 h",
        "✓",
        "7 h 45 min",
        "44.3 °C",
        "50.0 °C",
        "34%",
        "0.0 lux",
        "A1 OC  A2 SC",
        "B1 –",
        "12 345 produced, 12 340 stored, 0 lost",
        "up on /dev/ttyACM0, firmware 0.1.0, board active",
        "connected to localhost:1883",
    ):
        assert part in text, text
    assert max(len(line) for line in text.splitlines()) <= width


def test_what_a_person_must_do_stands_out_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOAKBENCH_DATA", "/elsewhere")
    waiting = make.track(
        state="barrier", phase="confirm", goal=None, unit="", waiting_for="Move A1 to the plate"
    )
    text = shown(status_view(make.status(make.run(waiting))))
    assert "waits for you" in text
    assert "Please do this" in text
    assert "dark: Move A1 to the plate" in text
    assert "soakbench confirm dark --data /data/soakbench" in text


def test_the_request_is_in_the_upper_half_of_a_small_terminal() -> None:
    waiting = make.track(state="barrier", goal=None, unit="", waiting_for="Move it")
    lines = shown(status_view(make.status(make.run(waiting)))).splitlines()
    assert next(i for i, line in enumerate(lines) if "soakbench confirm" in line) < 12


@pytest.mark.parametrize(
    ("track", "station", "word"),
    [
        ({"phase": "thermal_recovery"}, {}, "to 50 °C"),
        ({"phase": "thermal_recovery"}, {"holding": True}, "held off"),
        ({"phase": "thermal_recovery"}, {"faults": ["plate_sensor_open"]}, "sensor fault"),
        ({"phase": "ageing"}, {"target_c": None}, "waits for light"),
        ({"phase": "dark_recovery"}, {"target_c": None}, "waits for darkness"),
    ],
)
def test_it_says_why_nothing_is_delivered(
    track: dict[str, object], station: dict[str, object], word: str
) -> None:
    tracks = make.track(station="hotplate_box", in_condition=False, **track)
    text = shown(
        status_view(make.status(make.run(tracks), stations=[make.station(**station)])), 100
    )
    assert word in text
    assert "✓" not in text


def test_faults_and_losses_are_shown() -> None:
    run = make.run(records=RecordCounts(produced=10, stored=8, lost=2), message="ended early")
    status = make.status(
        run,
        stations=[make.station(faults=["plate_sensor_open"])],
        link=LinkStatus(state="no port", port="/dev/ttyACM0", detail="port does not exist"),
        storage="disk full",
    )
    text = shown(status_view(status))
    for part in ("plate sensor open", "broken wire", "2 lost", "no port: port does", "disk full"):
        assert part in text
    assert "ended early" in text


def test_a_bench_without_a_run_says_how_to_start_one() -> None:
    assert "soakbench run PLAN" in shown(status_view(make.status()))


def test_a_run_that_was_given_up_points_to_its_summary() -> None:
    ended = make.run(state="stopped", ended=make.NOW)
    text = shown(status_view(make.status(ended)))
    assert "soakbench summary" in text
    assert "2/6" not in text


def test_short_times_are_shown_in_minutes_and_seconds() -> None:
    short = make.track(delivered=0.005, goal=0.01, eta_s=18.0)
    text = shown(status_view(make.status(make.run(short))))
    assert "18.0 / 36 s" in text
    assert "18 s" in text


def test_plain_mode_tells_each_change_once() -> None:
    first = make.status(make.run())
    waiting = make.track(state="barrier", phase="confirm", step=2, goal=None, waiting_for="Move it")
    second = make.status(make.run(waiting), time=make.NOW + timedelta(seconds=1))
    lines = lines_of(first, first, second, second)
    assert lines == [
        "link up on /dev/ttyACM0, firmware 0.1.0, board active",
        "mqtt connected to localhost:1883",
        "run 20260302-0100-fig4 running",
        "dark: 2/6 ageing at simulator until 16 h",
        "dark: 3/6 confirm, waits for you: Move it"
        " | then: soakbench confirm dark --data /data/soakbench",
    ]


def test_plain_mode_tells_progress_at_most_once_in_a_few_seconds() -> None:
    def later(seconds: int, delivered: float) -> Status:
        moving = make.track(delivered=delivered)
        return make.status(make.run(moving), time=make.NOW + timedelta(seconds=seconds))

    statuses = [later(second, 8.25 + second) for second in range(7)]
    progress = [line for line in lines_of(*statuses) if "records" in line]
    assert len(progress) == 1
    assert progress[0].startswith("dark 13.2 / 16 h | hotplate_box plate 44.3 °C | records")


def test_plain_mode_is_silent_while_nothing_moves() -> None:
    statuses = [
        make.status(make.run(), time=make.NOW + timedelta(seconds=10 * n)) for n in range(100)
    ]
    assert len(lines_of(*statuses)) == len(lines_of(statuses[0]))


def test_plain_mode_tells_a_fault() -> None:
    bad = make.status(make.run(), stations=[make.station(faults=["over_temperature"])])
    assert "hotplate_box: FAULT over temperature" in lines_of(make.status(make.run()), bad)


def test_a_pipe_gets_lines_and_a_terminal_a_live_picture() -> None:
    for terminal in (False, True):
        out = io.StringIO()
        console = Console(
            file=out, width=80, theme=THEME, force_terminal=terminal, color_system=None
        )
        with open_screen(console) as screen:
            screen.show(make.status(make.run()))
        assert ("Delivered" in out.getvalue()) == terminal
        assert ("run 20260302-0100-fig4 running" in out.getvalue()) != terminal


def test_the_summary_shows_plan_delivery_temperature_and_records() -> None:
    restarted = JournalEntry(
        time=make.NOW, kind="restart", who="", text="the board restarted", deviation=True
    )
    moved = JournalEntry(
        time=make.NOW, kind="note", who="anna", text="moved cells", deviation=False
    )
    text = shown(summary_view(make.summary(journal=[restarted, moved], boots=2)))
    for part in (
        "paper-fig4  finished",
        "took 20 h",
        "thermal recovery",
        "49.8 ± 0.2  plate",
        "J-V",
        "pending",
        "1 000 produced, 1 000 stored, 0 lost",
        "J-V sweeps not yet measured: 8",
        "the board restarted",
        "anna  moved cells",
        "the board started 2 times",
    ):
        assert part in text, text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_command_to_type_names_the_data_only_where_it_must(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOAKBENCH_DATA", "/lab data")
    assert command_line("status", Path("/lab data")) == "soakbench status"
    assert command_line("status", Path("/other lab")) == "soakbench status --data '/other lab'"
