"""Reading a configuration, and refusing one that this board cannot carry out.

Some kilobytes, and idle for weeks: it is loaded when one is uploaded, and not kept
(see LOADED).
"""

from soakfw.stations import THERMISTORS
from soakwire.bench_blob import parse_config
from soakwire.blobs import CONVERTER_INPUTS, FIRST_INPUT
from soakwire.layout import LayoutError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from soakfw.board import Board
    from soakwire.bench_blob import Config

LOADED = ("soakfw.checks", "soakwire.bench_blob")  # what to forget afterwards

_OUTPUTS = ("light_pin", "heater_pin", "contactor_pin", "short_pin", "measure_pin", "reset_pin")
_SENSES = ("voltage_input", "current_input")
_INPUTS = THERMISTORS + _SENSES + ("light_adc",)


def read_config(blob: memoryview, board: "Board") -> "Config":
    """The configuration in `blob`. LayoutError if it is not one that this board can have."""
    config = parse_config(blob)
    _check_config(config, board)
    return config


def _check_config(config: "Config", board: "Board") -> None:
    """LayoutError if a pin is missing on this board or used twice, or a heater has no sensor."""
    end = FIRST_INPUT + CONVERTER_INPUTS * len(config.converters)
    used: list[int] = []
    for entry in config.stations + config.cells:
        used.extend(_take(entry, _OUTPUTS, board.has_pin))
        used.extend(_take(entry, _INPUTS, board.has_adc, end))
    for station in config.stations:
        _check_station(station, config.head)
    if config.head["i2c_id"] is not None:
        used.extend(_i2c_pins(config.head))
    if config.converters:
        _check_converters(config)
    if len(used) != len(set(used)):
        raise LayoutError("a pin is used twice")


def _take(entry: dict, names: tuple, exists: "Callable[[int], bool]", end: int = 0) -> list[int]:
    pins = []
    for name in names:
        pin = entry.get(name)
        if pin is None:
            continue
        if name in _SENSES:
            pin += FIRST_INPUT
        if not exists(pin) and not FIRST_INPUT <= pin < end:
            raise LayoutError(f"GPIO {pin} cannot do this")
        pins.append(pin)
    return pins


def _check_station(values: dict, head: dict) -> None:
    if values["heater_pin"] is not None and (values["plate_adc"] is None or not values["ceiling"]):
        raise LayoutError("a heater without a plate sensor or a ceiling")
    if values["table"] is None and any(values[name] is not None for name in THERMISTORS):
        raise LayoutError("a thermistor without a table")
    if head["i2c_id"] is None and (values["lux_address"] or values["humidity_address"]):
        raise LayoutError("a device without a bus")


def _i2c_pins(head: dict) -> list[int]:
    """On the RP2040 each bus comes out at every fourth pair of pins."""
    bus, sda, scl = head["i2c_id"], head["i2c_sda"], head["i2c_scl"]
    if sda is None or scl is None or sda & 3 != 2 * bus or scl & 3 != 2 * bus + 1:
        raise LayoutError("the I2C pins do not belong to the bus")
    return [sda, scl]


def _check_converters(config: "Config") -> None:
    """LayoutError if a converter has no bus or no address of its own, a current sense no shunt."""
    if config.head["i2c_id"] is None:
        raise LayoutError("a converter without a bus")
    used = {values["address"] for values in config.converters}
    if len(used) != len(config.converters):
        raise LayoutError("two converters have one address")
    for cell in config.cells:
        if cell["current_input"] is not None and not cell["shunt"]:
            raise LayoutError("a current sense without a shunt")
