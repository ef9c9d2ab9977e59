"""Telephone numbers: digit by digit, with a short pause between the groups."""

from __future__ import annotations

import re
from typing import Final

from gala_renderer.speech.spoken_form.language import SpokenLanguage, listed
from gala_renderer.speech.spoken_form.numbers import cardinal, digits
from gala_renderer.speech.spoken_form.rule import Replacement, Rule, Spoken, previous_word

_COUNTRY: Final = r"(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})"
_SEPARATOR: Final = "[ .\u00a0-]?"
_LONG_GROUP: Final = 4
_CALLED: Final = frozenset(
    listed(
        "phone tel call fax teléfono tfno tlf móvil llame llama llamar téléphone"
        " appelez telefono telefone ligue telefon anruf rufen"
    )
)
_NATIONAL: Final = {
    "en": r"(?:1[-. ])?(?:\(\d{3}\)[ ]?|\d{3}[-.])\d{3}[-.]\d{4}",
    "es": r"(?:[6789]\d{2}(?:[ .-]\d{3}[ .-]\d{3}|(?:[ .-]\d{2}){3})|9\d[ ]\d{3}[ ]\d{2}[ ]\d{2})",
    "fr": r"0\d(?:[ .]\d{2}){4}",
}


def rules(language: SpokenLanguage) -> tuple[Rule, ...]:
    """Return the rules of a language."""
    found = [
        Rule(
            re.compile(
                rf"(?<![\w+])\+(?P<country>{_COUNTRY})"
                rf"(?P<rest>(?:{_SEPARATOR}\(?\d{{1,4}}\)?){{2,7}})(?!\w)"
            ),
            _say_international,
        )
    ]
    national = _NATIONAL.get(language.tag[:2])
    if national:
        found.append(Rule(re.compile(rf"(?<![\w+.,-]){national}(?![\w]|[.,-]\d)"), _say_groups))
    found.append(Rule(re.compile(r"(?<![\w+.,-])\d{3,15}(?:[ -]\d{2,4}){0,4}(?!\w)"), _say_called))
    return tuple(found)


def _say_international(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    country = cardinal(int(match["country"]), language)
    plus = f"{language.signs.plus} {country},"
    first = Replacement(match.start(), match.end("country"), plus)
    return [first, *_groups(match, match.start("rest"), language)]


def _say_groups(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return _groups(match, match.start(), language)


def _say_called(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    if previous_word(match).lower().rstrip(".:") not in _CALLED:
        return None
    return _groups(match, match.start(), language)


def _groups(match: re.Match[str], start: int, language: SpokenLanguage) -> list[Replacement]:
    found: list[Replacement] = []
    for token in re.compile(r"\S+").finditer(match.string, start, match.end()):
        groups = [
            _group(piece, language)
            for group in re.findall(r"\d+", token[0])
            for piece in _pieces(group)
        ]
        comma = "" if token.end() == match.end() else ","
        found.append(Replacement(token.start(), token.end(), ", ".join(groups) + comma))
    return found


def _pieces(group: str) -> list[str]:
    if len(group) <= _LONG_GROUP:
        return [group]
    return [group[at : at + 3] for at in range(0, len(group), 3)]


def _group(group: str, language: SpokenLanguage) -> str:
    if language.tag == "fr" and len(group) == 2 and not group.startswith("0"):
        return cardinal(int(group), language)
    return digits(group, language)
