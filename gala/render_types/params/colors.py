"""Colors, by name or as hexadecimal RGB values."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

NAMES: Final = {
    "black": "#000000",
    "blue": "#0000ff",
    "brown": "#a52a2a",
    "cyan": "#00ffff",
    "gold": "#ffd700",
    "gray": "#808080",
    "green": "#008000",
    "grey": "#808080",
    "lime": "#00ff00",
    "magenta": "#ff00ff",
    "navy": "#000080",
    "orange": "#ffa500",
    "pink": "#ffc0cb",
    "purple": "#800080",
    "red": "#ff0000",
    "silver": "#c0c0c0",
    "teal": "#008080",
    "turquoise": "#40e0d0",
    "violet": "#ee82ee",
    "white": "#ffffff",
    "yellow": "#ffff00",
}
"""Common CSS color names and their values."""

_HEX: Final = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def parse_color(value: str) -> str:
    """Return the color as ``#rrggbb`` in lower case; raise ValueError for an unknown one.

    ``white``, ``#fff``, ``fff`` and ``#FFFFFF`` all give ``#ffffff``.
    """
    named = NAMES.get(value.strip().lower())
    if named is not None:
        return named
    match = _HEX.fullmatch(value.strip())
    if match is None:
        raise ValueError(f"must be #rrggbb, #rgb or one of {', '.join(NAMES)}")
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


Color = Annotated[
    str,
    Field(
        max_length=20,
        description="A color: `#rrggbb`, `#rgb` or a name such as `white`.",
        json_schema_extra={"minLength": 1},
    ),
    AfterValidator(parse_color),
]
"""``#rrggbb`` in lower case once parsed."""
