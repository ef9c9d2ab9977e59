"""Times of compositions: seconds, or timecodes, which may count frames at the film's rate.

The rate is not part of a composition; it is given as the context of a validation, see
:func:`gala.render_types.base.reading_context`. Once read, all times are seconds.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from gala.errors import InvalidRequest
from gala.media import MAX_FPS
from gala.render_types.base import rate_of
from gala.render_types.params.timecodes import MAX_SECONDS, parse_seconds
from gala.timeline.problems import broken_rule

_COUNTED: Final = re.compile(r"(\d{1,2}):([0-5]?\d):([0-5]?\d)([:;])(\d{1,3})")
"""Hours, minutes, seconds and frames."""
TIME_PATTERN: Final = r"^[0-9:;.,]{1,20}$"
OFFSET_PATTERN: Final = r"^[+-]?[0-9:;.,]{1,20}$"
_DROP_FRAME_RATES: Final = (30, 60)
_NTSC: Final = Fraction(1000, 1001)


def parse_time(value: object, fps: int) -> float:
    """Return the seconds, 0 to 12 hours, that a number or a timecode means.

    ``"00:00:01:12"`` is 12 frames after the first second, at ``fps`` frames per second;
    ``"00:01:00;02"`` is the 1800th frame at 29.97 (59.94) frames per second, for films of 30 (60).
    Raise ValueError, or an error of validation with its remedy.
    """
    found = _COUNTED.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return parse_seconds(value)
    *clock, mark, frames = found.groups()
    hours, minutes, second = map(int, clock)
    frame, seconds = int(frames), hours * 3600 + minutes * 60 + second
    if frame >= fps:
        raise _no_such_frame(found[0], frame, fps)
    if mark == ":":
        return parse_seconds(float(seconds + Fraction(frame, fps)))
    number = seconds * fps + frame - _left_out(found[0], seconds, frame, fps)
    return parse_seconds(float(number / (fps * _NTSC)))


def time_in_film(value: float | str, fps: int, field: str) -> float:
    """Return the seconds of a time in a film. Raise InvalidRequest, naming the field."""
    try:
        return parse_time(value, fps)
    except PydanticCustomError as error:
        raise InvalidRequest(f"{field}: {error}", field=field) from error
    except ValueError as error:
        raise InvalidRequest(f"{field}: {str(value)[:40]!r} {error}", field=field) from error


def _left_out(text: str, seconds: int, frame: int, fps: int) -> int:
    """Return how many numbers drop-frame timecode has left out until then."""
    if fps not in _DROP_FRAME_RATES:
        raise broken_rule(
            f"There is no drop-frame timecode at {fps} frames per second, only at 29.97 and 59.94"
            " (films of 30 and 60).",
            f'Write "{text.replace(";", ":")}" if it counts the frames of this film, else seconds.',
        )
    dropped, minutes = fps // 15, seconds // 60
    if seconds % 60 == 0 and minutes % 10 and frame < dropped:
        first = text.rpartition(";")[0]
        raise broken_rule(
            f"{text!r} does not exist: drop-frame timecode leaves it out.",
            f'Write "{first};{dropped:02d}", the first frame of that minute.',
        )
    return dropped * (minutes - minutes // 10)


def _no_such_frame(text: str, frame: int, fps: int) -> Exception:
    remedy = f"Write frames 00 to {fps - 1:02d}"
    if frame < MAX_FPS:
        remedy += (
            '; or choose the rate, which belongs to the job: "output": {"format": {"fps": …}} with'
            " the size, `--fps` for `gala timeline`"
        )
    return broken_rule(
        f"{text!r} has no frame {frame}: a second of this film has {fps}.", f"{remedy}."
    )


def _read(value: object, info: ValidationInfo) -> float:
    return parse_time(value, rate_of(info))


def _read_offset(value: object, info: ValidationInfo) -> object:
    """Return an offset in seconds; numbers are left as they are."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    sign = -1 if text.startswith("-") else 1
    return sign * parse_time(text.removeprefix("-").removeprefix("+"), rate_of(info))


def time_schema(low: float, high: float) -> WithJsonSchema:
    """Return the JSON Schema of a time between two numbers of seconds, or a timecode."""
    number = {"type": "number", "minimum": low, "maximum": high}
    pattern = OFFSET_PATTERN if low < 0 else TIME_PATTERN
    return WithJsonSchema({"anyOf": [number, {"type": "string", "pattern": pattern}]})


ReadTime: Final = BeforeValidator(_read)

Seconds = Annotated[
    float,
    ReadTime,
    time_schema(0, MAX_SECONDS),
    Field(description="Seconds, or a timecode such as `1:23.5` or, with frames, `00:01:23:15`."),
]
"""A float of seconds, 0 to 12 hours, once parsed."""

Offset = Annotated[
    float,
    BeforeValidator(_read_offset),
    Field(ge=-MAX_SECONDS, le=MAX_SECONDS),
    time_schema(-MAX_SECONDS, MAX_SECONDS),
]
"""Seconds, which may be negative."""
