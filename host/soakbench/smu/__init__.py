"""The source meter (SMU): J-V sweeps, stabilised power output and bias, whatever make it is.

`open_smu` gives one that is off whenever nobody measures; `measure`, `track_power` and `bias` take
it from there. Results are in soakbench.smu.result.
"""

from soakbench.smu.measuring import bias, measure, track_power
from soakbench.smu.opening import open_smu
from soakbench.smu.plans import BiasPlan, Hold, PowerPlan, SweepPlan
from soakbench.smu.smu import Settings, Smu

__all__ = [
    "BiasPlan",
    "Hold",
    "PowerPlan",
    "Settings",
    "Smu",
    "SweepPlan",
    "bias",
    "measure",
    "open_smu",
    "track_power",
]
