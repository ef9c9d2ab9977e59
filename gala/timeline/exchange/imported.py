"""What an import returns: a composition, and what could not be carried over."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from gala.errors import InvalidRequest
from gala.media import Format
from gala.timeline.problems import InvalidTimeline
from gala.timeline.reader import read_timeline

MAX_BYTES: Final = 16 << 20
MAX_TEXT: Final = 2000
"""Characters of a text element."""
_MAX_DEPTH: Final = 100


class Loss(BaseModel):
    """Something that was not carried over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pointer: str = Field(
        description="JSON pointer of the value in the document that was read.",
        examples=["/timeline/tracks/0/clips/1/filter"],
    )
    message: str = Field(description="What was left out or changed, as a sentence.")

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


@dataclass(frozen=True, slots=True)
class Imported:
    """A composition of another program's document."""

    composition: dict[str, Any]
    format: Format | None
    """Size and frame rate; None if the document does not say."""
    losses: tuple[Loss, ...] = ()


def checked(found: Imported) -> Imported:
    """Return the import. Raise InvalidRequest if its composition would not be valid."""
    try:
        read_timeline(found.composition)
    except InvalidTimeline as error:
        raise InvalidRequest(
            f"The document would give a composition that is not valid: {error.message}",
            problems=error.details.get("problems"),
        ) from error
    return found


def document_of(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object of a document.

    Raise InvalidRequest if it is larger than 16 MiB, nested more than 100 levels deep, has numbers
    that are not finite, or is no object.
    """
    if len(text) > MAX_BYTES:
        raise InvalidRequest(f"The document is larger than {MAX_BYTES >> 20} MiB.")
    try:
        found = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole
        )
    except UnicodeDecodeError as error:
        raise InvalidRequest("The document is not UTF-8 text.") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(
            f"The document is not valid JSON: {error}. Import OTIO or an edit of Shotstack."
        ) from error
    if not isinstance(found, dict):
        raise InvalidRequest("The document is not a JSON object: {…}")
    check_depth(found)
    return found


def check_depth(document: Any) -> None:
    """Raise InvalidRequest if a JSON value is nested more than 100 levels deep."""
    level = [document]
    for _ in range(_MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise InvalidRequest(f"The document is nested more than {_MAX_DEPTH} levels deep.")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def _whole(text: str) -> int:
    _finite(text)  # the readers calculate with floats
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large")
    return number
