"""Estimates of what is not measured: the length of speech, the size of text."""

from __future__ import annotations

import math
import unicodedata
from fractions import Fraction
from typing import Final

from gala.render_types.params.voice import PARAGRAPH_PAUSE_SECONDS, split_pauses
from gala.timeline.document.elements import TextElement
from gala.timeline.measurements import Size

_CHARACTERS_PER_SECOND: Final = 15
_WIDE_PER_SECOND: Final = 5
_EM_PER_CHARACTER: Final = 0.55


def speech_seconds(text: str, speed: float) -> Fraction:
    """Return about how many seconds a voice takes for a text."""
    pauses, spoken = 0.0, 0.0
    for piece in split_pauses(text):
        if isinstance(piece, float):
            pauses += piece
            continue
        wide = sum(map(_is_wide, piece))
        spoken += (len(piece) - wide) / _CHARACTERS_PER_SECOND + wide / _WIDE_PER_SECOND
        pauses += piece.count("\n\n") * PARAGRAPH_PAUSE_SECONDS
    return max(Fraction(round((spoken / speed + pauses) * 100), 100), Fraction(1, 2))


def text_size(element: TextElement, width: float, short_side: int) -> Size:
    """Return about the size in pixels of a text with lines of at most ``width`` pixels."""
    em = element.font_size * short_side
    padding = 2 * element.box_padding * short_side if element.box_color else 0.0
    room = max(width - padding, em)
    lines, widest = 0, 0.0
    for paragraph in element.plain_text.split("\n"):
        length = sum(1.0 if _is_wide(one) else _EM_PER_CHARACTER for one in paragraph) * em
        lines += max(1, math.ceil(length / room))
        widest = max(widest, min(length, room))
    longest = max((len(word) for word in element.plain_text.split()), default=0)
    widest = max(widest, min(longest * _EM_PER_CHARACTER * em, 4 * room)) if longest < 60 else room
    return Size(widest + padding, lines * element.line_height * em + padding)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in {"W", "F"}
