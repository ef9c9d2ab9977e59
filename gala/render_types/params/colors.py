"""Colors, by name or as hexadecimal RGB values."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from gala.name_suggestions import nearest
from gala.render_types.params.color_names import NAMES

_SIMILAR: Final = 0.75
"""With less, `none` would mean orange."""
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
        meant = meant_color(value)
        hint = f"; did you mean {meant!r}?" if meant else ""
        raise ValueError(f"must be #rrggbb, #rgb or a color name of CSS, such as white{hint}")
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def meant_color(value: str) -> str | None:
    """Return the name of a color that a misspelt one most likely means, or ``None``."""
    return nearest(value.replace(" ", "").replace("-", "").replace("_", ""), NAMES, cutoff=_SIMILAR)


Color = Annotated[
    str,
    Field(
        max_length=20,
        description="A color: `#rrggbb`, `#rgb` or a name of CSS, such as `white`.",
        json_schema_extra={"minLength": 1},
    ),
    AfterValidator(parse_color),
]
"""``#rrggbb`` in lower case once parsed."""
