"""Rules: a pattern, and what its matches are spoken as.

All patterns take linear time on any text: they cannot start in the middle of a run of digits or
letters, and their repetitions have maxima or are possessive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gala_renderer.speech.spoken_form.language import SpokenLanguage

START: Final = r"(?<!\w)(?<!\d[.,:/'\u2019])"
"""Where a number may start: not within a word or a longer number."""
END: Final = r"(?!\w)(?![.,:/]\d)"
_NEXT_WORD: Final = re.compile(r"[ \u00a0\u202f]([^\W\d_]{1,40})")
_CONTEXT: Final = 60


@dataclass(frozen=True, slots=True)
class Replacement:
    """What the text from ``start`` to ``end`` is spoken as."""

    start: int
    end: int
    spoken: str
    ipa: str | None = None
    """The phonemes of ``spoken``, if they are given."""


Spoken = Sequence[Replacement] | str | None
"""The spoken form of a whole match, replacements of its parts, or None to leave it alone."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern and the function that speaks its matches."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str], SpokenLanguage], Spoken]

    def replacements(self, match: re.Match[str], language: SpokenLanguage) -> Sequence[Replacement]:
        """Return the replacements of a match; none if the rule leaves it alone."""
        spoken = self.say(match, language)
        if spoken is None:
            return ()
        if isinstance(spoken, str):
            return (Replacement(match.start(), match.end(), spoken),)
        return spoken


def part(match: re.Match[str], group: str, spoken: str) -> Replacement:
    """Return the replacement of a group of a match."""
    return Replacement(match.start(group), match.end(group), spoken)


def next_word(match: re.Match[str]) -> str:
    """Return the word after a match and one space, or an empty string."""
    found = _NEXT_WORD.match(match.string, match.end())
    return found[1] if found else ""


def previous_word(match: re.Match[str]) -> str:
    """Return the word before a match and a space, without its punctuation, or an empty string."""
    before = match.string[max(0, match.start() - _CONTEXT) : match.start()]
    if not before[-1:].isspace():
        return ""
    words = before.split()
    return words[-1].strip("\"'()[]«»“”¿¡") if words else ""
