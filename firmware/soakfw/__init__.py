"""soakfw: the bench controller's firmware.

`app.App` is plain code in virtual time: bytes and ticks in, bytes and pin levels out, the same on
CPython and MicroPython. Only `board.py` (and `main.py`) touch hardware.
"""

VERSION = (0, 1, 0)
