"""Marks in spoken text: pauses, and parts in another language.

``[pause 0.5s]`` and ``[pause 500ms]`` are pauses, and ``[lang en]…[/lang]`` is spoken in that
language; anything else in brackets is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gala.name_suggestions import language_called
from gala.render_types.params.language_tags import TAG_PATTERN

MAX_LANGUAGE_MARKS: Final = 200
"""Maximum number of parts in another language per text."""

_PAUSE: Final = re.compile(
    r"\[pause\s{1,3}(\d{1,6}(?:\.\d{1,3})?)\s?(ms|s)\]", re.ASCII | re.IGNORECASE
)
_LANGUAGE: Final = re.compile(r"\[(/?)lang(?:\s{1,3}([^\[\]]{0,60}))?\]", re.IGNORECASE)
_MARK: Final = re.compile(f"{_PAUSE.pattern}|{_LANGUAGE.pattern}", re.ASCII | re.IGNORECASE)
_TAG: Final = re.compile(TAG_PATTERN)
_CODE_LIST: Final = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da
de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy
hz ia id ie ig ii ik in io is it iu iw ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la
lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj
om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv
sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
bpy chr cmn fil grc hak haw kok mto nci ltg lfn jbo pap piqd py qdb qu quc qya shn sjn smj
tpi tok uzb vie xex yue
"""
LANGUAGE_CODES: Final = frozenset(_CODE_LIST.split())
"""The codes of ISO 639-1, and those of further languages that espeak-ng speaks."""


@dataclass(frozen=True, slots=True)
class MarkedText:
    """Text of one language; None is the language of the whole text."""

    text: str
    language: str | None = None


def split_marks(text: str) -> tuple[MarkedText | float, ...]:
    """Split a text at its marks; return texts and pauses in seconds, in order, no blank texts.

    The text must be valid for :func:`check_language_marks`.
    """
    return tuple(
        piece for piece in _pieces(text) if not isinstance(piece, MarkedText) or piece.text.strip()
    )


def _pieces(text: str) -> Iterator[MarkedText | float]:
    at = 0
    language: str | None = None
    for mark in _MARK.finditer(text):
        yield MarkedText(text[at : mark.start()], language)
        at = mark.end()
        amount, unit, _, tag = mark.groups()
        if amount is None:
            language = tag.strip() if tag else None
        else:
            yield float(amount) / (1000 if unit.lower() == "ms" else 1)
    yield MarkedText(text[at:], language)


def own_text(text: str) -> str:
    """Return the text outside of marks of languages, or all of it if there is none."""
    parts = [part for part in split_marks(text) if isinstance(part, MarkedText)]
    return "".join(part.text for part in parts if part.language is None) or text


def without_language_marks(text: str) -> str:
    """Return a text as it is shown: what the marks enclose remains."""
    return _LANGUAGE.sub("", text)


def check_language_marks(text: str) -> None:
    """Raise ``ValueError`` naming the first mark that is not valid, and its position."""
    opened: re.Match[str] | None = None
    for number, mark in enumerate(_LANGUAGE.finditer(text)):
        if number >= 2 * MAX_LANGUAGE_MARKS:
            raise ValueError(f"at most {MAX_LANGUAGE_MARKS} parts may be in another language")
        if mark[1]:
            if opened is None or mark[2]:
                raise _error(mark, "closes no mark; write [lang en]…[/lang]")
            opened = None
            continue
        if opened is not None:
            raise _error(mark, f"is within {_shown(opened)}; end that with [/lang] first")
        _check_tag(mark)
        opened = mark
    if opened is not None:
        raise _error(opened, "is not closed; end it with [/lang]")


def _check_tag(mark: re.Match[str]) -> None:
    tag = (mark[2] or "").strip()
    if _TAG.match(tag) and tag.replace("_", "-").split("-")[0].lower() in LANGUAGE_CODES:
        return
    meant = language_called(tag) if tag else None
    hint = f" Did you mean [lang {meant}]?" if meant else ""
    raise _error(mark, f"names no language; write a tag such as [lang en] or [lang pt-BR].{hint}")


def _error(mark: re.Match[str], problem: str) -> ValueError:
    return ValueError(f"{_shown(mark)} (character {mark.start() + 1}) {problem}")


def _shown(mark: re.Match[str]) -> str:
    return " ".join(mark[0].split())
