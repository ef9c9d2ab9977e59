"""What a name that does not exist was probably meant to be, for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Final

VOICE_LISTING: Final = "`gala voices` and `GET /voices` list all"
"""For errors about voices and languages that do not exist."""

_MAX_WORD: Final = 100
_MAX_LISTED: Final = 12
_MAX_EXAMPLES: Final = 8

_LANGUAGES: Final[Mapping[str, str]] = {
    "ar": "arabic العربية",
    "bg": "bulgarian български",
    "bn": "bengali বাংলা",
    "ca": "catalan català",
    "cs": "czech čeština",
    "da": "danish dansk",
    "de": "german deutsch",
    "el": "greek ελληνικά",
    "en": "english",
    "es": "spanish castilian español castellano",
    "et": "estonian eesti",
    "eu": "basque euskara",
    "fa": "persian farsi فارسی",
    "fi": "finnish suomi",
    "fr": "french français",
    "ga": "irish gaeilge",
    "he": "hebrew עברית",
    "hi": "hindi हिन्दी",
    "hr": "croatian hrvatski",
    "hu": "hungarian magyar",
    "id": "indonesian",
    "is": "icelandic íslenska",
    "it": "italian italiano",
    "ja": "japanese 日本語",
    "ko": "korean 한국어",
    "lt": "lithuanian lietuvių",
    "lv": "latvian latviešu",
    "ms": "malay",
    "nb": "norwegian norsk bokmål",
    "nl": "dutch flemish nederlands",
    "pl": "polish polski",
    "pt": "portuguese português",
    "pt-BR": "brazilian brasileiro",
    "ro": "romanian română",
    "ru": "russian русский",
    "sk": "slovak slovenčina",
    "sl": "slovenian slovenščina",
    "sr": "serbian srpski српски",
    "sv": "swedish svenska",
    "sw": "swahili kiswahili",
    "ta": "tamil தமிழ்",
    "th": "thai ไทย",
    "tr": "turkish türkçe",
    "uk": "ukrainian українська",
    "ur": "urdu اردو",
    "vi": "vietnamese",
    "zh": "chinese mandarin 中文",
}
"""Names of languages, in English and in the language itself, by tag."""

_COUNTRIES: Final[Mapping[str, str]] = {
    "cn": "zh",
    "cz": "cs",
    "dk": "da",
    "gb": "en-GB",
    "gr": "el",
    "il": "he",
    "ir": "fa",
    "jp": "ja",
    "kr": "ko",
    "mx": "es",
    "tw": "zh",
    "ua": "uk",
    "us": "en-US",
    "vn": "vi",
}
"""Codes of countries that are no codes of languages, and the language that is meant by each."""


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known name that a misspelt word most likely means, or ``None``.

    ``cutoff`` is how similar they must be: 1 for equal ones.
    """
    names = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word[:_MAX_WORD].strip().lower(), names, n=1, cutoff=cutoff)
    return names[found[0]] if found else None


def suggestion(word: str, known: Iterable[str], *, listing: str = "") -> str:
    """Return a sentence with the name that was probably meant, else with the known names.

    If there are many, only some are shown; ``listing`` says what lists all of them.
    """
    names = list(dict.fromkeys(known))
    meant = nearest(word, names)
    if len(names) <= _MAX_LISTED:
        listed = f"There are: {', '.join(names) or 'none'}."
        return f"Did you mean {meant!r}? {listed}" if meant else listed
    if meant is None:
        examples = ", ".join(names[:_MAX_EXAMPLES])
        return f"There are {len(names)}, such as {examples}{f'; {listing}' if listing else ''}."
    return f"Did you mean {meant!r}?{f' {listing}.' if listing else ''}"


def language_called(name: str) -> str | None:
    """Return the tag of a language by its name, which may be misspelt, or its country's code.

    ``None`` if it is unknown.
    """
    of_country = _COUNTRIES.get(name.strip().lower())
    if of_country is not None:
        return of_country
    by_name = {one: tag for tag, names in _LANGUAGES.items() for one in names.split()}
    meant = nearest(name, by_name)
    return None if meant is None else by_name[meant]


def language_suggestion(
    word: str, known: Iterable[str], *, also: Iterable[str] = (), listing: str = ""
) -> str:
    """Return a sentence like :func:`suggestion`; ``word`` may also be the name of a language.

    ``also`` are further tags that are accepted, such as shorter ones.
    """
    tags = list(known)
    tag = language_called(word)
    if tag is not None:
        accepted = {tag.lower() for tag in (*tags, *also)}
        for one in (tag, tag.partition("-")[0]):
            if one.lower() in accepted:
                return f"Did you mean {one!r}?{f' {listing}.' if listing else ''}"
    return suggestion(word, tags, listing=listing)
