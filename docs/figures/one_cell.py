"""Figure 1: one cell, its two relays, shunt, sense taps and the bus of the source meter."""

from canvas import BLUE, COPPER, GREEN, INK, PAPER, SOFT, VIOLET, Canvas, tint
from symbols import cell, coil, contact_flat, contact_upright, linkage, resistor

from soakbench.config.bench import BenchConfig

PLUS_Y, MINUS_Y = 200, 420
CELL_X, SHORT_X = 470, 310
HI, SENSE_HI, SENSE_LO, LO = 160, 200, 420, 460


def draw(bench: BenchConfig) -> str:
    """The drawing, with the pins of the bench's first cell."""
    c = Canvas(
        1000,
        640,
        "Wiring of one cell",
        "The short relay's closed contact puts the shunt across the cell; the measure relay "
        "connects the cell to the four wires of the source meter.",
    )
    name, first = next(iter(bench.cells.items()))
    if first.short_relay is None or first.measure_relay is None:
        raise ValueError(f"figure 1 shows a cell with both relays; {name} has not")
    c.text(30, 40, "One cell: short relay, measure relay, shunt", size=20, bold=True)
    c.text(30, 62, "drawn without power: the cell is at SC", size=14, colour=SOFT)
    _sense(c)
    _short_branch(c, first.short_relay.pin)
    _meter(c, first.measure_relay.pin)
    _cell(c, name, first.area_cm2)
    _states(c)
    return c.svg()


def _cell(c: Canvas, name: str, area_cm2: float) -> None:
    for y in (PLUS_Y, MINUS_Y):
        c.box(CELL_X - 40, y - 4, 80, 8, colour=COPPER, fill=COPPER, stroke=0)
    c.line([(CELL_X, PLUS_Y + 4), (CELL_X, 278)])
    c.line([(CELL_X, 342), (CELL_X, MINUS_Y - 4)])
    cell(c, CELL_X, 310)
    c.text(CELL_X + 44, 300, f"cell {name}", size=15, bold=True)
    c.text(CELL_X + 44, 320, f"{area_cm2:g} cm², 1.65 mA", size=13, colour=SOFT)
    c.text(CELL_X, PLUS_Y + 22, "+", size=18, at="end", bold=True)
    c.text(CELL_X - 2, MINUS_Y - 12, "−", size=18, at="end", bold=True)
    c.text(CELL_X + 12, MINUS_Y - 14, "cell's contact pads", size=12, colour=COPPER)


def _short_branch(c: Canvas, pin: int) -> None:
    c.line([(CELL_X - 40, PLUS_Y), (SHORT_X, PLUS_Y), (SHORT_X, 216)])
    c.line([(SHORT_X - 17, 229), (SHORT_X - 17, 216), (SHORT_X + 17, 216), (SHORT_X + 17, 229)])
    c.line([(SHORT_X - 17, 265), (SHORT_X - 17, 278), (SHORT_X + 17, 278), (SHORT_X + 17, 265)])
    for x in (SHORT_X - 17, SHORT_X + 17):
        contact_upright(c, x, 230, 264, closed=True)
    c.dot(SHORT_X, 216)
    c.dot(SHORT_X, 278)
    c.line([(SHORT_X, 278), (SHORT_X, 318)])
    resistor(c, SHORT_X, 343)
    c.line([(SHORT_X, 368), (SHORT_X, MINUS_Y), (CELL_X - 40, MINUS_Y)])
    c.text(SHORT_X + 18, 338, "shunt", size=14)
    c.text(SHORT_X + 18, 356, "4.7 Ω 0.1 %", size=13, colour=SOFT)
    coil(c, 222, 247, "K1")
    linkage(c, [(248, 247), (SHORT_X + 18, 247)])
    c.text(222, 224, f"GP{pin}", size=13, at="middle", colour=BLUE)
    c.text(188, 214, "short relay", size=14, at="end", colour=BLUE, bold=True)
    c.text(188, 231, "both poles,", size=12, at="end", colour=SOFT)
    c.text(188, 246, "break contacts", size=12, at="end", colour=SOFT)


def _sense(c: Canvas) -> None:
    """The taps of the planned converter."""
    dash = "6 5"
    c.box(36, 262, 118, 122, colour=VIOLET, fill=tint(VIOLET, 0.06), radius=6, dash=dash)
    c.text(95, 286, "ADS1115", size=14, at="middle", colour=VIOLET, bold=True)
    c.text(95, 304, "planned,", size=12, at="middle", colour=VIOLET)
    c.text(95, 320, "not supported yet", size=12, at="middle", colour=VIOLET)
    c.line([(CELL_X - 26, PLUS_Y - 4), (CELL_X - 26, 116), (95, 116), (95, 262)], VIOLET, 1.6, dash)
    c.text(105, 108, "voltage at OC, ±2.048 V", size=13, colour=VIOLET)
    c.dot(SHORT_X, 296)
    c.line([(SHORT_X, 296), (154, 296)], VIOLET, 1.6, dash)
    c.text(160, 313, "current at SC,", size=13, colour=VIOLET)
    c.text(160, 329, "±0.256 V", size=13, colour=VIOLET)
    c.line(
        [(CELL_X - 26, MINUS_Y + 4), (CELL_X - 26, 470), (95, 470), (95, 384)], VIOLET, 1.6, dash
    )
    c.text(105, 490, "minus, the one tie to the board's ground", size=13, colour=VIOLET)


def _meter(c: Canvas, pin: int) -> None:
    c.line([(CELL_X + 26, PLUS_Y - 4), (CELL_X + 26, HI), (636, HI)], GREEN)
    c.line([(CELL_X + 40, SENSE_HI), (636, SENSE_HI)], GREEN)
    for y in (HI, SENSE_HI):
        contact_flat(c, 640, 690, y)
        c.line([(694, y), (830, y)], GREEN)
    coil(c, 665, 256, "K2")
    linkage(c, [(665, 241), (665, HI - 9)])
    c.text(700, 252, "measure relay", size=14, colour=BLUE, bold=True)
    c.text(700, 269, "make contacts", size=12, colour=SOFT)
    c.text(665, 290, f"GP{pin}", size=13, at="middle", colour=BLUE)
    c.line([(CELL_X + 40, SENSE_LO), (830, SENSE_LO)], GREEN)
    c.line([(CELL_X + 26, MINUS_Y + 4), (CELL_X + 26, LO), (830, LO)], GREEN)
    for x, y, end in ((745, HI, 116), (775, SENSE_HI, 116)):
        c.dot(x, y, GREEN)
        c.arrow([(x, y), (x, end)], GREEN)
    c.text(760, 106, "to K2 of the other cells", size=13, at="middle", colour=GREEN)
    c.text(590, 445, "common minus, not switched", size=13, colour=GREEN)
    for x, y in ((745, LO), (775, SENSE_LO)):
        c.dot(x, y, GREEN)
        c.arrow([(x, y), (x, 494)], GREEN)
    c.text(760, 511, "to the other substrates", size=13, at="middle", colour=GREEN)
    c.box(830, 130, 140, 360, colour=GREEN, fill=tint(GREEN, 0.06), radius=6)
    labels = {HI: "Force HI", SENSE_HI: "Sense HI", SENSE_LO: "Sense LO", LO: "Force LO"}
    for y, label in labels.items():
        c.circle(830, y, 4, GREEN, PAPER)
        c.text(842, y + 5, label, size=13)
    c.text(900, 285, "Source meter", size=15, at="middle", colour=GREEN, bold=True)
    c.text(900, 305, "output off =", size=13, at="middle", colour=SOFT)
    c.text(900, 322, "high impedance", size=13, at="middle", colour=SOFT)


def _states(c: Canvas) -> None:
    tiles = (
        ("SC", "K1 off, K2 off", "also without power, in a reset"),
        ("OC", "K1 on, K2 off", "also on every change, for settle_ms"),
        ("MEASURE", "K1 on, K2 on", "one cell at a time"),
    )
    for i, (load, coils, when) in enumerate(tiles):
        x = 30 + 320 * i
        c.box(x, 540, 300, 76, colour=INK, fill=tint(BLUE, 0.05), stroke=1.4, radius=6)
        c.text(x + 14, 566, load, size=16, bold=True)
        c.text(x + 286, 566, coils, size=14, at="end", colour=BLUE)
        c.text(x + 14, 595, when, size=13, colour=SOFT)
