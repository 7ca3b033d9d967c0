# What a board does around main.py: it starts it, and where it ends or fails there is the prompt.
#
# Started by the twin in place of main.py, which is its argument. A SystemExit ends this process:
# that is how the twin's own end reaches it.

import os  # noqa: F401
import select  # noqa: F401
import sys
import time  # noqa: F401

import _channel as channel
import _prompt
import machine  # noqa: F401 (here as on a board before main.py asks for it)

# A board has these modules in its flash, names and all. Here their names take places in a table
# that MicroPython doubles in one piece, where a board's has not grown yet: it grows now, while the
# heap is whole, and the firmware finds as many free places as on a board.
PLACES = 1101
for place in range(PLACES):
    getattr(sys, str(place), None)

names = {"__name__": "__main__"}
try:
    if channel.options & channel.OBSERVED:
        import _journal  # noqa: F401 (for what it does)
    execfile(sys.argv[1], names)  # noqa: F821 (MicroPython's)
except Exception as error:  # noqa: BLE001 (whatever it is, a board shows it)
    _prompt.show(error)
except KeyboardInterrupt as error:
    _prompt.show(error)
_prompt.serve(names)
