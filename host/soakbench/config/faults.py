"""A fault script: what goes wrong on the simulated bench, and when.

    [[faults]]
    fault = "cable_out"
    at = "2 h"
    for = "10 min"

Times count from the start of the rehearsal. Without `for` a fault stays to the end.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from soakbench import units
from soakbench.config.base import DurationMs, FileTable, Name, Table, TemperatureC, text_of


def _moment_ms(value: object) -> int:
    """A time from the start on; "0 s" is one as well."""
    return 0 if value in ("0 s", "0 h", "0 min") else units.parse_duration_ms(value)


def _signed_ms(value: object) -> int:
    if isinstance(value, str) and value.strip().startswith("-"):
        return -units.parse_duration_ms(value.strip().removeprefix("-"))
    return units.parse_duration_ms(value)


MomentMs = Annotated[int, text_of(_moment_ms, units.DURATION), Field(examples=["2 h"])]
SignedMs = Annotated[int, text_of(_signed_ms, units.DURATION), Field(examples=["-5 min"])]


class _Fault(Table):
    at_ms: MomentMs = Field(alias="at")


class _Lasting(_Fault):
    for_ms: DurationMs | None = Field(default=None, alias="for")


class _Away(_Fault):
    """Something is gone for a time; it always comes back, or nothing could go on."""

    for_ms: DurationMs = Field(alias="for")


class CableOut(_Away):
    """The USB cable is pulled."""

    fault: Literal["cable_out"]


class NoisyCable(_Lasting):
    """Bits flip on the serial line, in both directions."""

    fault: Literal["noisy_cable"]
    rate: float = Field(gt=0, le=0.1)
    """Of all bits."""


class BoardReset(_Fault):
    """The reset button is pressed."""

    fault: Literal["board_reset"]


class PowerCut(_Away):
    """The board has no power; what is in its memory is gone."""

    fault: Literal["power_cut"]


class BoardHang(_Fault):
    """The firmware's main loop is stuck until the watchdog bites."""

    fault: Literal["board_hang"]


class DaemonKilled(_Fault):
    """`kill -9` of the daemon, which is started again at once."""

    fault: Literal["daemon_killed"]


class HostAway(_Away):
    """The computer is off; its daemon dies as by `kill -9` and is started when it is back."""

    fault: Literal["host_away"]


class BrokerAway(_Away):
    """The MQTT broker does not answer."""

    fault: Literal["broker_away"]


class OperatorAway(_Away):
    """Nobody does what a plan asks people to do."""

    fault: Literal["operator_away"]


class HostClock(_Fault):
    """The computer's clock is set."""

    fault: Literal["host_clock"]
    by_ms: SignedMs = Field(alias="by")


class Thermistor(_Lasting):
    """A thermistor's wire breaks or is shorted, or it reads what it read, or so many °C more."""

    fault: Literal["thermistor"]
    station: Name
    sensor: Literal["plate", "guard", "stage"]
    how: Literal["open", "short", "stuck", "offset"]
    offset_k: Annotated[TemperatureC, Field(ge=-100, le=100)] | None = Field(
        default=None, alias="offset"
    )

    @model_validator(mode="after")
    def _offset_belongs_to_offset(self) -> "Thermistor":
        if (self.how == "offset") != (self.offset_k is not None):
            raise ValueError('`offset = "4 °C"` belongs to `how = "offset"`, and only there')
        return self


class SolidStateRelay(_Lasting):
    """The heater's relay stays closed (welded) or open (dead), whatever the board does."""

    fault: Literal["ssr"]
    station: Name
    how: Literal["welded", "dead"]


class LidOpen(_Lasting):
    """Somebody opens the lid over a heated plate, and the plate loses more heat."""

    fault: Literal["lid_open"]
    station: Name


class Lamp(_Lasting):
    """Every lamp goes out, loses part of its light, or flickers."""

    fault: Literal["lamp"]
    how: Literal["dead", "drift", "flicker"]
    to: float = Field(default=0.8, ge=0, le=2)
    """drift: what is left of the light; flicker: what is left in every other second."""


class LightLeak(_Lasting):
    """Light falls into a closed box."""

    fault: Literal["light_leak"]
    station: Name
    lux: float = Field(gt=0, le=100_000)


class RelayStuck(_Lasting):
    """A cell's short relay stays where it is."""

    fault: Literal["relay_stuck"]
    cell: Name


class CellContact(_Lasting):
    """A cell sits badly in its holder, as after it was moved; it ends with good contact."""

    fault: Literal["cell_contact"]
    cell: Name
    how: Literal["none", "reversed", "good"]


class DeviceSilent(_Lasting):
    """A chip on the I2C bus does not answer: a converter, or a station's sensor."""

    fault: Literal["device_silent"]
    converter: Name | None = None
    station: Name | None = None
    sensor: Literal["lux", "humidity"] | None = None

    @model_validator(mode="after")
    def _one_device(self) -> "DeviceSilent":
        on_station = (self.station, self.sensor)
        if (self.converter is None and None in on_station) or (
            self.converter is not None and on_station != (None, None)
        ):
            raise ValueError("write `converter`, or `station` and `sensor`")
        return self


class I2cHung(_Fault):
    """A chip that was cut off in the middle of a byte holds SDA low until it has had its clocks."""

    fault: Literal["i2c_hung"]


class I2cShort(_Lasting):
    """SDA touches ground: nobody on the bus can be heard, and no clock helps."""

    fault: Literal["i2c_short"]


class AdcNoise(_Lasting):
    """The converter is noisier than it should be."""

    fault: Literal["adc_noise"]
    lsb: float = Field(gt=0, le=500)
    """Standard deviation, in steps of the 12-bit converter."""


Fault = (
    CableOut
    | NoisyCable
    | BoardReset
    | PowerCut
    | BoardHang
    | DaemonKilled
    | HostAway
    | BrokerAway
    | OperatorAway
    | HostClock
    | Thermistor
    | SolidStateRelay
    | LidOpen
    | Lamp
    | LightLeak
    | RelayStuck
    | CellContact
    | DeviceSilent
    | I2cHung
    | I2cShort
    | AdcNoise
)


class FaultScript(FileTable):
    """A whole fault script."""

    title: str = ""
    faults: list[Annotated[Fault, Field(discriminator="fault")]] = Field(default_factory=list)
