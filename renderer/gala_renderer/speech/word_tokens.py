"""Tokenise a text into words, the units that get times and that captions show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Final, TypeAlias

from gala.render_types.params.voice import can_be_spoken

Span: TypeAlias = tuple[int, int]
"""The start and end of a word in its text, in characters."""

_TOKEN: Final = re.compile(r"\S+")
_KANA: Final = re.compile("[\u3040-\u30ff\uff66-\uff9f]")
_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_THAI: Final = re.compile("[\u0e01-\u0e5b]")


def written_words(text: str, language: str | None = None) -> tuple[Span, ...]:
    """Return the span of each word, including adjacent punctuation.

    Words end at spaces; Japanese, Chinese and Thai are split into phrases. Tokens of punctuation
    only (a dash, the ``!`` of ``Bonjour !``) belong to the word before them, or at the start of the
    text to the word after them.
    """
    pieces = [
        (token.start() + start, token.start() + end)
        for token in _TOKEN.finditer(text)
        for start, end in _phrases(token.group(), text, language)
    ]
    return tuple(_with_punctuation(text, pieces))


def _with_punctuation(text: str, pieces: Sequence[Span]) -> Iterator[Span]:
    pending_start: int | None = None
    last: Span | None = None
    for start, end in pieces:
        if can_be_spoken(text[start:end]):
            if last is not None:
                yield last
            last, pending_start = (start if pending_start is None else pending_start, end), None
        elif last is not None:
            last = (last[0], end)
        elif pending_start is None:
            pending_start = start
    if last is not None:
        yield last


def _phrases(token: str, text: str, language: str | None) -> list[Span]:
    if _THAI.search(token):
        parser = _parser("thai")
    elif _KANA.search(token) or (_HAN.search(token) and _is_japanese(text, language)):
        parser = _parser("japanese")
    elif _HAN.search(token):
        parser = _parser("chinese")
    else:
        return [(0, len(token))]
    spans: list[Span] = []
    at = 0
    for phrase in parser(token):
        # The parser splits numbers and words of other scripts; join them again.
        inside = spans and token[at - 1].isascii() and phrase[0].isascii()
        begin = spans.pop()[0] if inside and (token[at - 1] + phrase[0]).isalnum() else at
        at += len(phrase)
        spans.append((begin, at))
    return spans


def _is_japanese(text: str, language: str | None) -> bool:
    return (language or "").lower().startswith("ja") or _KANA.search(text) is not None


@cache
def _parser(kind: str) -> Callable[[str], list[str]]:
    import budoux  # noqa: PLC0415 - rarely needed

    load = {
        "japanese": budoux.load_default_japanese_parser,
        "chinese": budoux.load_default_simplified_chinese_parser,
        "thai": budoux.load_default_thai_parser,
    }[kind]
    parse: Callable[[str], list[str]] = load().parse
    return parse
