"""The schema id: CRC-32 of all tables. Two ends with different ids must not run an experiment."""

# Worked out by `soakwire.tables.schema_id`, for which a board has neither time nor room;
# tests/soakwire/test_tables.py says what it must be when a table has changed.
SCHEMA_ID = 0x9A991258
