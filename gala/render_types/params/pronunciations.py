"""Lists of pronunciations: how names and words are spoken that a voice would misread.

A list belongs to a request or to an owner; :func:`merged` puts both into one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Protocol, Self, runtime_checkable

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    model_validator,
)

from gala.render_types.base import TypeParams
from gala.render_types.params.ipa import IPA_PATTERN, normalized_ipa
from gala.render_types.params.language_tags import LanguageTag, within
from gala.visible_text import VISIBLE_TEXT

MAX_PRONUNCIATIONS: Final = 1000
"""Maximum number of pronunciations of a voice."""
MAX_OWNER_PRONUNCIATIONS: Final = 500
"""Maximum number of pronunciations in the list of an owner."""


def _checked_ipa(value: object) -> object:
    # The message about the pattern would not name the symbol.
    if not isinstance(value, str) or not value.strip():
        return value
    return normalized_ipa(value)


class Pronunciation(TypeParams):
    """A text that is to be spoken in another way than it is written."""

    text: Annotated[
        str,
        StringConstraints(min_length=1, max_length=100, pattern=VISIBLE_TEXT),
        AfterValidator(str.strip),
    ] = Field(
        description=(
            "The text as written: a word or several, with the same capitals, not a part of a word."
        ),
        examples=["nginx"],
    )
    say: (
        Annotated[
            str,
            StringConstraints(min_length=1, max_length=200, pattern=VISIBLE_TEXT),
            AfterValidator(str.strip),
        ]
        | None
    ) = Field(
        default=None,
        description=(
            "What is spoken for it, as words. With `ipa`, only engines that take no phonemes use"
            " it."
        ),
        examples=["engine x"],
    )
    ipa: (
        Annotated[
            str,
            StringConstraints(min_length=1, max_length=200, pattern=IPA_PATTERN),
            BeforeValidator(_checked_ipa),
        ]
        | None
    ) = Field(
        default=None,
        description=(
            "Its sounds in the International Phonetic Alphabet, for `kokoro` and `espeak`; a sound"
            " that the voice does not have is replaced by the nearest. Other engines speak `say`"
            " or, without one, the text as written, with a warning in the log."
        ),
        examples=["ˈɛndʒɪn ˈɛks"],  # noqa: RUF001 - the letters of the IPA
    )
    language: LanguageTag | None = Field(
        default=None,
        description=(
            "The language in which it is spoken so (`es`, `en-GB`); by default, all languages."
        ),
        examples=["en"],
    )

    @model_validator(mode="after")
    def _check_spoken(self) -> Self:
        if self.say is None and self.ipa is None:
            raise ValueError(f"{self.text!r}: send `say`, `ipa`, or both")
        return self

    def applies_to(self, language: str | None) -> bool:
        """Return True if it is spoken so in a language; None is an unknown one."""
        return self.language is None or within(language or "", self.language)


def check_unique(listed: tuple[Pronunciation, ...]) -> tuple[Pronunciation, ...]:
    """Return the list. Raise ``ValueError`` if it has a text twice for the same language."""
    seen: set[tuple[str, str]] = set()
    for one in listed:
        key = _key(one)
        if key in seen:
            language = f" for {one.language}" if one.language else ""
            raise ValueError(f"{one.text!r} is listed twice{language}; list every text once")
        seen.add(key)
    return listed


def _key(one: Pronunciation) -> tuple[str, str]:
    return one.text, (one.language or "").lower().replace("_", "-")


def matching(texts: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern that finds any of the texts as whole words, the longest first."""
    longest_first = sorted(set(texts), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


@runtime_checkable
class TakesPronunciations(Protocol):
    """Params with a voice, to whose texts pronunciations apply."""

    def with_pronunciations(self, others: Sequence[Pronunciation]) -> Self:
        """Return the params with those of another list that occur in their texts.

        Raise ``ValueError`` if they are too many together.
        """


def merged(
    own: Sequence[Pronunciation], others: Sequence[Pronunciation], text: str | None
) -> tuple[Pronunciation, ...]:
    """Return the first list and those of the second that it does not override.

    An entry overrides others with its text in its language, or without a language in all of them.
    Of the second list only entries that occur in ``text`` are returned, or all for None. Raise
    ``ValueError`` if there are more than a voice may have.
    """
    everywhere = {one.text for one in own if one.language is None}
    taken = {_key(one) for one in own}
    occurring = None if text is None or not others else _occurring(text, others)
    added = [
        one
        for one in others
        if one.text not in everywhere
        and _key(one) not in taken
        and (occurring is None or one.text in occurring)
    ]
    if len(own) + len(added) > MAX_PRONUNCIATIONS:
        raise ValueError(
            f"together with the {len(added)} of your own list that occur in the text there are more"
            f" than {MAX_PRONUNCIATIONS}; remove some"
        )
    return (*own, *added)


def _occurring(text: str, listed: Sequence[Pronunciation]) -> frozenset[str]:
    """Return the texts that occur; a longer match does not hide a shorter one within it."""
    return frozenset(one.text for one in listed if one.text in text)


PronunciationList = Annotated[
    tuple[Pronunciation, ...],
    Field(strict=False, max_length=MAX_PRONUNCIATIONS),
    AfterValidator(check_unique),
]
"""The pronunciations of a voice."""
