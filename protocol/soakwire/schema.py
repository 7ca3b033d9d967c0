"""The schema id: CRC-32 of all tables. Two ends with different ids must not run an experiment."""

import binascii

from soakwire.messages import schema_text

SCHEMA_ID = binascii.crc32(schema_text().encode())
