"""Figure 3: the thermistor divider, the photodiode, and the heater chain."""

from canvas import BLUE, INK, RED, SOFT, VIOLET, Canvas, tint
from symbols import (
    block,
    capacitor,
    contact_flat,
    earth,
    ground,
    linkage,
    photodiode,
    resistor,
    thermistor,
)

from soakbench.config.bench import BenchConfig

HEATER_STATION = "hotplate_box"
LIGHT_STATION = "simulator"


def draw(bench: BenchConfig) -> str:
    """The drawing, with the pins and parts of the bench."""
    c = Canvas(
        1000,
        800,
        "Thermistor divider, photodiode and heater chain",
        "Three circuits: an NTC below a resistor from ADC_VREF, a reverse-biased photodiode over "
        "its burden resistor, and the mains chain of the hotplate.",
    )
    _thermistor(c, bench)
    _photodiode(c, bench)
    _heater(c, bench)
    return c.svg()


def _rail(c: Canvas, x: float, y: float, name: str) -> None:
    c.line([(x - 30, y), (x + 30, y)], width=2.6)
    c.text(x, y - 9, name, size=14, at="middle", bold=True)


def _input(c: Canvas, x: float, y: float, name: str) -> None:
    c.line([(x, y), (x + 250, y)], VIOLET)
    c.line([(x + 110, y), (x + 110, y + 44)])
    c.dot(x + 110, y)
    capacitor(c, x + 110, y + 49)
    c.line([(x + 110, y + 54), (x + 110, y + 76)])
    ground(c, x + 110, y + 76)
    c.text(x + 132, y + 54, "100 nF", size=13, colour=SOFT)
    c.box(x + 250, y - 15, 66, 30, colour=VIOLET, fill=tint(VIOLET, 0.1), radius=15)
    c.text(x + 283, y + 5, name, size=14, at="middle", bold=True)


def _thermistor(c: Canvas, bench: BenchConfig) -> None:
    sensor = bench.stations[HEATER_STATION].plate_sensor
    if sensor is None:
        raise ValueError(f"figure 3 shows the plate sensor of {HEATER_STATION}; it has none")
    part = bench.thermistors[sensor.thermistor]
    c.text(30, 40, "a  Thermistor divider", size=18, bold=True)
    x = 110
    _rail(c, x, 96, "ADC_VREF (pin 35)")
    c.line([(x, 96), (x, 130)])
    resistor(c, x, 155)
    c.text(x + 20, 152, f"{part.divider_ohm / 1000:g} kΩ", size=14)
    c.text(x + 20, 169, "0.1 %, 25 ppm/K", size=13, colour=SOFT)
    c.line([(x, 180), (x, 250)])
    c.dot(x, 215)
    _input(c, x, 215, f"GP{sensor.adc}")
    thermistor(c, x, 275)
    c.text(x + 30, 330, f"NTC {part.r25_ohm / 1000:g} kΩ, β {part.beta_k:g} K", size=14)
    c.line([(x, 300), (x, 340)])
    ground(c, x, 340)
    c.text(x + 24, 364, "AGND (pin 33), not a power ground", size=13, colour=SOFT)


def _photodiode(c: Canvas, bench: BenchConfig) -> None:
    sensor = bench.stations[LIGHT_STATION].light_sensor
    if sensor is None:
        raise ValueError(f"figure 3 shows the photodiode of {LIGHT_STATION}; it has none")
    c.text(530, 40, "b  Photodiode in suns", size=18, bold=True)
    x = 620
    _rail(c, x, 96, "3V3(OUT) (pin 36)")
    c.line([(x, 96), (x, 137)])
    photodiode(c, x, 151)
    c.text(x + 24, 146, "Si, e.g. BPW34", size=14)
    c.text(x + 24, 163, "about 2.3 mA at 1 sun", size=13, colour=SOFT)
    c.line([(x, 165), (x, 250)])
    c.dot(x, 215)
    _input(c, x, 215, f"GP{sensor.adc}")
    resistor(c, x, 275)
    c.text(x - 20, 272, "burden 1 kΩ, 0.1 %", size=14, at="end")
    c.text(x - 20, 290, "2.3 V at 1 sun", size=13, at="end", colour=SOFT)
    c.text(x - 20, 307, "2.7 V at 1.2 suns", size=13, at="end", colour=SOFT)
    c.line([(x, 300), (x, 340)])
    ground(c, x, 340)
    c.text(x + 24, 364, "AGND (pin 33)", size=13, colour=SOFT)


def _heater(c: Canvas, bench: BenchConfig) -> None:
    heater = bench.stations[HEATER_STATION].heater
    if heater is None or heater.contactor_pin is None:
        raise ValueError(f"figure 3 shows heater and contactor of {HEATER_STATION}")
    c.text(30, 430, "c  Heater chain", size=18, bold=True)
    c.text(190, 430, "mains: built and tested by a qualified person", size=14, colour=RED)
    c.box(20, 448, 960, 216, colour=RED, fill=tint(RED, 0.03), stroke=1.4, radius=8, dash="8 6")
    line, neutral = 510, 610
    for y, name in ((line, "L"), (neutral, "N")):
        c.circle(50, y, 5, RED)
        c.text(50, y - 12, name, size=15, at="middle", colour=RED, bold=True)
    c.line([(55, line), (100, line)], RED)
    c.box(100, line - 9, 50, 18, colour=RED)
    c.line([(100, line), (150, line)], RED, 1.4)
    c.text(125, line - 18, "fuse", size=13, at="middle")
    c.line([(150, line), (206, line)], RED)
    c.line([(55, neutral), (206, neutral)], RED)
    for y in (line, neutral):
        contact_flat(c, 210, 262, y)
    c.text(236, line - 32, "contactor", size=13, at="middle")
    linkage(c, [(236, line - 9), (236, 690)])
    c.line([(266, line), (360, line)], RED)
    _ssr(c, 360, line)
    c.line([(500, line), (576, line)], RED)
    c.circle(580, line, 3.5, RED)
    c.circle(632, line, 3.5, RED)
    c.line([(583, line), (629, line)], RED, 2.6)
    c.line([(594, line), (594, line - 12), (618, line - 12), (618, line)], RED, 1.6)
    c.text(606, line - 32, "thermal cut-out", size=13, at="middle")
    c.text(606, line + 24, "75 °C, manual reset", size=13, at="middle", colour=SOFT)
    c.text(606, line + 41, "touches the plate", size=13, at="middle", colour=SOFT)
    c.line([(636, line), (790, line), (790, 530)], RED)
    resistor(c, 790, 555, colour=RED)
    c.text(812, 551, "hotplate", size=14)
    c.text(812, 568, "resistive, ≤ 200 W", size=13, colour=SOFT)
    c.line([(790, 580), (790, neutral), (266, neutral)], RED)
    c.line([(730, 636), (700, 636)], "#23733b")
    c.line([(730, 636), (745, 636), (745, 555), (781, 555)], "#23733b", 2, "8 4")
    earth(c, 700, 630)
    c.text(680, 648, "PE: plate and case", size=13, at="end", colour="#23733b")
    _low_voltage(c, heater.pin, heater.contactor_pin)


def _ssr(c: Canvas, x: float, y: float) -> None:
    c.box(x, y - 26, 140, 52, colour=INK, fill="#ffffff", radius=4)
    c.text(x + 70, y - 4, "SSR, AC output", size=14, at="middle", bold=True)
    c.text(x + 70, y + 14, "zero-crossing", size=13, at="middle", colour=SOFT)
    linkage(c, [(x + 70, y + 26), (x + 70, 690)])


def _low_voltage(c: Canvas, ssr_pin: int, contactor_pin: int) -> None:
    block(
        c,
        130,
        690,
        212,
        76,
        "contactor coil",
        "own supply, suppressed;\nvia a driver and a small relay",
        colour=BLUE,
        fill=tint(BLUE, 0.05),
    )
    block(
        c,
        380,
        690,
        212,
        76,
        "SSR input",
        "5 V, 10-15 mA, through a driver;\n4.7 kΩ from its input to ground",
        colour=BLUE,
        fill=tint(BLUE, 0.05),
    )
    c.text(142, 786, f"GP{contactor_pin} high = closed", size=13, colour=BLUE)
    c.text(392, 786, f"GP{ssr_pin} high = heat", size=13, colour=BLUE)
    c.text(620, 716, "below this line: extra-low voltage (5 V, 24 V)", size=13, colour=SOFT)
    c.text(620, 736, "above it: mains, 8 mm from everything else", size=13, colour=SOFT)
    c.line([(20, 678), (980, 678)], SOFT, 1.2, "3 5")
