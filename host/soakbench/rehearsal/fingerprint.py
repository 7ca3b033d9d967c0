"""One number for all that a database says, so that two rehearsals can be compared.

The same plan, bench, seed and versions give the same number. Left out: `published` (a broker's
business), `body` (it says what `slot` says), and the layout of the file itself.
"""

import hashlib

from soakbench.store import Store

# Tables and their columns, in the order of the primary key.
COUNTED = {
    "boot": ("device", "boot", "seen_utc_ms", "reset_cause", "firmware", "produced", "lost_from"),
    "record": (
        "device",
        "boot",
        "seq",
        "kind",
        "place",
        "t_device_ms",
        "t_utc_ms",
        "t_err_ms",
        "hist",
        "run",
        "slot",
        "fit",
    ),
    "clock_point": ("device", "boot", "device_ms", "segment", "utc_ms", "half_ms"),
    "clock_fit": ("device", "boot", "version", "segment", "device_ms", "utc_ms", "drift_ppm"),
    "run": (
        "run",
        "plan",
        "title",
        "plan_toml",
        "bench_toml",
        "accelerate",
        "program_id",
        "state",
        "message",
        "created_utc_ms",
        "started_utc_ms",
        "ended_utc_ms",
    ),
    "cell_of_run": (
        "run",
        "cell",
        "id",
        "substrate",
        "aperture_cm2",
        "recipe",
        "mask",
        "made",
        "note",
    ),
    "queue": ("number", "plan", "accelerate", "begin_utc_ms", "who", "queued_utc_ms"),
    "queue_resumed": ("run", "utc_ms", "who"),
    "run_boot": ("run", "device", "boot", "first_seq", "end_seq"),
    "progress": ("run", "track", "step", "cycle", "delivered", "dose", "elapsed_ms", "state"),
    "note": ("id", "utc_ms", "run", "kind", "deviation", "text", "who"),
    "finding": (
        "run",
        "rule",
        "subject",
        "boot",
        "begin_seq",
        "begin_utc_ms",
        "end_boot",
        "end_seq",
        "end_utc_ms",
        "worst",
        "text",
        "note",
    ),
    "relay": ("bench", "cell", "relay", "actuations", "rated", "since_utc_ms"),
    "relay_boot": ("device", "boot", "number", "relay", "actuations"),
    "jv": ("run", "track", "step", "cycle", "cell", "utc_ms", "state"),
}


def db_hash(store: Store) -> str:
    """SHA-256 over the counted columns of all rows, in 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for table, columns in COUNTED.items():
        digest.update(f"{table}({','.join(columns)})\n".encode())
        names = ", ".join(columns)
        for row in store.rows(f"SELECT {names} FROM {table} ORDER BY {names}"):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()
