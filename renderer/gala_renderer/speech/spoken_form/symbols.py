"""Signs: hashtags, names with ``@``, ``&``, ``№``, arithmetic, and emoji."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from gala_renderer.speech.spoken_form.language import SpokenLanguage
from gala_renderer.speech.spoken_form.numbers import bare
from gala_renderer.speech.spoken_form.rule import END, START, Replacement, Rule, Spoken, part

_CAMEL: Final = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_MAYBE_EMOJI: Final = re.compile("[\u2300-\u2bff\u3030\u303d\U0001f000-\U0001faff]")
_SKIN: Final = re.compile("[\U0001f3fb-\U0001f3ff]")
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


def _say_hashtag(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    words = _CAMEL.sub(" ", match["tag"].replace("_", " "))
    return f"{language.signs.hashtag} {words}"


def _say_handle(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return f"{language.signs.at} {match['name'].replace('_', ' ').strip() or match['name']}"


def _say_plus_plus(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    letter = match["letter"].upper()
    name = language.letters.get(letter, letter)
    return (
        f"{name} sharp"
        if match["sign"] == "#"
        else f"{name} {language.signs.plus} {language.signs.plus}"
    )


def _say_number_sign(_match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return language.signs.number


def _say_plus(_match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return language.signs.plus


def _say_and(_match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return language.signs.conjunction


def _say_arithmetic(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    signs = language.signs
    names = {"=": signs.equals, "+": signs.plus, "\u00d7": signs.times, "*": signs.times}
    return [part(match, "sign", names[match["sign"]])]


def _say_size(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    one, other = bare(match["one"], language), bare(match["other"], language)
    return f"{one} {language.signs.by} {other}"


def _say_about(_match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return language.signs.about


def _say_until(_match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return language.range_word


TAGS: Final = (
    Rule(re.compile(r"(?<![\w#&/])#(?P<tag>[^\W\d_]\w{0,99})"), _say_hashtag),
    Rule(re.compile(r"(?<![\w@./])@(?P<name>\w{1,60})"), _say_handle),
    Rule(re.compile(r"(?<!\w)(?P<letter>[Cc])(?P<sign>\+\+)(?![\w+])"), _say_plus_plus),
    Rule(re.compile(r"(?<!\w)(?P<letter>[CF])(?P<sign>#)(?!\w)"), _say_plus_plus),
    Rule(
        re.compile(
            rf"{START}(?P<one>\d{{1,5}})[ \u00a0]?[x\u00d7][ \u00a0]?(?P<other>\d{{1,5}}){END}"
        ),
        _say_size,
    ),
)
SIGNS: Final = (
    Rule(re.compile(r"(?<![\w+])\+(?=\d)"), _say_plus),
    Rule(
        re.compile(r"№|(?<!\w)[Nn]\.?[º°](?=\s?\d)|(?<!\w)No\.(?=\s\d)|(?<!\w)#(?=\d)"),
        _say_number_sign,
    ),
    Rule(re.compile(r"(?<=\s)&(?=\s)|(?<=\w)&(?=\w)"), _say_and),
    Rule(re.compile(r"(?<=\s)(?P<sign>[=+\u00d7])(?=\s)"), _say_arithmetic),
    Rule(re.compile(r"(?<=[\d)])(?P<sign>[=+\u00d7*])(?=[\d(])"), _say_arithmetic),
    Rule(re.compile(r"(?<!\w)[~≈]\s?(?=\d)"), _say_about),
    Rule(
        re.compile("(?<=[\\d€$£%mM])[ \u00a0]?\u2013[ \u00a0]?(?=[\\d€$£])|(?<=:\\d\\d)-(?=\\d)"),
        _say_until,
    ),
)


def emoji_names(text: str, language: SpokenLanguage) -> Iterator[Replacement]:
    """Yield the names of emoji, from Unicode's own tables; of equal neighbours only one name."""
    if _MAYBE_EMOJI.search(text) is None:
        return
    from emoji import emoji_list  # noqa: PLC0415 - a table of some megabytes, rarely needed

    last, last_end = "", -1
    for found in emoji_list(text):
        start, end = found["match_start"], found["match_end"]
        name = _name(str(found["emoji"]), language.tag[:2])
        repeated = name == last and not text[last_end:start].strip()
        yield Replacement(start, end, "" if repeated else name)
        last, last_end = name, end


@lru_cache(1024)
def _name(symbol: str, code: str) -> str:
    from emoji import demojize  # noqa: PLC0415

    plain = _SKIN.sub("", symbol)
    name = (
        demojize(plain, language=code, delimiters=("", "")).replace("_", " ").replace("\u2019", "'")
    )
    if name == plain:
        name = demojize(symbol, language="en", delimiters=("", "")).replace("_", " ")
    return f"flag of {name}" if code == "en" and _FLAG.fullmatch(symbol) else name
