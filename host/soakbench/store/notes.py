"""What the host did or noticed, in words."""

import sqlite3


def add_note(
    connection: sqlite3.Connection,
    utc_ms: int,
    run: str | None,
    kind: str,
    text: str,
    deviation: bool = False,
    who: str = "",
) -> None:
    """Write down what the host did or noticed, or what `who` did."""
    connection.execute(
        "INSERT INTO note (utc_ms, run, kind, deviation, text, who) VALUES (?,?,?,?,?,?)",
        (utc_ms, run, kind, int(deviation), text, who),
    )
