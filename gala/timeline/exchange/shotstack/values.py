"""Values of Shotstack's JSON: numbers, colours, fonts, and where they are."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from gala.render_types.params.colors import parse_color
from gala.timeline.document.values import written_percent
from gala.timeline.exchange.imported import Loss
from gala.timeline.problems import pointer

Json = Mapping[str, Any]
Path = tuple[str | int, ...]

FONTS: Final = (
    *("Anton", "Bebas Neue", "Inter", "Montserrat", "Noto Sans", "Open Sans", "Oswald"),
    *("Poppins", "Roboto"),
)
"""The fonts that every installation of GALA has."""
_BOLD: Final = re.compile(r"\s*(extra ?bold|semi ?bold|bold|black|heavy)\b", re.IGNORECASE)
_ITALIC: Final = re.compile(r"\s*italic\b", re.IGNORECASE)
_OTHER: Final = re.compile(r"\s*(regular|medium|light|thin|extra ?light|book)\b", re.IGNORECASE)
_BOLD_WEIGHT: Final = 600
_THINNEST: Final = 100
_BLACKEST: Final = 900
_USUAL_WEIGHTS: Final = (400, 700)


class Size(NamedTuple):
    """Pixels."""

    width: float
    height: float

    @property
    def short_side(self) -> float:
        """The shorter side."""
        return min(self.width, self.height)


@dataclass(slots=True)
class Losses:
    """What is not carried over, as it is found."""

    found: dict[Loss, None] = field(default_factory=dict)

    def add(self, path: Path, message: str) -> None:
        """Add one."""
        self.found[Loss(pointer=pointer(path), message=message)] = None


def obj(value: Any) -> Json:
    """Return an object; an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def array(value: Any) -> list[Any]:
    """Return a list; an empty one for any other value."""
    return value if isinstance(value, list) else []


def number(value: Any, low: float = -math.inf, high: float = math.inf) -> float | None:
    """Return a number, also of a text, within limits; None for any other value."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return float(min(high, max(low, found))) if math.isfinite(found) else None


def percent(part: float, low: float = -5.0, high: float = 6.0) -> str:
    """Return a fraction as per cent, within limits."""
    return written_percent(round(min(high, max(low, part)), 8))


def color(value: Any) -> tuple[str, float] | None:
    """Return a colour as ``#rrggbb`` and its opacity; None if it is none or transparent."""
    if not isinstance(value, str):
        return None
    text = value.strip().lower()
    found = re.fullmatch(r"#?([0-9a-f]{6})([0-9a-f]{2})", text)
    if found:
        return f"#{found[1]}", int(found[2], 16) / 255
    found = re.fullmatch(r"rgba?\(([\d.,%\s]+)\)", text)
    if found:
        return _rgba(found[1].split(","))
    try:
        return parse_color(re.sub(r"^#+", "#", text)), 1.0
    except ValueError:
        return None


def _rgba(parts: list[str]) -> tuple[str, float] | None:
    numbers = [number(part.strip(), 0, 255) for part in parts[:4]]
    if len(numbers) < 3 or any(one is None for one in numbers):
        return None
    known = [one or 0.0 for one in numbers]
    opacity = min(1.0, known[3]) if len(known) > 3 else 1.0
    return "#" + "".join(f"{round(one):02x}" for one in known[:3]), opacity


def font(family: Any, weight: Any) -> tuple[dict[str, Any], bool]:
    """Return the fields of a font, and whether it is one that GALA has."""
    name = family if isinstance(family, str) else ""
    is_bold = bool(_BOLD.search(name)) or (number(weight) or 0) >= _BOLD_WEIGHT
    is_bold = is_bold or (isinstance(weight, str) and weight.lower() in {"bold", "bolder"})
    plain = _OTHER.sub("", _ITALIC.sub("", _BOLD.sub("", name))).strip()
    known = next((one for one in FONTS if one.lower() == plain.lower()), None)
    found: dict[str, Any] = {"font": known} if known else {}
    exact = number(weight, _THINNEST, _BLACKEST)
    if exact is not None and exact not in _USUAL_WEIGHTS:
        found["weight"] = round(exact)
    elif is_bold:
        found["bold"] = True
    if _ITALIC.search(name):
        found["italic"] = True
    return found, known is not None or not plain
