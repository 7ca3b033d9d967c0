"""The sensors of the simulated bench: as the bench file says, unless `[twin.sensors]` knows better.

The firmware reads them with the bench file's values, as on a bench that was never calibrated.
"""

from soakbench.config.bench import BenchConfig, LightSensor, Thermistor
from soakbench.config.twin_table import SensorTruths, ThermistorTruth
from soakbench.twin.sensors import PhotodiodeInput, ThermistorInput


def true_thermistor(bench: BenchConfig, station: str, key: str) -> ThermistorInput:
    """The thermistor behind a station's `plate_sensor`, `guard_sensor` or `stage_sensor`."""
    sensor = bench.stations[station].temperature_sensors()[key]
    truth: ThermistorTruth = getattr(_truths(bench, station), key)
    part = _true_part(bench.thermistors[sensor.thermistor], truth)
    return ThermistorInput(part, sensor.offset_c if truth.offset_c is None else truth.offset_c)


def true_photodiode(bench: BenchConfig, station: str) -> PhotodiodeInput | None:
    """The photodiode of a station; None if it has none."""
    sensor = bench.stations[station].light_sensor
    if sensor is None:
        return None
    truth = _truths(bench, station).light_sensor
    given = {key: value for key, value in truth if value is not None}
    true: LightSensor = sensor.model_copy(update=given)
    return PhotodiodeInput(true)


def _truths(bench: BenchConfig, station: str) -> SensorTruths:
    return bench.twin.sensors.get(station, SensorTruths())


def _true_part(part: Thermistor, truth: ThermistorTruth) -> Thermistor:
    if truth.r25_ohm is None and truth.steinhart_hart is None:
        return part
    keys = ("r25_ohm", "beta_k", "steinhart_hart")
    return part.model_copy(update={key: getattr(truth, key) for key in keys})
