"""The byte layouts of docs/protocol.md from the code's own tables.

.venv/bin/python tests/soakwire/layout_tables.py    writes them into the document
"""

import struct
from pathlib import Path

from soakwire import messages, names, records
from soakwire.layout import Layout
from soakwire.schema import SCHEMA_ID
from soakwire.tables import blob_layouts

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"
HEADING = "## Layouts\n"
_SIZES = {"b": "i8", "B": "u8", "h": "i16", "H": "u16", "i": "i32", "I": "u32"}


def section() -> str:
    """Everything below the heading."""
    groups = [
        ("Messages", messages_tables()),
        ("Records", record_tables()),
        ("Command arguments", argument_tables()),
        ("Blobs", [("", table) for table in blob_layouts()]),
    ]
    text = [
        f"Schema id of these tables: `{SCHEMA_ID:08x}`. A unit that ends in `?` may be missing;",
        "the lowest (signed) or highest (unsigned) number says so. What is left over at the end of",
        "a structure is padding.",
    ]
    for title, tables in groups:
        text += ["", f"### {title}"]
        for note, table in tables:
            text += ["", *_table(table, note)]
    return "\n".join(text) + "\n"


def messages_tables() -> list[tuple[str, Layout]]:
    plain = [messages.HELLO_LAYOUT, messages.HELLO_ACK_LAYOUT, messages.BEAT_LAYOUT]
    plain += [messages.STATE_HEAD, messages.STATE_TRACK]
    plain += [messages.COMMAND_HEAD, messages.RESPONSE_LAYOUT]
    return [("", table) for table in plain]


def record_tables() -> list[tuple[str, Layout]]:
    bodies = [
        (f"record kind {kind}, from byte {records.HEAD_SIZE}", records.BODIES[kind])
        for kind in sorted(records.BODIES)
    ]
    return [("head of every record", records.HEAD), *bodies]


def argument_tables() -> list[tuple[str, Layout]]:
    return [
        (f"verb {verb}, `{names.VERB_NAMES[verb]}`", messages.ARGS[verb])
        for verb in sorted(messages.ARGS)
    ]


def _table(table: Layout, note: str) -> list[str]:
    lines = [f"**{table.name}**, {table.size} bytes" + (f" ({note})" if note else "")]
    if not table.fields:
        return [*lines, "", "no fields"]
    lines += ["", "| byte | field | type | unit | range |", "|---|---|---|---|---|"]
    at = 0
    for name, code, unit, low, high in table.fields:
        lines.append(f"| {at} | {name} | {_SIZES[code]} | {unit or '-'} | {low} to {high} |")
        at += struct.calcsize("<" + code)
    return lines


if __name__ == "__main__":
    head, _, _ = DOCUMENT.read_text("utf-8").partition(HEADING)
    DOCUMENT.write_text(head + HEADING + "\n" + section(), "utf-8")
