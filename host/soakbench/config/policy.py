"""What a plan says to do about trouble: `"hold"`, or `"skip after 2 h"`."""

import re
from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, Field

from soakbench.units import DURATION, format_duration, parse_duration_ms

Do = Literal["hold", "pause", "skip", "stop"]
"""hold: stay as it is, nothing counts until the trouble is over. pause: until somebody resumes.
skip: leave the phase. stop: end the run."""

_AFTER = re.compile(r"(\w+) after (.+)")


class Policy(NamedTuple):
    """What to do, and how long the trouble must have lasted."""

    do: Do = "hold"
    after_ms: int = 0

    def __str__(self) -> str:
        """As in the file."""
        return f"{self.do} after {format_duration(self.after_ms)}" if self.after_ms else self.do


def _parser(*allowed: Do) -> Callable[[object], Policy]:
    """Reads "hold", or one of `allowed` with a time."""
    known = ["hold", *(f"{do} after 30 min" for do in allowed)]
    expected = 'write "' + '", "'.join(known[:-1]) + f'" or "{known[-1]}"'

    def parse(value: object) -> Policy:
        if value == "hold":
            return Policy()
        match = _AFTER.fullmatch(value) if isinstance(value, str) else None
        if match is None or match[1] not in allowed:
            raise ValueError(f'"{value}" is not known here; {expected}')
        do = next(do for do in allowed if do == match[1])
        return Policy(do, parse_duration_ms(match[2]))

    return parse


def _policy(*allowed: Do) -> object:
    duration = DURATION.pattern.removeprefix("^").removesuffix("$")
    pattern = rf"^hold$|^({'|'.join(allowed)}) after {duration}$"
    schema = Annotated[str, Field(pattern=pattern)]
    return BeforeValidator(_parser(*allowed), json_schema_input_type=schema)


LightPolicy = Annotated[
    Policy, _policy("pause", "skip", "stop"), Field(examples=["hold", "pause after 30 min"])
]
AbsencePolicy = Annotated[
    Policy, _policy("skip", "stop"), Field(examples=["hold", "stop after 24 h"])
]
TripPolicy = Literal["hold", "skip", "stop"]
OnTimeout = Literal["pause", "skip", "stop"]
