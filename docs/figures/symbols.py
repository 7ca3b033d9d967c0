"""Circuit symbols (IEC 60617 in spirit). Wires end where the functions say."""

from canvas import AMBER, BLUE, INK, PAPER, SOFT, Canvas


def resistor(c: Canvas, x: float, y: float, *, upright: bool = True, colour: str = INK) -> None:
    """A resistor centred on (x, y): 50 long, 18 wide, wires at its ends."""
    width, height = (18, 50) if upright else (50, 18)
    c.box(x - width / 2, y - height / 2, width, height, colour=colour)


def thermistor(c: Canvas, x: float, y: float, colour: str = INK) -> None:
    """An upright NTC centred on (x, y), 50 long."""
    resistor(c, x, y, colour=colour)
    c.line([(x - 22, y + 26), (x - 14, y + 26), (x + 18, y - 22)], colour, 1.6)


def capacitor(c: Canvas, x: float, y: float) -> None:
    """An upright capacitor; wires end at y - 5 and y + 5."""
    c.line([(x - 14, y - 5), (x + 14, y - 5)], width=3)
    c.line([(x - 14, y + 5), (x + 14, y + 5)], width=3)


def ground(c: Canvas, x: float, y: float, colour: str = INK) -> None:
    """Ground below (x, y)."""
    c.line([(x, y), (x, y + 8)], colour)
    for i, half in enumerate((13, 8, 3)):
        c.line([(x - half, y + 8 + 5 * i), (x + half, y + 8 + 5 * i)], colour)


def earth(c: Canvas, x: float, y: float) -> None:
    """Protective earth below (x, y)."""
    c.circle(x, y + 14, 14, INK, PAPER, 1.6)
    c.line([(x, y), (x, y + 10)])
    for i, half in enumerate((8, 5, 2)):
        c.line([(x - half, y + 10 + 4 * i), (x + half, y + 10 + 4 * i)], width=1.8)


def light(c: Canvas, x: float, y: float) -> None:
    """Two short arrows of light that end at and beside (x, y), coming from the upper left."""
    for shift in (0, 14):
        c.arrow([(x - 30 + shift, y - 34), (x + shift, y - 4)], AMBER, 1.8)


def photodiode(c: Canvas, x: float, y: float) -> None:
    """An upright photodiode, cathode up; wires end at y - 14 and y + 14."""
    c.line([(x - 13, y + 12), (x + 13, y + 12), (x, y - 11), (x - 13, y + 12)], fill=PAPER)
    c.line([(x - 13, y - 12), (x + 13, y - 12)], width=3)
    light(c, x - 28, y)


def cell(c: Canvas, x: float, y: float) -> None:
    """A solar cell, plus up, radius 32; wires end on the circle."""
    c.circle(x, y, 32, INK, "#fff8e6")
    c.line([(x, y - 32), (x, y - 7)])
    c.line([(x, y + 7), (x, y + 32)])
    c.line([(x - 17, y - 7), (x + 17, y - 7)], width=2.4)
    c.line([(x - 9, y + 7), (x + 9, y + 7)], width=4.5)
    light(c, x - 40, y - 18)


def contact_upright(c: Canvas, x: float, y0: float, y1: float, *, closed: bool) -> None:
    """A contact between (x, y0) and (x, y1); `closed` draws a break contact at rest."""
    c.circle(x, y0, 3.5)
    c.circle(x, y1, 3.5)
    tip = x + 2 if closed else x + 16
    c.line([(x, y1 - 3), (tip + (4 if closed else 0), y0 - (2 if closed else 0))], width=2.6)
    if closed:
        c.line([(x, y0), (x + 11, y0)])


def contact_flat(c: Canvas, x0: float, x1: float, y: float) -> None:
    """An open make contact between (x0, y) and (x1, y)."""
    c.circle(x0, y, 3.5)
    c.circle(x1, y, 3.5)
    c.line([(x0 + 3, y), (x1 - 5, y - 17)], width=2.6)


def coil(c: Canvas, x: float, y: float, name: str, colour: str = BLUE) -> None:
    """A relay coil centred on (x, y), 52 x 30, with its name inside."""
    c.box(x - 26, y - 15, 52, 30, colour=colour)
    c.text(x, y + 5, name, size=14, at="middle", colour=colour, bold=True)


def linkage(c: Canvas, points: list[tuple[float, float]]) -> None:
    """What a coil moves."""
    c.line(points, BLUE, 1.4, "5 4")


def block(
    c: Canvas,
    x: float,
    y: float,
    width: float,
    height: float,
    title: str,
    words: str = "",
    *,
    colour: str = INK,
    fill: str = PAPER,
    dash: str = "",
) -> None:
    """A titled box."""
    c.box(x, y, width, height, colour=colour, fill=fill, radius=6, dash=dash)
    c.text(x + 12, y + 22, title, size=15, colour=colour, bold=True)
    if words:
        c.text(x + 12, y + 43, words, size=13, colour=SOFT if colour == INK else INK)
