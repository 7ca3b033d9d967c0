"""What is drawn by chance in real life, drawn from the seed: names, numbers, latencies."""

import random

from soakbench.link.session import SESSIONS

_BOOT_IDS = 1 << 32


class Ids:
    """One stream for each kind, so that one more of a kind does not change the others."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._boots = self.chance("boots")
        self._sessions = self.chance("sessions")
        self._suffixes = self.chance("suffixes")
        self.commits = self.chance("commits")
        """How long commits take."""
        self._used_boots: set[int] = set()

    def chance(self, what: str) -> random.Random:
        """A stream of its own."""
        return random.Random(f"{self._seed} {what}")

    def boot_id(self) -> int:
        """The id of a start of the board: 32 bits, each once."""
        boot_id = self._boots.randrange(1, _BOOT_IDS)
        while boot_id in self._used_boots:
            boot_id = self._boots.randrange(1, _BOOT_IDS)
        self._used_boots.add(boot_id)
        return boot_id

    def run_suffix(self) -> str:
        """Of a run's name."""
        return f"{self._suffixes.randrange(1 << 16):04x}"

    def next_session(self, session: int) -> int:
        """A session number, never the one before (SE-4)."""
        fresh = self._sessions.randrange(1, SESSIONS)
        return fresh if fresh < session else fresh + 1
