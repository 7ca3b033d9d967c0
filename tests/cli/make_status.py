"""Statuses and summaries made by hand."""

from datetime import UTC, datetime, timedelta

from soakbench.status import (
    CellStatus,
    LinkStatus,
    MqttStatus,
    PhaseSummary,
    QueuedRun,
    RecordCounts,
    RunStatus,
    StationStatus,
    Status,
    Summary,
    TrackStatus,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def track(name: str = "dark", **changes: object) -> TrackStatus:
    """A track in the middle of ageing."""
    values: dict[str, object] = {
        "track": name,
        "cells": ["A1", "A2"],
        "state": "running",
        "station": "simulator",
        "phase": "ageing",
        "step": 1,
        "steps": 6,
        "cycle": 0,
        "delivered": 8.25,
        "goal": 16.0,
        "unit": "h",
        "dose_sun_h": 8.2,
        "in_condition": True,
        "eta_s": 27_900.0,
    }
    return TrackStatus.model_validate(values | changes)


def run(*tracks: TrackStatus, **changes: object) -> RunStatus:
    """A run under way."""
    values: dict[str, object] = {
        "run": "20260302-0100-fig4",
        "plan": "paper-fig4",
        "title": "OC ageing, then two arms",
        "state": "running",
        "accelerate": 1.0,
        "started": NOW - timedelta(hours=8),
        "ended": None,
        "tracks": tracks or (track(),),
        "records": RecordCounts(produced=12345, stored=12340, lost=0),
    }
    return RunStatus.model_validate(values | changes)


def station(name: str = "hotplate_box", **changes: object) -> StationStatus:
    """A hotplate on its way to 50 °C."""
    values: dict[str, object] = {
        "station": name,
        "time": NOW,
        "plate_c": 44.26,
        "stage_c": None,
        "target_c": 50.0,
        "light_suns": None,
        "lux": 0.04,
        "duty": 0.34,
        "light_on": False,
        "heater_on": True,
        "holding": False,
        "faults": [],
    }
    return StationStatus.model_validate(values | changes)


def status(the_run: RunStatus | None = None, **changes: object) -> Status:
    """A bench that is well."""
    values: dict[str, object] = {
        "bench": "lab-1",
        "time": NOW,
        "data": "/data/soakbench",
        "link": LinkStatus(
            state="up", port="/dev/ttyACM0", device="d", boot="b", firmware="0.1.0", board="active"
        ),
        "run": the_run,
        "stations": [station()],
        "cells": [
            CellStatus(cell="A1", load="OC", track="dark"),
            CellStatus(cell="A2", load="SC", track="dark"),
            CellStatus(cell="B1", load=None, track=None),
        ],
        "mqtt": MqttStatus(
            enabled=True, connected=True, broker="localhost:1883", backlog=0, published=12000
        ),
    }
    return Status.model_validate(values | changes)


def queued(number: int = 3, **changes: object) -> QueuedRun:
    """A plan that waits for the present run."""
    values: dict[str, object] = {
        "number": number,
        "plan": "day-night",
        "title": "",
        "begin": None,
        "who": "anna",
        "queued": NOW,
        "why": "run 20260302-0100-fig4 is under way",
        "needs_person": False,
    }
    return QueuedRun.model_validate(values | changes)


def summary(**changes: object) -> Summary:
    """The account of a finished run."""
    thermal = PhaseSummary(
        track="thermal",
        phase="thermal_recovery",
        cycle=0,
        station="hotplate_box",
        planned=3.0,
        delivered=3.0,
        unit="h",
        dose_sun_h=0.0,
        temp_c_mean=49.83,
        temp_c_sd=0.21,
        temp_sensor="plate",
        samples=1080,
        state="done",
    )
    sweep = thermal.model_copy(
        update={
            "phase": "jv",
            "planned": None,
            "delivered": None,
            "temp_c_mean": None,
            "temp_c_sd": None,
            "temp_sensor": None,
            "state": "pending",
        }
    )
    values: dict[str, object] = {
        "run": "20260302-0100-fig4",
        "plan": "paper-fig4",
        "title": "",
        "state": "finished",
        "accelerate": 1.0,
        "started": NOW - timedelta(hours=20),
        "ended": NOW,
        "phases": [thermal, sweep],
        "records": RecordCounts(produced=1000, stored=1000, lost=0),
        "boots": 1,
        "jv_pending": 8,
        "deviations": [],
        "journal": [],
        "data": "/data/soakbench",
    }
    return Summary.model_validate(values | changes)
