# What a board does around main.py: it starts it, and where it ends or fails there is the prompt.
#
# Started by the twin in place of main.py, which is its argument. A SystemExit ends this process:
# that is how the twin's own end reaches it.

import sys

import _channel as channel
import _prompt

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
