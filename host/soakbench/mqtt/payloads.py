"""Topics and payloads of the MQTT contract. JSON, UTF-8, units in the keys."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel

from soakbench.store.decode import SENSES, cell_reading
from soakbench.store.findings import StoredFinding

ROOT = "soakbench/v1"

Json = dict[str, object]


def topic(bench: str, name: str) -> str:
    """The topic `name` of a bench."""
    return f"{ROOT}/{bench}/{name}"


def encode(payload: Json | list[Json] | BaseModel) -> str:
    """The payload as compact JSON."""
    if isinstance(payload, BaseModel):
        return payload.model_dump_json()
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def utc_text(utc_ms: int) -> str:
    """UTC milliseconds as ISO 8601 with a Z."""
    moment = datetime.fromtimestamp(utc_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record_payload(row: sqlite3.Row, stations: Sequence[str], cells: Sequence[str]) -> Json:
    """One row of the outbox. (device, boot, seq) lets a consumer drop what comes twice."""
    values: Json = json.loads(row["body"])
    place = row["place"]
    if row["kind"] in ("station", "air") and place < len(stations):
        values["station"] = stations[place]
    elif row["kind"] == "track":
        values["track"] = place
    elif row["kind"] == "cells":
        values = _cells_values(values, cells[place : place + SENSES])
    return {
        "device": row["device"],
        "boot": row["boot"],
        "seq": row["seq"],
        "t": utc_text(row["t_utc_ms"]),
        "terr_ms": row["t_err_ms"],
        "hist": bool(row["hist"]),
        "kind": row["kind"],
        "run": row["run"],
        "values": values,
    }


def finding_payload(finding: StoredFinding, is_over: bool) -> Json:
    """A finding of evidence, at its begin or at its end."""
    return {
        "kind": "finding",
        "run": finding.run,
        "rule": finding.rule,
        "subject": finding.subject,
        "station": finding.station or None,
        "cells": list(finding.cells),
        "state": "over" if is_over else "open",
        "begin": utc_text(finding.begin_utc_ms),
        "end": utc_text(finding.end_utc_ms) if is_over and finding.end_utc_ms else None,
        "value": finding.value,
        "worst": finding.worst,
        "limit": finding.limit,
        "unit": finding.unit or None,
        "deviation": finding.deviation,
        "text": finding.text,
    }


def _cells_values(values: Json, cells: Sequence[str]) -> Json:
    """Load and reading by cell; a cell without a reading is not in `voltage_v` or `current_ma`."""
    loads, senses = values["loads"], values["senses"]
    assert isinstance(loads, list)
    assert isinstance(senses, list)
    shown = {
        name: cell_reading(load, sense)
        for name, load, sense in zip(cells, loads, senses, strict=False)
    }
    return {
        "loads": {name: reading.load for name, reading in shown.items()},
        "voltage_v": {n: r.voltage_v for n, r in shown.items() if r.voltage_v is not None},
        "current_ma": {n: r.current_ma for n, r in shown.items() if r.current_ma is not None},
    }
