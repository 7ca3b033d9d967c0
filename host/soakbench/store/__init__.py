"""The database: every record once, safe on disk before the board is told to forget it."""

from soakbench.store.decode import decode_body
from soakbench.store.store import Store, open_store
from soakbench.store.transaction import Job, Writer
from soakbench.store.writer import StoreWriter

__all__ = ["Job", "Store", "StoreWriter", "Writer", "decode_body", "open_store"]
