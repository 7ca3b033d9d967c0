"""Topics and payloads of the MQTT contract. JSON, UTF-8, units in the keys."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel

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
        loads = values.pop("loads")
        assert isinstance(loads, list)
        values["loads"] = dict(zip(cells[place : place + 8], loads, strict=False))
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
