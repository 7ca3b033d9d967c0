"""How each kind of phase looks: told apart by lightness and pattern, so in grey as well."""

from dataclasses import dataclass

from soakbench.cli.view.plan_page.markup import Markup, joined, tag


@dataclass(frozen=True)
class Look:
    """Of a phase's bar."""

    fill: str
    ink: str
    """Of the words in it."""
    patterned: bool = False


LOOKS = {
    "ageing": Look("url(#light)", "#1a1a1a", patterned=True),
    "dark_recovery": Look("#4a4a4a", "#ffffff"),
    "thermal_recovery": Look("url(#heat)", "#1a1a1a", patterned=True),
    "wait": Look("#ffffff", "#1a1a1a"),
}
OTHER = Look("#c9d3df", "#1a1a1a")
LEGEND = {
    "ageing": "light: ageing",
    "dark_recovery": "dark recovery",
    "thermal_recovery": "thermal recovery",
    "wait": "waiting for a time of day",
}


def look_of(phase: str) -> Look:
    """Any kind has one."""
    return LOOKS.get(phase, OTHER)


def patterns() -> Markup:
    """What the fills refer to."""
    light = joined(
        tag("rect", width="7", height="7", fill="#ffe680"),
        tag("path", d="M0 0V7", stroke="#d9a900", stroke_width="1.6"),
    )
    heat = joined(
        tag("rect", width="6", height="6", fill="#f0a28c"),
        tag("circle", cx="3", cy="3", r="1.1", fill="#b4402a"),
    )
    return tag(
        "defs",
        tag("pattern", light, **_tile("light", "7"), patternTransform="rotate(45)"),
        tag("pattern", heat, **_tile("heat", "6")),
    )


def _tile(name: str, size: str) -> dict[str, str]:
    return {"id": name, "width": size, "height": size, "patternUnits": "userSpaceOnUse"}
