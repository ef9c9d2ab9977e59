"""Values that fields of many elements have: percentages, times, names, files."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from gala.render_types.params.timecodes import MAX_SECONDS
from gala.timeline.document.times import Offset, Seconds
from gala.timeline.problems import broken_rule

__all__ = ["MAX_SECONDS", "Name", "Offset", "Percent", "Seconds", "Source", "objects_or"]

PERCENT_PATTERN: Final = r"^[+-]?[0-9]{1,4}(\.[0-9]{1,6})?%$"
_PERCENT: Final = re.compile(r"\s*([+-]?\d{1,4}(?:\.\d{1,6})?)\s*%\s*")
_LENGTH: Final = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(px|em|rem|vw|vh|pt)\s*")
_USUAL_SIDE: Final = 1080
_MOST_PERCENT: Final = 20
"""A number that is larger, and is no percentage, is perhaps in pixels."""
_PERCENT_REMEDY: Final = (
    'Write per cent, such as "50%": so the composition fits every size of frame.'
)


def parse_percent(value: object) -> float:
    """Return the fraction that a percentage means: ``"50%"`` gives 0.5."""
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if found is not None:
        return float(found[1]) / 100
    if isinstance(value, float) and not isinstance(value, bool):
        # The default of a field, or a model that is validated again.
        raise broken_rule(f"{value:g} is not a percentage.", _percent_remedy(value))
    if isinstance(value, int) and not isinstance(value, bool):
        raise broken_rule(f"{value} is not a percentage.", _percent_remedy(value))
    if isinstance(value, str) and _LENGTH.fullmatch(value):
        raise broken_rule("Lengths are not in pixels or em.", _length_remedy(value))
    raise broken_rule("A percentage is required.", _PERCENT_REMEDY)


def _percent_remedy(value: float) -> str:
    if 0 < value <= 1:
        return f'Write "{value * 100:g}%".'
    if abs(value) > 100:
        return f"{_PERCENT_REMEDY} {_pixels(value)}"
    # So many pixels are as likely as so many per cent.
    return (
        f'Write "{value:g}%". {_pixels(value)}' if value > _MOST_PERCENT else f'Write "{value:g}%".'
    )


def _length_remedy(value: str) -> str:
    found = _LENGTH.fullmatch(value)
    if found is None or found[2] != "px":
        return _PERCENT_REMEDY
    return f"{_PERCENT_REMEDY} {_pixels(float(found[1]))}"


def _pixels(value: float) -> str:
    """Return what pixels are in per cent, for an example of a frame."""
    return f'{value:g} pixels of {_USUAL_SIDE} are "{value / _USUAL_SIDE * 100:.3g}%".'


def written_percent(part: float) -> str:
    """Return a fraction as it is written in JSON: 0.5 gives ``"50%"``."""
    return f"{round(part * 100, 6):.15g}%"


Percent = Annotated[
    float,
    BeforeValidator(parse_percent),
    PlainSerializer(written_percent, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": PERCENT_PATTERN}),
]
"""A percentage with its sign, ``"50%"``; a fraction once parsed, 0.5."""

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")
]
"""The name of an element, a track or a scene."""

Source = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"),
    Field(description="The file: an asset's id (`ast_…`), a URL, or a path for `gala timeline`."),
]


def objects_or(other: str, *, lists: str = "") -> Discriminator:
    """Return what tells the union of ``object``, ``other`` and perhaps lists apart.

    Without it pydantic reports the errors of all members of a union; one is clearer.
    """

    def kind(value: Any) -> str:
        if isinstance(value, list | tuple):
            return lists or other
        is_object = isinstance(value, dict | BaseModel) and not lists
        return "object" if is_object else other

    return Discriminator(kind)
