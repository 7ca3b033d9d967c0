"""The bench file: what is wired to which pin, and which station each cell is at."""

import math
from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from soakbench.config.base import BenchName, Day, FileTable, Level, Load, Name, Remark, Table
from soakbench.config.smu_table import SmuTable
from soakbench.config.twin_table import TwinTable

ConverterInput = Annotated[int, Field(ge=0, le=3)]
Pin = int  # a GPIO number; soakbench.config.pins checks it against the board's pin map
TWIN_PORT = "twin"
PULSE_MS = 10  # data sheets promise that a latching contact has moved after 3 to 4 ms


class Bench(Table):
    """`[bench]`: its name (used in MQTT topics) and the port the board is at."""

    name: BenchName
    port: str = Field(min_length=1)
    """`twin` for the simulated bench, else a device path or a pyserial URL."""


class Mqtt(Table):
    """`[mqtt]`: the broker. Without this table nothing is published."""

    host: str = Field(min_length=1)
    port: int = Field(default=1883, ge=1, le=65535)
    username: str | None = None
    password: str | None = None


class Relays(Table):
    """`[relays]`: timing of the load relays."""

    settle_ms: int = Field(default=15, ge=10, le=1000)
    """Break before make: wait between opening one contact and closing the next."""
    dwell_ms: int = Field(default=1000, ge=0, le=60000)
    """Least time between two switchings of one cell."""
    stagger_ms: int = Field(default=50, ge=0, le=1000)
    """Between the switchings of two cells, so that the coils do not pull in together."""
    rated_cycles: int = Field(default=100_000, ge=1000, le=1_000_000_000)
    """How often a relay may switch before it is due for replacement. 100 000 is what data sheets of
    signal relays (G6K, TQ2) promise at their rated current; at 2 mA they last longer."""


class I2c(Table):
    """`[i2c]`: the bus of converters, lux and humidity sensors."""

    id: Literal[0, 1] = 0
    sda: Pin
    scl: Pin
    khz: int = Field(default=100, ge=10, le=1000)


class Thermistor(Table):
    """`[thermistors.NAME]`: an NTC in a divider between the ADC's reference and ground."""

    r25_ohm: float | None = Field(default=None, gt=0)
    beta_k: float | None = Field(default=None, ge=1000, le=10000)
    steinhart_hart: Annotated[tuple[float, float, float], Strict(False)] | None = None
    """A, B, C of 1/T = A + B ln R + C (ln R)³ with T in K and R in Ω; instead of R25 and β."""
    divider_ohm: float = Field(gt=0)
    ntc_to: Literal["ground", "reference"] = "ground"

    @model_validator(mode="after")
    def _one_equation(self) -> Self:
        beta = (self.r25_ohm, self.beta_k)
        if self.steinhart_hart is None and None in beta:
            raise ValueError("write `r25_ohm` and `beta_k`, or `steinhart_hart = [A, B, C]`")
        if self.steinhart_hart is not None and not _falls(self.steinhart_hart):
            raise ValueError(
                "with these coefficients the resistance of an NTC would not fall as it gets warm;"
                " B must be above 0 and C not below (for instance [1.1e-3, 2.4e-4, 7.5e-8])"
            )
        if self.steinhart_hart is not None and beta != (None, None):
            raise ValueError(
                "`steinhart_hart` takes the place of `r25_ohm` and `beta_k`; leave those out"
            )
        if self.steinhart_hart is not None:
            _refuse_no_ntc(self.steinhart_hart, self.divider_ohm)
        return self


def _refuse_no_ntc(coefficients: tuple[float, float, float], divider_ohm: float) -> None:
    """ValueError where a power of ten is missing. A divider is chosen to be what its NTC has
    somewhere on the bench."""
    a, b, c = coefficients
    log_r = math.log(divider_ohm)
    inverse = a + b * log_r + c * log_r**3
    beta_k = 1 / (b + 3 * c * log_r**2)
    temp_c = 1 / inverse - 273.15 if inverse > 0 else math.inf
    if not (-60 <= temp_c <= 250 and 1000 <= beta_k <= 10_000):
        raise ValueError(
            f"this is no NTC in a divider of {divider_ohm:g} Ω: it would have that resistance at"
            f" {temp_c:.0f} °C, with β = {beta_k:.0f} K there; are all powers of ten right (for"
            " instance [1.1e-3, 2.4e-4, 7.5e-8], with R in Ω)?"
        )


def _falls(coefficients: tuple[float, float, float]) -> bool:
    _, b, c = coefficients
    return b > 0 and c >= 0


class Light(Table):
    """What makes light and dark at a station. `by_hand` has no pin and needs a light sensor."""

    actuator: Literal["shutter", "lamp_relay", "by_hand"]
    pin: Pin | None = None
    active: Level = "high"

    @model_validator(mode="after")
    def _pin_fits_actuator(self) -> Self:
        if self.actuator == "by_hand" and self.pin is not None:
            raise ValueError('a light with actuator = "by_hand" has no pin; leave `pin` out')
        if self.actuator != "by_hand" and self.pin is None:
            raise ValueError(f"a {self.actuator} needs `pin`, the GPIO that drives it")
        return self


class LightSensor(Table):
    """A photodiode on an ADC pin, linear from `dark_code` to the end of the scale."""

    adc: Pin
    full_scale_suns: float = Field(gt=0, le=10)
    dark_code: int = Field(default=0, ge=0, le=60000)
    """The code (16-bit scale) in the dark."""


class Converter(Table):
    """`[converters.NAME]`: an ADS1115 on the I2C bus, four inputs against ground."""

    address: int = Field(default=0x48, ge=0x48, le=0x4B)
    divider_v: float = Field(default=3.3, ge=1, le=4)
    """What feeds the dividers of the thermistors on its inputs."""


class TemperatureSensor(Table):
    """A thermistor, on an ADC pin or on an input of a converter."""

    adc: Pin | None = None
    converter: Name | None = None
    input: ConverterInput | None = None
    thermistor: Name
    offset_c: float = Field(default=0, ge=-5, le=5)
    """Added to what the thermistor's equation says."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        on_converter = (self.converter, self.input)
        if self.adc is None and None in on_converter:
            raise ValueError("write `adc`, a pin, or `converter` and `input`")
        if self.adc is not None and on_converter != (None, None):
            raise ValueError("`adc` and `converter` exclude each other; leave one out")
        return self


class LuxSensor(Table):
    """A VEML7700 on the I2C bus, where the cells are: proves the dark."""

    address: int = Field(default=0x10, ge=0x08, le=0x77)


class HumiditySensor(Table):
    """An SHT4x on the I2C bus."""

    address: int = Field(default=0x44, ge=0x44, le=0x46)


class Heater(Table):
    """A hotplate behind a solid-state relay, and its control law.

    duty = kp·error + ki·∫error dt + feed·(target − 23 °C), in permille.
    """

    pin: Pin
    active: Level = "high"
    contactor_pin: Pin | None = None
    contactor_active: Level = "high"
    ceiling_c: float = Field(default=60, gt=0, le=85)
    ramp_c_per_min: float | None = Field(default=None, gt=0, le=200)
    """How fast the set point may rise; left out: as fast as the heater can."""
    kp_permille_per_c: int = Field(default=60, ge=0, le=10000)
    ki_permille_per_c_s: float = Field(default=0.4, ge=0, le=60)
    feed_permille_per_c: float = Field(default=8, ge=0, le=60)


class WatchedPlate(Table):
    """A hotplate that regulates itself and is only watched: band checks and alarms, no output."""

    ceiling_c: float = Field(default=60, gt=0, le=85)
    """No plan may ask for more, and above it there is an alarm."""


class Station(Table):
    """`[stations.NAME]`: a place with its own light, heat and sensors; any may be absent."""

    light: Light | None = None
    light_sensor: LightSensor | None = None
    heater: Heater | None = None
    watched_plate: WatchedPlate | None = None
    plate_sensor: TemperatureSensor | None = None
    guard_sensor: TemperatureSensor | None = None
    stage_sensor: TemperatureSensor | None = None
    lux_sensor: LuxSensor | None = None
    humidity_sensor: HumiditySensor | None = None

    @property
    def ceiling_c(self) -> float | None:
        """The hottest a plan may ask for; None where nothing gives warmth."""
        plate = self.heater or self.watched_plate
        return None if plate is None else plate.ceiling_c

    def temperature_sensors(self) -> dict[str, TemperatureSensor]:
        """The thermistors that are there, by key."""
        sensors = {
            "plate_sensor": self.plate_sensor,
            "guard_sensor": self.guard_sensor,
            "stage_sensor": self.stage_sensor,
        }
        return {key: sensor for key, sensor in sensors.items() if sensor is not None}


class ShortRelay(Table):
    """The relay that shorts a cell or leaves it open.

    Either `pin`, of a relay that needs current to stay; `rest` is the load with its coil off. Or
    `set_pin` and `reset_pin`, of a latching relay with two coils; `rest` is the load once reset.
    """

    pin: Pin | None = None
    set_pin: Pin | None = None
    reset_pin: Pin | None = None
    pulse_ms: int | None = Field(default=None, ge=10, le=100)
    """How long a coil of a latching relay is energised; left out: 10."""
    active: Level = "high"
    rest: Load

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        latching = (self.set_pin, self.reset_pin)
        if self.pin is not None and latching == (None, None):
            if self.pulse_ms is not None:
                raise ValueError("`pulse_ms` belongs to a latching relay; leave it out")
        elif self.pin is not None or None in latching:
            raise ValueError(
                "write `pin`, or for a latching relay with two coils `set_pin` and `reset_pin`;"
                " one coil that is driven both ways is not supported"
            )
        return self

    @property
    def latching(self) -> bool:
        """Whether it stays where it is without current."""
        return self.reset_pin is not None

    @property
    def coil_pin(self) -> Pin:
        """Of the coil that takes the contact away from `rest`."""
        pin = self.set_pin if self.pin is None else self.pin
        assert pin is not None
        return pin

    @property
    def pulse(self) -> int:
        """Milliseconds; 0 where there are no pulses."""
        return (self.pulse_ms or PULSE_MS) if self.latching else 0


class MeasureRelay(Table):
    """The relay that connects a cell to the source meter."""

    pin: Pin
    active: Level = "high"


class VoltageSense(Table):
    """The converter's input at the cell's plus pad: its voltage while it is at OC."""

    converter: Name
    input: ConverterInput


class CurrentSense(Table):
    """The converter's input at the shunt in the short circuit: the current while at SC."""

    converter: Name
    input: ConverterInput
    shunt_ohm: float = Field(ge=0.01, le=65)


class Cell(Table):
    """`[cells.NAME]`: a cell, its channel, and its load without power."""

    station: Name
    id: Remark = ""
    """What is written on the device that lies there."""
    substrate: Remark = ""
    area_cm2: float = Field(gt=0, le=1000)
    recipe: Remark = ""
    mask: Remark = ""
    made: Day | None = None
    note: Remark = ""
    short_relay: ShortRelay | None = None
    measure_relay: MeasureRelay | None = None
    voltage_sense: VoltageSense | None = None
    current_sense: CurrentSense | None = None
    position: float = Field(default=1, ge=0.5, le=1.5)
    """Irradiance at the cell, relative to that at the station's light sensor."""
    power_off: Load
    """The load in the safe state; a fixed load where there is no short relay."""

    @property
    def rest(self) -> Load:
        """The load with the short relay's coil off, or reset; without one, the load it has."""
        return self.power_off if self.short_relay is None else self.short_relay.rest


class BenchConfig(FileTable):
    """A whole bench file. The order of stations and cells is their number on the board."""

    bench: Bench
    mqtt: Mqtt | None = None
    smu: SmuTable | None = None
    relays: Relays = Relays()
    i2c: I2c | None = None
    converters: Annotated[dict[Name, Converter], Field(max_length=4)] = Field(default_factory=dict)
    thermistors: dict[Name, Thermistor] = Field(default_factory=dict)
    stations: Annotated[dict[Name, Station], Field(min_length=1, max_length=4)]
    cells: Annotated[dict[Name, Cell], Field(min_length=1, max_length=16)]
    twin: TwinTable = TwinTable()

    @property
    def is_twin(self) -> bool:
        """Whether this is the simulated bench."""
        return self.bench.port == TWIN_PORT

    def station_index(self, name: str) -> int:
        """The station's number on the board and in records. ValueError if there is none."""
        return list(self.stations).index(name)

    def cell_index(self, name: str) -> int:
        """The cell's number on the board and in records. ValueError if there is none."""
        return list(self.cells).index(name)
