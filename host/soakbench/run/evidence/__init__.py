"""Whether the commanded condition was real, per cell: what the records say against the plan."""

from soakbench.run.evidence.finding import Finding, Moment
from soakbench.run.evidence.follower import Follower
from soakbench.run.evidence.judge import Judge

__all__ = ["Finding", "Follower", "Judge", "Moment"]
