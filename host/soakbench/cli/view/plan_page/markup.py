"""HTML and SVG, put together so that no text of a plan can be taken for markup."""

from html import escape

_VOID = ("meta", "br")


class Markup(str):
    """Text that is markup already; any other text is escaped where it is put in."""

    __slots__ = ()


def tag(name: str, /, *inside: str, **attributes: str | float) -> Markup:
    """`tag("td", "16 h", class_="goal")`. Numbers are rounded to a tenth: they are pixels."""
    given = "".join(f' {_key(key)}="{_value(value)}"' for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{joined(*inside)}</{name}>")


def joined(*parts: str) -> Markup:
    """One after the other."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts))


def _key(name: str) -> str:
    """`class_` is `class`, `text_anchor` is `text-anchor`, `viewBox` stays."""
    return name.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escape(value)
    return f"{value:.1f}".removesuffix(".0")
