"""All tables together, and the schema id that is made of them. For the host only."""

import binascii

from soakwire import bench_blob, blobs, messages, records
from soakwire.layout import Layout


def schema_tables() -> list[Layout]:
    """Every table that both ends must agree on, in the order of the schema id."""
    tables = [records.HEAD]
    tables.extend([records.BODIES[kind] for kind in sorted(records.BODIES)])
    tables.extend([messages.HELLO_LAYOUT, messages.HELLO_ACK_LAYOUT, messages.BEAT_LAYOUT])
    tables.extend([messages.STATE_HEAD, messages.STATE_TRACK])
    tables.extend([messages.COMMAND_HEAD, messages.RESPONSE_LAYOUT])
    tables.extend([messages.ARGS[verb] for verb in sorted(messages.ARGS)])
    tables.extend(blob_layouts())
    return tables


def blob_layouts() -> list[Layout]:
    """The tables of the two blobs."""
    return bench_blob.LAYOUTS + blobs.LAYOUTS


def describe(table: Layout) -> str:
    """A canonical text of the table: nothing is left out, whatever its own text leaves out."""
    fields = ["{}/{}/{}/{}/{}".format(*field) for field in table.fields]
    return "{}:{}:{}".format(table.name, table.size, ",".join(fields))


def schema_id() -> int:
    """CRC-32 of the tables' descriptions, joined by newlines."""
    return binascii.crc32("\n".join([describe(table) for table in schema_tables()]).encode())
