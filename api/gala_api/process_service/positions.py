"""Where a text goes: by word, in English or Spanish, or by coordinates."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

from gala.render_types.params.framing import Anchor

MAX_SIDE: Final = 4096

_ACROSS: Final = {
    "left": "left",
    "izquierda": "left",
    "izquierdo": "left",
    "right": "right",
    "derecha": "right",
    "derecho": "right",
}
_DOWN: Final = {
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
    "must be a place (center, top, bottom-left …, also centro, arriba, abajo-izquierda …) or"
    f' coordinates of the text\'s upper left corner ("120,80", [120, 80] or {{"x": 120, "y": 80}}:'
    f" pixels up to {MAX_SIDE}, or parts of the frame up to 1)"
)
_NUMBERS: Final = re.compile(r"\s*(\d{1,4}(?:\.\d{1,6})?)\s*[,;x ]\s*(\d{1,4}(?:\.\d{1,6})?)\s*")


Params = dict[str, str | float]


def parse_position(value: object) -> Params:
    """The place that is meant, in the words of ``add_text``; raises ValueError."""
    match value:
        case str() if numbers := _NUMBERS.fullmatch(value):
            return _coordinates(*(float(number) for number in numbers.groups()))
        case str():
            return _named(value)
        case [str() as across, str() as down]:
            return _named(f"{across} {down}")
        case [x, y]:
            return _coordinates(x, y)
        case {"x": x, "y": y, **others} if not others:
            return _coordinates(x, y)
    raise ValueError(_RULE)


def _coordinates(x: Any, y: Any) -> Params:
    for number in (x, y):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ValueError(_RULE)  # noqa: TRY004 - pydantic makes an answer of ValueErrors only
        if not math.isfinite(number) or not 0 <= number <= MAX_SIDE:
            raise ValueError(_RULE)
    return {"x": float(x), "y": float(y)}


def _named(text: str) -> Params:
    plain = unicodedata.normalize("NFKD", text[:100].casefold())
    words = re.findall(r"[a-z]+", plain)
    across = [_ACROSS[word] for word in words if word in _ACROSS]
    down = [_DOWN[word] for word in words if word in _DOWN]
    middle = [word for word in words if word in _MIDDLE]
    understood = len(across) + len(down) + len(middle)
    if len(words) not in {1, 2} or understood != len(words) or max(len(across), len(down)) > 1:
        raise ValueError(_RULE)
    return {"position": Anchor("-".join([*down, *across]) or "center").value}


_COORDINATE: Final = {"type": "number", "minimum": 0, "maximum": MAX_SIDE}
Place = Annotated[
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
            "A place by word (`center`, `top`, `bottom-right` …; also `centro`, `arriba`,"
            " `abajo-derecha` …), or the text's upper left corner as `x,y`: pixels, or up to 1"
            " parts of the frame."
        ),
        examples=["bottom"],
    ),
]
"""A position as JSON says it; params of ``add_text`` once it is parsed."""
