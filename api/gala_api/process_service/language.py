"""Which language a caller of the process service reads: Spanish, unless English is asked for."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """A language that answers are written in."""

    SPANISH = "es"
    ENGLISH = "en"


_RANGE: Final = re.compile(
    r"\s*(es|en|\*)(?:-[a-z0-9-]*)?\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.IGNORECASE,
)
_MOST_CHARACTERS: Final = 500


def preferred(accept_language: str | None) -> Language:
    """What ``Accept-Language`` (RFC 9110) prefers of the two; the first of equals.

    ``*`` is met by Spanish, and so is a header that names neither.
    """
    best, weight = Language.SPANISH, 0.0
    for part in (accept_language or "")[:_MOST_CHARACTERS].split(","):
        asked = _RANGE.fullmatch(part)
        if asked is None:
            continue
        quality = float(asked[2] or 1)
        if quality > weight:
            named = asked[1].lower()
            best = Language.SPANISH if named == "*" else Language(named)
            weight = quality
    return best
