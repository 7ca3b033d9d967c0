"""The verdict: what was found, and the figures that were taken on the way."""

from dataclasses import dataclass

from soakbench.rehearsal.judge.custody import CustodyCount
from soakbench.rehearsal.judge.findings import Rule, Violation


@dataclass(frozen=True)
class Verdict:
    """Of a rehearsal, or of the part of it that is over."""

    violations: list[Violation]
    """The first ones of each rule; `counts` has all."""
    counts: dict[Rule, int]
    provoked: list[Violation]
    """What a scripted fault explains; `provoked_counts` has all."""
    provoked_counts: dict[Rule, int]
    custody: CustodyCount
    highest_c: dict[str, float]
    """The hottest each plate has been."""
    actuations: dict[str, int]
    """How often each coil was energised, like "A1.short"."""
    uncounted_sun_s: dict[str, float]
    """Light per cell that fell between a last stored record and the restart after it."""

    @property
    def passed(self) -> bool:
        """Whether no rule was broken."""
        return not self.counts
