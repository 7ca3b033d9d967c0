"""What the fault script has done to the bench, and which rules a fault makes unkeepable.

A fault excuses a violation only where it takes the means away from the board: a welded relay
without a contactor behind it, a reset that drops all coils at once. Everything else it must
survive.
"""

from dataclasses import dataclass

RESETS = frozenset({"power_cut", "board_reset", "board_hang"})
WELDED = frozenset({"ssr"})
WRONG_TEMPERATURE = frozenset({"thermistor", "adc_noise"})
WRONG_READINGS = frozenset({"adc_noise"})

HANG = "board_hang"

_AFTERMATH_MS = 10_000  # a watchdog bites later than the hang; a filter remembers


@dataclass(frozen=True)
class Fault:
    """One entry of the script; `until_ms` None: to the end. `station` empty: the whole bench."""

    at_ms: float
    until_ms: float | None
    kind: str
    station: str

    def touches(self, from_ms: float, to_ms: float) -> bool:
        """Whether it is felt at any time between."""
        over = self.until_ms is not None and self.until_ms + _AFTERMATH_MS < from_ms
        return self.at_ms <= to_ms and not over


class Provoked:
    """The faults so far."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """It begins, or is known to begin."""
        self._faults.append(fault)

    def by(self, kinds: frozenset[str], from_ms: float, to_ms: float, station: str = "") -> str:
        """The kind of a fault that was felt then (at `station`, if named); empty: none was."""
        for fault in self._faults:
            here = not station or not fault.station or fault.station == station
            if fault.kind in kinds and here and fault.touches(from_ms, to_ms):
                return fault.kind
        return ""
