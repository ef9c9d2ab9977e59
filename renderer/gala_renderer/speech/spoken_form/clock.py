"""Times of the day."""

from __future__ import annotations

import re
from typing import Final

from gala_renderer.speech.spoken_form.language import SpokenLanguage
from gala_renderer.speech.spoken_form.numbers import Number, counted, number_words
from gala_renderer.speech.spoken_form.rule import START, Rule, Spoken

_HALF: Final = r"(?P<half>[aApP](?:\.[ \u00a0]?[mM]\.|[mM](?!\w)))"
_HOUR: Final = r"(?P<hour>\d{1,2})"
_MINUTE: Final = r"(?P<minute>[0-5]\d)"


def rules(language: SpokenLanguage) -> tuple[Rule, ...]:
    """Return the rules of a language, the more special ones first."""
    found = [
        Rule(
            re.compile(
                rf"{START}{_HOUR}:{_MINUTE}(?::(?P<second>[0-5]\d))?(?![\d:])"
                rf"{language.hour_suffix}(?:[ \u00a0]?{_HALF})?"
            ),
            _say,
        ),
        Rule(re.compile(rf"{START}{_HOUR}[ \u00a0]?{_HALF}"), _say),
    ]
    if language.hour_suffix:
        word = language.hour_suffix.removesuffix("?")
        found += [
            Rule(re.compile(rf"{START}{_HOUR}\.{_MINUTE}{word}"), _say),
            Rule(
                re.compile(rf"{START}{_HOUR}[ \u00a0]?h[ \u00a0]?{_MINUTE}(?!\w|[ \u00a0]min)"),
                _say,
            ),
        ]
    return tuple(found)


def _say(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    groups = match.groupdict()
    hour, minute = int(match["hour"]), int(groups.get("minute") or 0)
    half = {"a": "am", "p": "pm"}.get((groups.get("half") or "")[:1].lower(), "")
    if hour > (12 if half else 24):
        return None
    spoken = language.clock(hour, minute, half)
    if groups.get("second"):
        number = Number(groups["second"])
        seconds = number_words(number, language, language.seconds.gender)
        conjunction = language.signs.conjunction
        spoken += f" {conjunction} {seconds} {counted(number, language.seconds, language)}"
    return spoken
