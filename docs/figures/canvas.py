"""A small SVG canvas: lines, boxes and text, with nothing but the standard library.

Coordinates are pixels, y points down. Numbers are written with at most one decimal, in the order
of the calls, so the same drawing is the same text on every computer.
"""

from collections.abc import Iterable
from html import escape

Point = tuple[float, float]

INK = "#1d2430"
SOFT = "#5b6675"
PALE = "#c9d0d9"
PAPER = "#ffffff"
COPPER = "#b4691f"
BLUE = "#1f5fa8"
GREEN = "#23733b"
RED = "#b3261e"
VIOLET = "#6b3fa0"
AMBER = "#9a6b00"

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"


def tint(colour: str, share: float = 0.12) -> str:
    """`colour` mixed with white; `share` 1 is the colour itself."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + (part - 255) * share):02x}" for part in parts)


class Canvas:
    """One drawing on white paper, so that it can be read on a dark page too."""

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" font-family="{FONT}">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(description)}</desc>",
            f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        ]

    def svg(self) -> str:
        """The whole file."""
        return "\n".join([*self._parts, "</svg>"]) + "\n"

    def line(
        self,
        points: Iterable[Point],
        colour: str = INK,
        width: float = 2,
        dash: str = "",
        fill: str = "none",
    ) -> None:
        """A polyline through `points`; `fill` makes it an area."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<polyline points="{path}" fill="{fill}" stroke="{colour}" stroke-width="{_n(width)}" '
            f'stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        colour: str = INK,
        fill: str = PAPER,
        stroke: float = 2,
        radius: float = 0,
        dash: str = "",
    ) -> None:
        """A rectangle with its upper left corner at (x, y)."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" '
            f'rx="{_n(radius)}" fill="{fill}" stroke="{colour}" '
            f'stroke-width="{_n(stroke)}"{dashed}/>'
        )

    def circle(
        self, x: float, y: float, r: float, colour: str = INK, fill: str = PAPER, stroke: float = 2
    ) -> None:
        """A circle around (x, y)."""
        self._parts.append(
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}" fill="{fill}" stroke="{colour}" '
            f'stroke-width="{_n(stroke)}"/>'
        )

    def dot(self, x: float, y: float, colour: str = INK) -> None:
        """Two wires that are joined."""
        self.circle(x, y, 4, colour, colour, 0)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 14,
        at: str = "start",
        colour: str = INK,
        bold: bool = False,
    ) -> None:
        """One or more lines (split at newlines); y is the first baseline, `at` start/middle/end."""
        weight = ' font-weight="bold"' if bold else ""
        for i, words_of_line in enumerate(words.split("\n")):
            self._parts.append(
                f'<text x="{_n(x)}" y="{_n(y + i * size * 1.3)}" font-size="{_n(size)}" '
                f'text-anchor="{at}" fill="{colour}"{weight}>{escape(words_of_line)}</text>'
            )

    def arrow(
        self, points: list[Point], colour: str = INK, width: float = 2, dash: str = ""
    ) -> None:
        """A polyline with a head at its last point."""
        (x0, y0), (x1, y1) = points[-2:]
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        back_x, back_y = x1 - 10 * ux, y1 - 10 * uy
        self.line([*points[:-1], (back_x, back_y)], colour, width, dash)
        left, right = (back_x - 4 * uy, back_y + 4 * ux), (back_x + 4 * uy, back_y - 4 * ux)
        self.line([left, (x1, y1), right, left], colour, 1, fill=colour)


def _n(value: float) -> str:
    return f"{round(value, 1):g}"
