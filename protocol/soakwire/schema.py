"""The schema id: CRC-32 of all tables. Two ends with different ids must not run an experiment."""

import binascii

from soakwire.messages import schema_tables


def _schema_id() -> int:
    """CRC-32 of the tables' descriptions, joined by newlines; a board has no room for them all."""
    crc = 0
    separator = b""
    for table in schema_tables():
        crc = binascii.crc32(separator + table.describe().encode(), crc)
        separator = b"\n"
    return crc


SCHEMA_ID = _schema_id()
