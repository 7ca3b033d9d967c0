"""`[twin]` of a bench file: the physics of the simulated bench. Real boards ignore it."""

from typing import Annotated, Self

from pydantic import Field, Strict, model_validator

from soakbench.config.base import Name, Table


class PlateTable(Table):
    """`[twin.plate]`: a small lab hotplate, the same for every heated station.

    With the defaults full power lifts it from 25 to 50 °C in 3.1 min and would end at 123 °C;
    27 % of the power holds 50 °C.
    """

    heater_w: float = Field(default=60, gt=0, le=2000)
    heat_capacity_j_per_k: float = Field(default=380, gt=0, le=100_000)
    loss_w_per_k: float = Field(default=0.6, gt=0, le=100)
    open_lid: float = Field(default=2, ge=1, le=20)
    """With the lid open the loss is this many times as large."""
    sensor_lag_s: float = Field(default=4, ge=0.1, le=120)
    """Time constant of a thermistor on the plate."""


class CellTable(Table):
    """`[twin.cells]`: what light and rest do to a cell.

    The loss of Voc is a stand-in fitted to Table S1 of the source study, no claim about the
    material: it grows under light by load and heals with a rate that rises with temperature.
    """

    light_rise_k: float = Field(default=20, ge=0, le=60)
    """Above its surroundings at 1 sun."""
    warm_up_s: float = Field(default=180, ge=1, le=3600)
    fresh_voc_v: float = Field(default=1.05, gt=0, le=3)
    oc_loss_v_per_sun_h: float = Field(default=0.063, ge=0, le=1)
    sc_loss_v_per_sun_h: float = Field(default=0.006, ge=0, le=1)
    heal_25c_per_h: float = Field(default=0.04, gt=0, le=100)
    heal_50c_per_h: float = Field(default=1.5, gt=0, le=100)
    jsc_ma_per_cm2: float = Field(default=23.6, gt=0, le=100)
    """Short-circuit current at 1 sun: 1.65 mA of an aperture of 0.07 cm²."""
    slope_v: float = Field(default=0.049, gt=0, le=0.2)
    """What Voc loses when light falls to 1/e: 0.6 V are left at 10⁻⁴ sun."""
    parallel_ohm: float = Field(default=5e6, ge=1000, le=1e12)
    """Across the cell: the input of an ADS1115 at ±2.048 V takes 0.2 µA of it."""
    contact_ohm: float = Field(default=0.3, ge=0, le=100)
    """Of leads and relay contact, in series with the shunt at short circuit."""
    dark_decay_s: float = Field(default=0.5, ge=0.001, le=600)
    """Time constant of the photovoltage once light has gone."""


class AirTable(Table):
    """`[twin.air]`: what a humidity sensor is in. Its temperature is that of the surroundings."""

    humidity_percent: float = Field(default=1.0, ge=0, le=100)
    """A glovebox is dry."""


class ThermistorTruth(Table):
    """What a thermistor really is, where the bench file is wrong about it."""

    r25_ohm: float | None = Field(default=None, gt=0)
    beta_k: float | None = Field(default=None, ge=1000, le=10000)
    steinhart_hart: Annotated[tuple[float, float, float], Strict(False)] | None = None
    offset_c: float | None = Field(default=None, ge=-20, le=20)
    """What its equation says too little; left out: what the bench file has."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = (self.r25_ohm is None, self.beta_k is None, self.steinhart_hart is not None)
        if given not in ((True, True, False), (False, False, False), (True, True, True)):
            raise ValueError("write `r25_ohm` and `beta_k`, or `steinhart_hart`, or none of them")
        return self


class LightTruth(Table):
    """What a photodiode really is, where the bench file is wrong about it."""

    full_scale_suns: float | None = Field(default=None, gt=0, le=10)
    dark_code: int | None = Field(default=None, ge=0, le=60000)


class SensorTruths(Table):
    """`[twin.sensors.STATION]`: the sensors of a station that are not as the bench file says."""

    plate_sensor: ThermistorTruth = ThermistorTruth()
    guard_sensor: ThermistorTruth = ThermistorTruth()
    stage_sensor: ThermistorTruth = ThermistorTruth()
    light_sensor: LightTruth = LightTruth()


class TwinTable(Table):
    """`[twin]`: everything has a default; an empty or missing table is a working bench."""

    seed: int = Field(default=1, ge=0)
    """Of the sensors' noise."""
    ambient_c: float = Field(default=23, ge=-20, le=50)
    lamp_suns: float = Field(default=1, ge=0, le=10)
    lux_per_sun: float = Field(default=100_000, gt=0, le=200_000)
    leak_lux: float = Field(default=0.02, ge=0, le=1000)
    """What a closed box lets in."""
    adc_noise_lsb: float = Field(default=1, ge=0, le=50)
    """Standard deviation, in steps of the 12-bit converter."""
    converter_noise_lsb: float = Field(default=0.5, ge=0, le=50)
    """The same of an ADS1115, in steps of whatever range it is set to: its data sheet promises
    less than one at 128 conversions a second."""
    usb_gap_s: float = Field(default=0.5, ge=0, le=60)
    """How long the serial port is gone while the board resets; 0: a UART, the port stays."""
    start_ticks_ms: int = Field(default=0, ge=0, lt=2**30)
    """The board's millisecond counter at boot; near 2**30 it wraps early in a run."""
    plate: PlateTable = PlateTable()
    cells: CellTable = CellTable()
    air: AirTable = AirTable()
    sensors: dict[Name, SensorTruths] = Field(default_factory=dict)
    """What is to be found by calibrating; without it every sensor is as the bench file says."""
