"""URLs, domains and e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gala_renderer.speech.spoken_form.language import SpokenLanguage
from gala_renderer.speech.spoken_form.numbers import cardinal, digits
from gala_renderer.speech.spoken_form.rule import Replacement, Rule, Spoken

_DOMAINS: Final = (
    "com|org|net|edu|gov|info|app|dev|blog|io|ai|tv|eu|es|mx|ar|cl|pe|uk|us|fr|it|pt|br|de|at|ch"
)
_READ_AS_WORDS: Final = frozenset({"es", "it"})
"""Domains of countries that are read as words in the country's language."""
_LABEL: Final = r"[A-Za-z0-9\u00c0-\u024f-]{1,63}"
_REST: Final = r"[^\s<>\"]{0,2000}"
_TRAILING: Final = ".,;:!?)]}'\"»”…/"
_TOKENS: Final = re.compile(r"[^\W\d_]{1,400}|\d{1,400}|.", re.DOTALL)
_SPOKEN_DIGITS: Final = 4


def _say_email(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    name, _, host = match[0].rpartition("@")
    spoken = [*_spoken(name, language), language.signs.at, *_host(host, language)]
    return " ".join(spoken)


def _say_url(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    address = match[0].rstrip(_TRAILING)
    rest = re.sub(r"^[a-z]{3,5}://", "", address).removeprefix("www.")
    host = re.split(r"[/?#:]", rest, maxsplit=1)[0]
    spoken = " ".join([*_host(host, language), *_spoken(rest[len(host) :], language)])
    if not spoken:
        return None
    return [Replacement(match.start(), match.start() + len(address), spoken)]


def _host(host: str, language: SpokenLanguage) -> Iterator[str]:
    *labels, last = host.split(".")
    for label in labels:
        yield from _spoken(label, language)
        yield language.signs.dot
    word = last in _READ_AS_WORDS and last == language.tag[:2]
    yield language.spelling(last.upper()) if len(last) == 2 and not word else last


def _spoken(text: str, language: SpokenLanguage) -> Iterator[str]:
    signs = language.signs
    names = {
        ".": signs.dot, "/": signs.slash, "-": signs.dash, "_": signs.underscore, ":": signs.colon,
        "?": signs.question, "#": signs.hash, "&": signs.conjunction, "=": signs.equals,
        "@": signs.at, "+": signs.plus, "%": signs.percent,
    }  # fmt: skip
    for token in _TOKENS.findall(text):
        if token.isdecimal():
            short = len(token) <= _SPOKEN_DIGITS and not token.startswith("0")
            yield cardinal(int(token), language) if short else digits(token, language)
        elif token.isalpha():
            yield token
        elif token in names:
            yield names[token]


ADDRESSES: Final = (
    Rule(re.compile(rf"(?<!\w)(?:https?|ftp)://\w{_REST}"), _say_url),
    Rule(
        re.compile(
            r"(?<![\w.%+-])[\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])"
        ),
        _say_email,
    ),
    Rule(
        re.compile(
            rf"(?<![\w@.\u00c0-\u024f-])(?:{_LABEL}\.){{1,8}}(?:{_DOMAINS})(?![\w-]|\.\w)(?:/{_REST})?"
        ),
        _say_url,
    ),
)
