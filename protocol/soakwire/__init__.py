"""soakwire: what host and board say to each other, the same code on CPython and MicroPython.

Nothing here opens a port, reads a clock or sleeps: bytes and times come in, bytes and messages
go out. Only `struct` and `binascii` are imported, and only MicroPython's dialect is used.
"""

PROTOCOL_MAJOR = 1
PROTOCOL_MINOR = 0
