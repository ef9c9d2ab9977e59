"""The language of the process service's messages: Spanish, unless English is preferred."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """A language of the messages."""

    SPANISH = "es"
    ENGLISH = "en"


_RANGE: Final = re.compile(
    r"\s*(es|en|\*)(?:-[a-z0-9-]*)?\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.IGNORECASE,
)
_MAX_CHARACTERS: Final = 500


def preferred(accept_language: str | None) -> Language:
    """Return the language that ``Accept-Language`` (RFC 9110) prefers; the first among equals.

    Return Spanish for ``*`` and for a header that names neither language.
    """
    best, weight = Language.SPANISH, 0.0
    for part in (accept_language or "")[:_MAX_CHARACTERS].split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            continue
        quality = float(match[2] or 1)
        if quality > weight:
            tag = match[1].lower()
            best = Language.SPANISH if tag == "*" else Language(tag)
            weight = quality
    return best
