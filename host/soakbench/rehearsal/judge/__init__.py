"""The judge of a rehearsal: the twin's own account of what truly happened, and its verdict.

It believes pins, light, temperature and the records as they were made, and nothing that firmware
or host say about themselves.
"""

from soakbench.rehearsal.judge.account import Account
from soakbench.rehearsal.judge.findings import Rule, Violation
from soakbench.rehearsal.judge.stored import Stored, read_stored
from soakbench.rehearsal.judge.verdict import Verdict

__all__ = ["Account", "Rule", "Stored", "Verdict", "Violation", "read_stored"]
