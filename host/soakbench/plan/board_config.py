"""The bench as the board needs it: the binary configuration blob."""

from soakbench.config import BenchConfig
from soakbench.config.base import Level, Load
from soakbench.config.bench import (
    Cell,
    Converter,
    Heater,
    Light,
    LightSensor,
    Station,
    TemperatureSensor,
    Thermistor,
)
from soakbench.plan.thermistor import fault_codes, table_centi_c
from soakwire import bench_blob, blob_making, blobs, records

Entry = dict[str, int | None]

LOAD_CODES: dict[Load, int] = {"OC": records.OC, "SC": records.SC}

# S5: what a thermistor on a bench can read; anything else is a fault.
_PLAUSIBLE_LOW_C = -10
_PLAUSIBLE_HIGH_C = 90

_NO_FAULT_CODES = (0, 65535)

# An ADS1115 as the board uses it for thermistors: 16 bits with sign, +-4.096 V.
_CONVERTER_RANGE_V = 4.096
_CONVERTER_TOP = 1 << 15


def compile_config(bench: BenchConfig) -> bytes:
    """The configuration blob of `bench`, which has passed its own checks."""
    kinds = _thermistor_kinds(bench)
    i2c = bench.i2c
    head: Entry = {
        "magic": bench_blob.CONFIG_MAGIC,
        "version": blobs.BLOB_VERSION,
        "stations": len(bench.stations),
        "cells": len(bench.cells),
        "tables": len(kinds),
        "settle": bench.relays.settle_ms,
        "dwell": bench.relays.dwell_ms,
        "stagger": bench.relays.stagger_ms,
        "i2c_id": i2c.id if i2c else None,
        "i2c_sda": i2c.sda if i2c else None,
        "i2c_scl": i2c.scl if i2c else None,
        "i2c_khz": i2c.khz if i2c else 100,
        "converters": len(bench.converters),
    }
    config = bench_blob.Config(
        head,
        [_station(station, kinds, bench) for station in bench.stations.values()],
        [_cell(cell, bench) for cell in bench.cells.values()],
        [_converter(converter) for converter in bench.converters.values()],
        [table_centi_c(bench.thermistors[kind]) for kind in kinds],
    )
    return blob_making.pack_config(config)


def _thermistor_kinds(bench: BenchConfig) -> list[str]:
    """The thermistors that are in use: at most one kind for each station."""
    used = {
        sensor.thermistor
        for station in bench.stations.values()
        for sensor in station.temperature_sensors().values()
    }
    return sorted(used)


def _station(station: Station, kinds: list[str], bench: BenchConfig) -> Entry:
    sensors = station.temperature_sensors()
    kind = next((sensor.thermistor for sensor in sensors.values()), None)
    adc = {key: _thermistor_input(sensor, bench) for key, sensor in sensors.items()}
    offset = {key: round(sensor.offset_c * 100) for key, sensor in sensors.items()}
    return {
        **_light(station.light),
        **_heater(station.heater),
        "ceiling": round((station.ceiling_c or 0) * 100),
        "plate_adc": adc.get("plate_sensor"),
        "guard_adc": adc.get("guard_sensor"),
        "stage_adc": adc.get("stage_sensor"),
        "table": None if kind is None else kinds.index(kind),
        **_light_sensor(station.light_sensor),
        "lux_address": station.lux_sensor.address if station.lux_sensor else None,
        **_fault_codes(None if kind is None else bench.thermistors[kind]),
        "plausible_low": _PLAUSIBLE_LOW_C * 100,
        "plausible_high": _PLAUSIBLE_HIGH_C * 100,
        "humidity_address": station.humidity_sensor.address if station.humidity_sensor else None,
        "plate_offset": offset.get("plate_sensor", 0),
        "guard_offset": offset.get("guard_sensor", 0),
        "stage_offset": offset.get("stage_sensor", 0),
    }


def _light(light: Light | None) -> Entry:
    pin = light.pin if light else None
    return {"light_pin": pin, "light_active": _level(light.active if light else "high")}


def _heater(heater: Heater | None) -> Entry:
    """Without a heater the gains are 0, so that nothing could drive one."""
    return {
        "heater_pin": heater.pin if heater else None,
        "heater_active": _level(heater.active if heater else "high"),
        "contactor_pin": heater.contactor_pin if heater else None,
        "contactor_active": _level(heater.contactor_active if heater else "high"),
        "kp": heater.kp_permille_per_c if heater else 0,
        "ki": round(heater.ki_permille_per_c_s * 1000) if heater else 0,
        "feed": round(heater.feed_permille_per_c * 1000) if heater else 0,
        "ramp": round((heater.ramp_c_per_min or 0) * 100) if heater else 0,
    }


def _light_sensor(sensor: LightSensor | None) -> Entry:
    return {
        "light_adc": sensor.adc if sensor else None,
        "light_zero": sensor.dark_code if sensor else 0,
        "light_full": round(sensor.full_scale_suns * 1000) if sensor else 0,
    }


def _fault_codes(thermistor: Thermistor | None) -> Entry:
    low, high = fault_codes(thermistor) if thermistor else _NO_FAULT_CODES
    low_is_short = thermistor is None or thermistor.ntc_to == "ground"
    return {"open_low": low, "open_high": high, "low_is_short": int(low_is_short)}


def _cell(cell: Cell, bench: BenchConfig) -> Entry:
    short, measure = cell.short_relay, cell.measure_relay
    voltage, current = cell.voltage_sense, cell.current_sense
    return {
        "short_pin": short.coil_pin if short else None,
        "short_active": _level(short.active if short else "high"),
        "rest": LOAD_CODES[short.rest if short else cell.power_off],
        "measure_pin": measure.pin if measure else None,
        "measure_active": _level(measure.active if measure else "high"),
        "power_off": LOAD_CODES[cell.power_off],
        "reset_pin": short.reset_pin if short else None,
        "pulse": short.pulse if short else 0,
        "voltage_input": _input(bench, voltage.converter, voltage.input) if voltage else None,
        "current_input": _input(bench, current.converter, current.input) if current else None,
        "shunt": round(current.shunt_ohm * 1000) if current else 0,
    }


def _converter(converter: Converter) -> Entry:
    return {"address": converter.address, "full": converter_steps(converter)}


def converter_steps(converter: Converter) -> int:
    """How many steps it has between 0 V and what feeds the dividers on its inputs."""
    return round(converter.divider_v / _CONVERTER_RANGE_V * _CONVERTER_TOP)


def _input(bench: BenchConfig, converter: str, number: int) -> int:
    return blobs.CONVERTER_INPUTS * list(bench.converters).index(converter) + number


def _thermistor_input(sensor: TemperatureSensor, bench: BenchConfig) -> int | None:
    if sensor.converter is None or sensor.input is None:
        return sensor.adc
    return blobs.FIRST_INPUT + _input(bench, sensor.converter, sensor.input)


def _level(active: Level) -> int:
    return int(active == "high")
