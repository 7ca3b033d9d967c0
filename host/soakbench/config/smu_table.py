"""`[smu]` of a bench file: the source meter that takes J-V curves."""

from typing import Literal, Self

from pydantic import Field, model_validator

from soakbench.config.base import Table

Baud = Literal[300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600]
SERIAL = "ASRL"  # how VISA's names of serial ports begin


class SmuTable(Table):
    """`[smu]`: without this table J-V curves are taken elsewhere."""

    driver: Literal["keithley2400", "simulated"]
    resource: str | None = Field(default=None, min_length=1)
    """VISA's name of it: "GPIB0::24::INSTR", or "ASRL/dev/ttyUSB0::INSTR" for a serial port."""
    baud: Baud = 9600
    """Of a serial port only."""
    terminals: Literal["front", "rear"] = "front"
    """Which of its sockets the cells are wired to."""
    wires: Literal[2, 4] = 4
    compliance_ma: float = Field(gt=0, le=1000, examples=[20])
    """No more current than this flows, either way. It also chooses the range that is measured
    in: not much more than the cells give."""
    nplc: float = Field(default=1, ge=0.01, le=10)
    """How long a reading integrates, in periods of the mains."""

    @model_validator(mode="after")
    def _resource_fits_driver(self) -> Self:
        if self.driver == "simulated" and self.resource is not None:
            raise ValueError("a simulated source meter has no address; leave `resource` out")
        if self.driver != "simulated" and "::" not in (self.resource or ""):
            raise ValueError(
                f"a {self.driver} needs `resource`, its address as VISA writes it:"
                ' "GPIB0::24::INSTR", "ASRL/dev/ttyUSB0::INSTR", or "ASRL3::INSTR" for COM3'
            )
        return self
