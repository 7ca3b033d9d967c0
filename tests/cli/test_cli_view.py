"""What people see: the live view on a terminal, the lines elsewhere, the summary table."""

import io
from datetime import timedelta
from pathlib import Path

import make_status as make
import pytest
from rich.console import Console, RenderableType

from soakbench.cell_history import Device
from soakbench.cli.output import THEME, command_line
from soakbench.cli.view.plain import PlainLog
from soakbench.cli.view.screen import open_screen
from soakbench.cli.view.status import status_view
from soakbench.cli.view.summary import summary_view
from soakbench.status import (
    CellEvidence,
    CellStatus,
    FindingStatus,
    JournalEntry,
    LinkStatus,
    RecordCounts,
    Status,
)


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


def finding(**changes: object) -> FindingStatus:
    values: dict[str, object] = {
        "rule": "oc_no_voltage",
        "subject": "A1",
        "station": "simulator",
        "cells": ["A1"],
        "begin": make.NOW,
        "end": None,
        "value": 8.3,
        "worst": 3.1,
        "limit": 100.0,
        "unit": "mV",
        "deviation": True,
        "text": "A1 is at OC under light, yet it shows 3.1 mV, since 12:00",
        "todo": "look at its contacts",
    }
    return FindingStatus.model_validate(values | changes)


def test_what_contradicts_the_condition_is_told_with_the_cell_and_what_to_do() -> None:
    status = make.status(make.run(), findings=[finding()])
    text = " ".join(shown(status_view(status)).split())
    assert "A1 is at OC under light, yet it shows 3.1 mV, since 12:00." in text
    assert "What to do: look at its contacts." in text
    later = make.status(make.run())
    lines = [line for line in lines_of(later, status, status, later) if "evidence" in line]
    assert lines == ["evidence: A1 is at OC under light, yet it shows 3.1 mV, since 12:00"]


@pytest.mark.parametrize("width", [80, 120])
def test_readings_stand_beside_the_loads_where_the_bench_has_them(width: int) -> None:
    cells = [
        CellStatus(cell=f"A{n}", load="OC", track="dark", voltage_v=1.0412) for n in range(1, 7)
    ]
    cells += [
        CellStatus(cell="B1", load="SC", track="thermal", current_ma=1.652),
        CellStatus(cell="B2", load="OC", track="thermal", voltage_v=0.0078),
        CellStatus(cell="B3", load="SC", track="thermal"),
    ]
    stations = [make.station(guard_c=44.1, humidity_percent=41.6)]
    text = shown(status_view(make.status(make.run(), cells=cells, stations=stations)), width)
    for part in (
        "A1 OC 1.04 V  A2 OC 1.04 V",
        "B1 SC 1.65 mA  B2 OC 8 mV  B3 SC",
        "44.1 °C",
        "42 %",
    ):
        assert part in text, text
    assert max(len(line) for line in text.splitlines()) <= width


def test_the_account_says_which_cells_are_doubtful_and_which_are_not_sensed() -> None:
    rows = [
        CellEvidence(cell="A1", senses=["voltage"], findings=2, doubtful_s=720),
        CellEvidence(cell="A2", senses=["voltage"], findings=0, doubtful_s=0),
        CellEvidence(cell="B1", senses=[], findings=0, doubtful_s=0),
    ]
    text = shown(summary_view(make.summary(evidence=rows)))
    assert "Doubtful: A1 for 12 min (2 findings)" in text
    assert "A2" not in text
    assert "Not sensed, so their load is taken on trust: B1" in text


def test_the_summary_names_the_devices_by_substrate() -> None:
    nothing = dict.fromkeys(Device.model_fields)
    devices = [
        Device.model_validate(nothing | {"cell": cell, "substrate": substrate, "id": device})
        for cell, substrate, device in [
            ("A1", "PK-1", "PK-1a"),
            ("A2", "PK-1", None),
            ("B1", "B", None),
            ("B2", "B", None),
            ("B3", "B", None),
            ("C1", None, "x"),
            ("C2", None, None),
        ]
    ]
    text = shown(summary_view(make.summary(devices=devices)))
    assert "Substrate PK-1: A1 = PK-1a, A2\n" in text
    assert "Substrate B: B1-B3\n" in text
    assert "No substrate: C1 = x\n" in text
