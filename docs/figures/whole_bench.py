"""Figure 2: the whole bench as blocks."""

from canvas import AMBER, BLUE, GREEN, INK, PAPER, RED, SOFT, VIOLET, Canvas, tint
from symbols import block

from soakbench.config.bench import BenchConfig


def draw(bench: BenchConfig) -> str:
    """The drawing, with the substrates and cells of the bench."""
    c = Canvas(
        1000,
        760,
        "The whole bench",
        "Eight cells at two places, relays, source meter, board, computer and heater chain.",
    )
    c.text(30, 40, f"The whole bench: {len(bench.cells)} cells, two stations", size=20, bold=True)
    _glovebox(c)
    _simulator(c, bench)
    _dark_box(c)
    _middle(c)
    _right(c)
    _wires(c)
    _legend(c)
    return c.svg()


def _glovebox(c: Canvas) -> None:
    c.box(20, 62, 340, 620, colour=SOFT, fill="#f7f8fa", stroke=1.6, radius=10, dash="8 6")
    c.text(36, 84, "glovebox (or bench top)", size=13, colour=SOFT)


def _simulator(c: Canvas, bench: BenchConfig) -> None:
    block(c, 40, 98, 300, 272, "station simulator", colour=AMBER, fill=tint(AMBER, 0.05))
    c.box(160, 134, 80, 26, colour=AMBER, fill="#fff3cc", radius=4)
    c.text(200, 152, "lamp", size=13, at="middle")
    c.line([(110, 178), (168, 178)], width=5)
    c.line([(232, 178), (290, 178)], width=5)
    c.text(62, 183, "shutter", size=13)
    for x in (180, 200, 220):
        c.arrow([(x, 162), (x, 200)], AMBER)
    by_substrate: dict[str, list[str]] = {}
    for name, cell in bench.cells.items():
        by_substrate.setdefault(cell.substrate, []).append(name)
    for i, (substrate, names) in enumerate(by_substrate.items()):
        x = 64 + 132 * i
        c.box(x, 206, 120, 70, fill="#eaf1f8", stroke=1.6, radius=3)
        c.text(x + 60, 223, f"substrate {substrate}", size=12, at="middle", colour=SOFT)
        for k, name in enumerate(names[:4]):
            c.box(x + 8 + 27 * k, 232, 23, 34, fill="#30384a", stroke=0, radius=2)
            c.text(x + 19.5 + 27 * k, 254, name, size=12, at="middle", colour=PAPER)
    _sensor(c, 64, 292, "photodiode")
    _sensor(c, 196, 292, "stage NTC")
    c.text(200, 357, "both in the plane of the cells", size=12, at="middle", colour=SOFT)


def _dark_box(c: Canvas) -> None:
    block(c, 40, 392, 300, 272, "station hotplate_box", colour=INK, fill="#eef0f3")
    c.text(52, 434, "light-tight box in nitrogen", size=13, colour=SOFT)
    _sensor(c, 64, 456, "lux sensor")
    c.box(64, 548, 252, 30, colour=RED, fill="#f3d9d6", radius=3)
    c.text(76, 568, "hotplate, to protective earth", size=13)
    _sensor(c, 64, 500, "plate NTC")
    c.text(196, 519, "+ guard NTC (option)", size=12, colour=SOFT)
    c.box(210, 594, 106, 44, colour=RED, fill=PAPER, radius=3)
    c.text(263, 612, "thermal cut-out", size=12, at="middle")
    c.text(263, 629, "on the plate", size=12, at="middle", colour=SOFT)


def _sensor(c: Canvas, x: float, y: float, name: str) -> None:
    c.box(x, y, 120, 28, colour=VIOLET, fill=tint(VIOLET, 0.08), stroke=1.6, radius=14)
    c.text(x + 60, y + 19, name, size=13, at="middle")


def _middle(c: Canvas) -> None:
    block(
        c,
        420,
        190,
        220,
        100,
        "Relay board",
        "8 × K1 short, 8 × K2 measure\n8 shunts; at most 1 m from\nthe cells",
        colour=GREEN,
        fill=tint(GREEN, 0.05),
    )
    block(
        c,
        420,
        332,
        220,
        68,
        "Coil drivers",
        "2 × 8, with flyback diodes",
        colour=BLUE,
        fill=tint(BLUE, 0.05),
    )
    block(c, 420, 440, 220, 60, "5 V 2 A supply", "coils, SSR input, shutter driver", colour=BLUE)
    block(
        c,
        420,
        560,
        220,
        104,
        "Mains chain",
        "fuse, contactor, SSR, in an\nenclosure of their own",
        colour=RED,
        fill=tint(RED, 0.05),
    )


def _right(c: Canvas) -> None:
    block(
        c,
        740,
        74,
        230,
        58,
        "Source meter",
        "floating; off = high impedance",
        colour=GREEN,
        fill=tint(GREEN, 0.05),
    )
    block(
        c,
        740,
        324,
        230,
        176,
        "Raspberry Pi Pico",
        "GP0-7   short relays\nGP8-15  measure relays\nGP16    shutter\n"
        "GP17/18 SSR, contactor\nGP20/21 lux sensor (I²C)\nGP26-28 thermistors, light",
        fill="#e9f3ec",
    )
    block(c, 740, 548, 230, 36, "USB isolator")
    block(c, 740, 628, 230, 54, "Computer", "soakbench daemon")


def _wires(c: Canvas) -> None:
    # Cells to relays to source meter.
    c.line([(328, 240), (420, 240)], GREEN, 3)
    c.text(390, 230, "20 wires", size=12, at="middle", colour=GREEN)
    c.line([(530, 190), (530, 104), (740, 104)], GREEN, 3)
    c.text(545, 95, "4-wire bus, one cell at a time", size=12, colour=GREEN)
    # Coils and drivers.
    c.arrow([(530, 332), (530, 292)], BLUE)
    c.text(542, 317, "16 coils", size=12, colour=BLUE)
    c.arrow([(740, 362), (642, 362)], BLUE)
    c.text(690, 354, "GP0-15", size=12, at="middle", colour=BLUE)
    c.arrow([(530, 440), (530, 402)], BLUE)
    # Shutter.
    c.arrow([(855, 324), (855, 160), (380, 160), (380, 178), (294, 178)], AMBER, 1.8)
    c.text(845, 240, "GP16", size=12, at="end", colour=AMBER)
    # Sensors.
    trunk = 530
    c.line([(316, 306), (350, 306), (350, trunk)], VIOLET, 1.8)
    c.line([(124, 320), (124, 334), (350, 334)], VIOLET, 1.8)
    c.line([(184, 470), (350, 470)], VIOLET, 1.8)
    c.line([(184, 514), (190, 514)], VIOLET, 1.8)
    c.line([(190, 514), (190, trunk), (350, trunk)], VIOLET, 1.8)
    c.arrow([(350, trunk), (855, trunk), (855, 502)], VIOLET, 1.8)
    c.text(430, 523, "screened sensor cables", size=12, colour=VIOLET)
    # Heat.
    c.line([(420, 616), (318, 616)], RED, 3)
    c.line([(210, 616), (120, 616), (120, 580)], RED, 3)
    c.arrow([(720, 500), (720, 612), (642, 612)], RED, 1.8)
    c.line([(740, 470), (720, 470), (720, 500)], RED, 1.8)
    c.text(650, 604, "GP17, 18", size=12, colour=RED)
    c.line([(530, 664), (530, 706)], RED, 3)
    c.text(542, 702, "mains, RCD 30 mA", size=12, colour=RED)
    # USB.
    c.line([(900, 500), (900, 548)])
    c.line([(900, 584), (900, 628)])


def _legend(c: Canvas) -> None:
    entries = (
        ("cell and meter", GREEN),
        ("coils", BLUE),
        ("sensors", VIOLET),
        ("light", AMBER),
        ("mains", RED),
    )
    x = 30
    for words, colour in entries:
        c.line([(x, 735), (x + 30, 735)], colour, 3)
        c.text(x + 38, 740, words, size=13)
        x += 74 + 7.5 * len(words)
