"""The position of a text: by name, in English or Spanish, or by coordinates."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

from gala.render_types.params.framing import Anchor

MAX_SIDE: Final = 4096

_HORIZONTAL: Final = {
    "left": "left",
    "izquierda": "left",
    "izquierdo": "left",
    "right": "right",
    "derecha": "right",
    "derecho": "right",
}
_VERTICAL: Final = {
    "top": "top",
    "upper": "top",
    "arriba": "top",
    "superior": "top",
    "bottom": "bottom",
    "lower": "bottom",
    "abajo": "bottom",
    "inferior": "bottom",
}
_MIDDLE: Final = frozenset({"center", "centre", "middle", "centro", "medio", "centrado"})
_RULE: Final = (
    "must be a position (center, top, bottom-left …, also centro, arriba, abajo-izquierda …) or"
    f' coordinates of the text\'s upper left corner ("120,80", [120, 80] or {{"x": 120, "y": 80}}:'
    f" pixels up to {MAX_SIDE}, or fractions of the frame up to 1)"
)
_NUMBERS: Final = re.compile(r"\s*(\d{1,4}(?:\.\d{1,6})?)\s*[,;x ]\s*(\d{1,4}(?:\.\d{1,6})?)\s*")


Params = dict[str, str | float]


def parse_position(value: object) -> Params:
    """Return the position as params of ``add_text``; raise ValueError."""
    match value:
        case str() if numbers := _NUMBERS.fullmatch(value):
            return _coordinates(*(float(number) for number in numbers.groups()))
        case str():
            return _by_name(value)
        case [str() as horizontal, str() as vertical]:
            return _by_name(f"{horizontal} {vertical}")
        case [x, y]:
            return _coordinates(x, y)
        case {"x": x, "y": y, **others} if not others:
            return _coordinates(x, y)
    raise ValueError(_RULE)


def _coordinates(x: Any, y: Any) -> Params:
    for number in (x, y):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ValueError(_RULE)  # noqa: TRY004 - pydantic reports ValueError only
        if not 0 <= number <= MAX_SIDE:
            raise ValueError(_RULE)
    return {"x": float(x), "y": float(y)}


def _by_name(text: str) -> Params:
    plain = unicodedata.normalize("NFKD", text[:100].casefold())
    words = re.findall(r"[a-z]+", plain)
    horizontal = [_HORIZONTAL[word] for word in words if word in _HORIZONTAL]
    vertical = [_VERTICAL[word] for word in words if word in _VERTICAL]
    middle = [word for word in words if word in _MIDDLE]
    known_count = len(horizontal) + len(vertical) + len(middle)
    if (
        len(words) not in {1, 2}
        or known_count != len(words)
        or max(len(horizontal), len(vertical)) > 1
    ):
        raise ValueError(_RULE)
    return {"position": Anchor("-".join([*vertical, *horizontal]) or "center").value}


_COORDINATE: Final = {"type": "number", "minimum": 0, "maximum": MAX_SIDE}
TextPosition = Annotated[
    Params,
    BeforeValidator(parse_position),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": 100},
                {"type": "array", "items": _COORDINATE, "minItems": 2, "maxItems": 2},
                {
                    "type": "object",
                    "properties": {"x": _COORDINATE, "y": _COORDINATE},
                    "required": ["x", "y"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
    Field(
        description=(
            "A position by name (`center`, `top`, `bottom-right` …; also `centro`, `arriba`,"
            " `abajo-derecha` …), or the text's upper left corner as `x,y`: in pixels, or as"
            " fractions of the frame up to 1."
        ),
        examples=["bottom"],
    ),
]
"""A position in a request, parsed into params of ``add_text``."""
