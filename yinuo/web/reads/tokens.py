"""The colours, sizes and icons of the pages, read from the style sheet itself, and how well they can be told apart."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
#: Text on ground, each on each: WCAG 2.2, 1.4.3 wants 4.5 : 1.
TEXT = (
    ("ink ink-2 ink-3 accent accent-strong", "paper ground rail hover"),
    ("ink ink-2 accent-strong", "accent-soft info-soft"),
    ("on-accent", "accent accent-strong"),
    ("ok ink", "ok-soft"), ("soon ink", "soon-soft"), ("late ink", "late-soft"),
    ("paused", "paused-soft"), ("kept ink-2", "kept-soft"),
    ("ok soon late", "paper"),
)  # fmt: skip
#: What shows where a field is, or how far a bar has come: 1.4.11 wants 3 : 1.
EDGE = (("edge accent late", "paper ground"), ("accent ok soon late", "track"))


@dataclass(frozen=True)
class Pair:
    """Two colours that meet on a page."""

    front: str
    back: str
    needed: float
    light: float
    dark: float

    @property
    def good(self) -> bool:
        """Whether both themes keep the ratio."""
        return min(self.light, self.dark) >= self.needed


@cache
def colours() -> dict[str, tuple[str, str]]:
    """Name of a token → its colour in light and in dark."""
    text = (STATIC / "css/tokens.css").read_text("utf-8")
    light, dark = (
        dict(re.findall(r"--y-([\w-]+): (#[0-9a-f]{3,6});", re.search(head + r" \{([^}]*)\}", text)[1]))  # type: ignore[index]
        for head in (r'\[data-bs-theme="light"\]', r'\n\[data-bs-theme="dark"\]')
    )
    return {name: (light[name], dark[name]) for name in light}


def ratio(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_light(one), _light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _light(colour: str) -> float:
    digits = colour.lstrip("#")
    whole = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = (int(whole[n : n + 2], 16) / 255 for n in (0, 2, 4))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@cache
def pairs() -> tuple[Pair, ...]:
    """Every pair that is used, with its contrast in both themes."""
    known, found = colours(), []
    for lines, needed in ((TEXT, 4.5), (EDGE, 3.0)):
        for fronts, backs in lines:
            for front in fronts.split():
                for back in backs.split():
                    light, dark = (ratio(known[front][n], known[back][n]) for n in (0, 1))
                    found.append(Pair(front, back, needed, light, dark))
    return tuple(found)


@cache
def icons() -> tuple[str, ...]:
    """The names in the sprite."""
    return tuple(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "vendor/icons/sprite.svg").read_text("utf-8")))
