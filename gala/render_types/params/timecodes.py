"""Times and durations, as seconds or timecodes."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

MAX_SECONDS: Final = 12 * 60 * 60.0

_TIMECODE: Final = re.compile(r"(?:(\d{1,2}):)?([0-5]?\d):([0-5]?\d(?:[.,]\d{1,6})?)")


def parse_seconds(value: object) -> float:
    """Return the time in seconds; raise ValueError if it is invalid or not in 0 to 12 hours.

    ``83.5``, ``"83.5"``, ``"1:23.5"`` and ``"00:01:23,500"`` all give 83.5.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(_RULE)  # noqa: TRY004 - pydantic reports ValueErrors only
    if isinstance(value, str):
        value = _from_text(value.strip())
    if not 0 <= value <= MAX_SECONDS:
        raise ValueError(f"must be between 0 and {MAX_SECONDS:.0f} seconds")
    return float(value)


_RULE: Final = "must be seconds (83.5) or a timecode (1:23.5, 00:01:23.500)"


def _from_text(text: str) -> float:
    if match := _TIMECODE.fullmatch(text):
        hours, minutes, seconds = match.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    # Programs write sums of times with 17 digits.
    if re.fullmatch(r"\d{1,6}(?:\.\d{1,18})?", text):
        return float(text)
    raise ValueError(_RULE)


def seconds_schema(low: float, high: float) -> WithJsonSchema:
    """Return the JSON Schema of a time between two numbers of seconds, or a timecode."""
    return WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": low, "maximum": high},
                {"type": "string", "pattern": r"^[0-9:.,]{1,20}$"},
            ]
        }
    )


Seconds = Annotated[
    float,
    BeforeValidator(parse_seconds),
    seconds_schema(0, MAX_SECONDS),
    Field(description="Seconds, or a timecode such as `1:23.5`."),
]
"""A float of seconds, 0 to 12 hours, once parsed."""
