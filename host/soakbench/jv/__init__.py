"""J-V sweeps: from a curve to Voc, Jsc, FF and PCE, or to the flag that says why there are none.

Pure functions of numbers: nothing here opens a file, reads a clock or knows a database.
"""

from soakbench.jv.extract import METHOD, Extracted, extract
from soakbench.jv.flags import Flag
from soakbench.jv.sweep import Direction, Sweep

__all__ = ["METHOD", "Direction", "Extracted", "Flag", "Sweep", "extract"]
