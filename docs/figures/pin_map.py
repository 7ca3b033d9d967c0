"""Figure 4 and the pin table of docs/hardware.md, both from a bench file."""

from typing import NamedTuple

from canvas import AMBER, BLUE, GREEN, INK, PALE, PAPER, RED, SOFT, VIOLET, Canvas, tint

from soakbench.config.bench import BenchConfig, Cell, Station

# The edge of a Pico from pin 1 to pin 40; numbers are GPIOs.
EDGE: tuple[int | str, ...] = (
    *(0, 1, "GND", 2, 3, 4, 5, "GND", 6, 7, 8, 9, "GND", 10, 11, 12, 13, "GND", 14, 15),
    *(16, 17, "GND", 18, 19, 20, 21, "GND", 22, "RUN", 26, 27, "AGND", 28),
    *("ADC_VREF", "3V3(OUT)", "3V3_EN", "GND", "VSYS", "VBUS"),
)
SIDE = 20

SHORT, MEASURE, LIGHT, HEAT, BUS, ANALOGUE = (
    "short relay",
    "measure relay",
    "light",
    "heat",
    "I²C",
    "analogue input",
)
COLOURS = {
    SHORT: BLUE,
    MEASURE: GREEN,
    LIGHT: AMBER,
    HEAT: RED,
    BUS: "#0b6e75",
    ANALOGUE: VIOLET,
}
POWER_USE = {
    "ADC_VREF": "both thermistor dividers",
    "AGND": "ground of the analogue inputs",
    "3V3(OUT)": "photodiode, lux sensor",
    "VBUS": "5 V from USB",
}


class Use(NamedTuple):
    """What a pin does: its kind, the key in the bench file, the part, and the level that acts."""

    kind: str
    key: str
    part: str
    level: str


def uses(bench: BenchConfig) -> dict[int, Use]:
    """GPIO → its use, in the order of the GPIO numbers."""
    found: dict[int, Use] = {}
    for name, cell in bench.cells.items():
        found |= _cell_uses(name, cell)
    for name, station in bench.stations.items():
        found |= _station_uses(name, station)
    if bench.i2c is not None:
        parts = [name for name, station in bench.stations.items() if station.lux_sensor]
        for key, pin in (("sda", bench.i2c.sda), ("scl", bench.i2c.scl)):
            part = f"{key.upper()} of the lux sensor, {', '.join(parts)}"
            found[pin] = Use(BUS, f"i2c.{key}", part, "bus")
    return dict(sorted(found.items()))


def _cell_uses(name: str, cell: Cell) -> dict[int, Use]:
    found: dict[int, Use] = {}
    if relay := cell.short_relay:
        part = f"short relay of {name}, {relay.rest} with the coil off"
        found[relay.pin] = Use(SHORT, f"cells.{name}.short_relay", part, relay.active)
    if meter := cell.measure_relay:
        part = f"measure relay of {name}"
        found[meter.pin] = Use(MEASURE, f"cells.{name}.measure_relay", part, meter.active)
    return found


def _station_uses(name: str, station: Station) -> dict[int, Use]:
    found: dict[int, Use] = {}
    here = f"stations.{name}"
    light, heater = station.light, station.heater
    if light and light.pin is not None:
        part = {"shutter": "shutter", "lamp_relay": "lamp relay"}[light.actuator]
        found[light.pin] = Use(LIGHT, f"{here}.light", f"{part} of {name}", light.active)
    if heater:
        found[heater.pin] = Use(HEAT, f"{here}.heater", f"SSR of {name}", heater.active)
        if heater.contactor_pin is not None:
            found[heater.contactor_pin] = Use(
                HEAT,
                f"{here}.heater.contactor_pin",
                f"contactor of {name}",
                heater.contactor_active,
            )
    for key, sensor in station.temperature_sensors().items():
        part = f"{key.removesuffix('_sensor')} thermistor of {name}"
        found[sensor.adc] = Use(ANALOGUE, f"{here}.{key}", part, "analogue")
    if station.light_sensor:
        part = f"photodiode of {name}"
        found[station.light_sensor.adc] = Use(ANALOGUE, f"{here}.light_sensor", part, "analogue")
    return found


def table(bench: BenchConfig) -> str:
    """The pin table in Markdown, one row for every GPIO that is led out."""
    known = uses(bench)
    rows = ["| GPIO | pin | key in the bench file | part | acts when |", "|---|---|---|---|---|"]
    for gpio in sorted(what for what in EDGE if isinstance(what, int)):
        pin = EDGE.index(gpio) + 1
        if use := known.get(gpio):
            rows.append(f"| GP{gpio} | {pin} | `{use.key}` | {use.part} | {use.level} |")
        else:
            rows.append(f"| GP{gpio} | {pin} | | free | |")
    return "\n".join(rows)


TOP, PITCH = 120, 32
LEFT, RIGHT = 400, 600


def draw(bench: BenchConfig) -> str:
    """The Pico seen from above, USB up, with what each pin does."""
    name = bench.bench.name
    c = Canvas(
        1000, 840, f"Pin map of {name}", "The Pico's 40 pins with what each of them is wired to."
    )
    c.text(30, 40, f"Pin map of benches/{name}.toml", size=20, bold=True)
    c.text(30, 62, "seen from above, USB socket at the top", size=14, colour=SOFT)
    _board(c)
    known = uses(bench)
    for number, what in enumerate(EDGE, start=1):
        _pin(c, number, what, known)
    _legend(c)
    return c.svg()


def _board(c: Canvas) -> None:
    bottom = TOP + SIDE * PITCH
    c.box(LEFT, TOP - 24, RIGHT - LEFT, bottom - TOP + 40, fill="#e9f3ec", stroke=1.6, radius=12)
    c.box(470, TOP - 36, 60, 40, fill="#dfe3e8", stroke=1.6, radius=3)
    c.text(500, TOP - 11, "USB", size=13, at="middle", colour=SOFT)
    c.box(466, 380, 68, 68, fill="#2a2f38", stroke=0, radius=4)
    c.text(500, 419, "RP2040", size=13, at="middle", colour=PAPER)
    c.text(500, 520, "Raspberry Pi", size=15, at="middle", bold=True)
    c.text(500, 540, "Pico", size=15, at="middle", bold=True)


def _pin(c: Canvas, number: int, what: int | str, known: dict[int, Use]) -> None:
    on_left = number <= SIDE
    row = number - 1 if on_left else 2 * SIDE - number
    y = TOP + row * PITCH + 12
    edge, out = (LEFT, -1) if on_left else (RIGHT, 1)
    at, inner_at = ("end", "start") if on_left else ("start", "end")
    c.circle(edge, y, 7, AMBER, "#f7dfa0", 1.5)
    c.text(edge - 14 * out, y + 5, str(number), size=12, at=inner_at, colour=SOFT)
    label, part, colour = _label(what, known)
    c.line([(edge + 8 * out, y), (edge + 24 * out, y)], colour, 1.8)
    x = edge + 24 * out if not on_left else edge - 24 - 82
    is_used = isinstance(what, int) and what in known
    fill = tint(colour, 0.14) if is_used else PAPER
    c.box(x, y - 12, 82, 24, colour=colour, fill=fill, stroke=1.5, radius=12)
    c.text(x + 41, y + 5, label, size=13, at="middle", colour=INK if is_used else SOFT)
    c.text(edge + 116 * out, y + 5, part, size=13.5, at=at, colour=INK if is_used else SOFT)


def _label(what: int | str, known: dict[int, Use]) -> tuple[str, str, str]:
    """(name of the pin, what it is wired to, colour)."""
    if isinstance(what, str):
        return what, POWER_USE.get(what, ""), SOFT
    use = known.get(what)
    if use is None:
        return f"GP{what}", "free", PALE
    return f"GP{what}", use.part.split(", ")[0], COLOURS[use.kind]


def _legend(c: Canvas) -> None:
    x = 60
    for kind, colour in COLOURS.items():
        c.box(x, 802, 18, 14, colour=colour, fill=tint(colour, 0.14), stroke=1.5, radius=7)
        c.text(x + 26, 814, kind, size=13)
        x += 46 + 8.2 * len(kind) + 20
