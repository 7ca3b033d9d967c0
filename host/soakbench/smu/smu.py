"""What the host needs of a source meter, whatever make it is.

Sign of currents, here and everywhere above: what the cell delivers. Positive at short circuit under
light, negative beyond Voc. Instruments count the other way round; their drivers turn the sign.
"""

from dataclasses import dataclass
from typing import Literal, Protocol, Self

from soakbench.config.smu_table import SmuTable


@dataclass(frozen=True)
class Identity:
    """What an instrument says it is."""

    maker: str
    model: str
    serial: str
    firmware: str

    def __str__(self) -> str:
        return f"{self.maker} {self.model}, serial {self.serial}, firmware {self.firmware}"


@dataclass(frozen=True)
class Settings:
    """How currents are measured."""

    compliance_ma: float
    wires: Literal[2, 4] = 4
    nplc: float = 1.0
    """Periods of the mains that a reading integrates over."""

    @classmethod
    def of(cls, table: SmuTable) -> Self:
        """Those of a bench file."""
        return cls(table.compliance_ma, table.wires, table.nplc)


@dataclass(frozen=True)
class Reading:
    """One measurement. None where there is no number: overflow, or not measured."""

    voltage_v: float | None
    current_ma: float | None
    in_compliance: bool = False
    """The current was at its limit, so the voltage was not the one asked for."""
    overflow: bool = False
    """More than the range holds."""


class Driver(Protocol):
    """A source meter that is connected. Every call waits for the instrument, up to seconds.

    All raise SmuError. After one, only `output_off` and `close` make sense.
    """

    @property
    def identity(self) -> Identity:
        """Which one it is."""

    @property
    def found_on(self) -> bool:
        """Whether its output was on when it was connected. It is off since."""

    def reading_ms(self, settings: Settings, zeroed: bool) -> int:
        """About how long `read` takes, from what the data sheet says; asks nobody."""

    def prepare(self, settings: Settings, most_v: float, zeroed: bool) -> None:
        """Output off, at 0 V, ready to source up to ±`most_v`.

        `zeroed`: each reading is corrected by a zero of its own, which takes three times as long;
        else one zero is taken now.
        """

    def source_v(self, voltage_v: float) -> None:
        """Set the voltage. It is at the cell if the output is on."""

    def output_on(self) -> None:
        """Connect the source to the cell."""

    def read(self) -> Reading:
        """Measure voltage and current."""

    def output_off(self) -> None:
        """High impedance: the cell is as if nothing were connected. Returns if that is confirmed.

        To be called in whatever state the instrument is, above all after an error.
        """

    def close(self) -> None:
        """Let go of it; makes no trouble where it is gone."""


class Smu(Protocol):
    """The same for the event loop, which does not wait while the instrument does."""

    @property
    def identity(self) -> Identity:
        """Which one it is."""

    @property
    def found_on(self) -> bool:
        """Whether its output was on when it was connected."""

    def reading_ms(self, settings: Settings, zeroed: bool) -> int:
        """See Driver."""

    async def prepare(self, settings: Settings, most_v: float, zeroed: bool) -> None:
        """See Driver."""

    async def source_v(self, voltage_v: float) -> None:
        """See Driver."""

    async def output_on(self) -> None:
        """See Driver."""

    async def read(self) -> Reading:
        """See Driver."""

    async def output_off(self) -> None:
        """See Driver."""

    async def close(self) -> None:
        """See Driver."""
