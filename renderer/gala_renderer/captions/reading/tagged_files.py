"""SAMI and TTML files, which pysubs2 reads."""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import ParseError

import pysubs2
from pysubs2.exceptions import Pysubs2Error

from gala.subtitle_times import ClockTime
from gala_renderer.captions.reading.cues import Cue, SubtitleError

_SAMI: Final = re.compile(r"\s*<SAMI\b", re.IGNORECASE)
_TTML: Final = "http://www.w3.org/ns/ttml"
_HEAD: Final = 4096
_UNREADABLE: Final = (
    Pysubs2Error, ParseError, ValueError, LookupError, ArithmeticError, TypeError,
    NotImplementedError,
)  # fmt: skip


def tagged_cues(text: str) -> list[Cue] | None:
    """Return the cues of a SAMI or TTML file; None if it is neither.

    Raise ``SubtitleError`` if it cannot be read.
    """
    if _SAMI.match(text):
        # SAMI has no ends: the next cue, often an empty one, ends the one before.
        return [Cue(1, _time(event.start), None, event.text) for event in _events(text, "sami")]
    if _TTML in text[:_HEAD]:
        return [
            Cue(1, _time(event.start), _time(event.end), event.text)
            for event in _events(text, "ttml")
        ]
    return None


def _events(text: str, form: str) -> list[pysubs2.SSAEvent]:
    try:
        return list(pysubs2.SSAFile.from_string(text, format_=form).events)
    except _UNREADABLE as error:
        raise SubtitleError(f"its {form.upper()} cannot be read ({error})") from error


def _time(milliseconds: int) -> ClockTime:
    return ClockTime(milliseconds / 1000)
