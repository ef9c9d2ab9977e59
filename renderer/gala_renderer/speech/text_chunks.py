"""Split text where a pause is natural: at paragraphs, sentence ends, clauses, then words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

_ENDS: Final = ".!?…。！？｡؟۔।॥።။៕‼⁇⁈⁉"  # noqa: RUF001 - the marks of many scripts
_CLOSING: Final = "\"'”’»›)]}」』）】》"  # noqa: RUF001
_WIDE: Final = "。！？｡"  # noqa: RUF001

# A mark, closing quotes or brackets, then a space; wide marks need no space. A run of marks matches
# once (possessive quantifiers), or a hundred thousand dots would take minutes.
_SENTENCE: Final = re.compile(
    rf"(?:(?<![{re.escape(_ENDS)}])[{re.escape(_ENDS)}]++[{re.escape(_CLOSING)}]*+(?=\s))"
    rf"|(?:[{_WIDE}]+[{re.escape(_CLOSING)}]*)"
    r"|\n\s*\n"
)
_CLAUSE: Final = re.compile(
    r"[,;:](?=\s)|[،؛、，；：]|\s[-\u2013\u2014]\s|\u2014|\n"  # noqa: RUF001
)
_SPACE: Final = re.compile(r"\s+")
_PAUSING: Final = re.compile(
    rf"[{re.escape(_ENDS)},;:،؛、，；：\u2013\u2014-][{re.escape(_CLOSING)}]*$"  # noqa: RUF001
)
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
_PARAGRAPH_SEPARATOR: Final = "\u2029"
_ABBREVIATION_LIST: Final = (
    "adj adv al approx apt art ave avda bzw ca cf co col dept dott dr dra e.g ed est etc fig gen"
    " ggf gob gral hr hrs i.e inc jr lt ltd mlle mme mr mrs ms mt no nr núm p.ej pag pp pág prof"
    " rev sig sr sra srta st str usw vol vs z.b"
)
_ABBREVIATIONS: Final = frozenset(_ABBREVIATION_LIST.split())
_CONTEXT: Final = 40
"""The number of characters around a full stop that decide whether it ends a sentence."""


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text: what blank lines separate, whatever its line ends are.

    A line of spaces is blank. Paragraphs have no blank lines, and there are no empty ones.
    """
    lines = text.replace(_PARAGRAPH_SEPARATOR, "\n\n").splitlines()
    groups = groupby(lines, key=lambda line: bool(line.strip().strip(_INVISIBLE)))
    return tuple("\n".join(group).strip() for has_text, group in groups if has_text)


def ends_at_pause(text: str) -> bool:
    """Return True if the text ends with a mark that a speaker pauses at."""
    return _PAUSING.search(text.rstrip()) is not None


def ends_sentence(text: str) -> bool:
    """Return True if the text ends with a mark of the end of a sentence."""
    return text.rstrip().rstrip(_CLOSING)[-1:] in _ENDS


def sentences(text: str) -> tuple[str, ...]:
    """Return the stripped sentences of a text in any script; abbreviations do not end one."""
    return tuple(piece.strip() for piece in _cut(text, _SENTENCE) if piece.strip())


def chunks(text: str, most: int) -> tuple[str, ...]:
    """Return chunks of at most ``most`` characters; joined, they are the text without outer spaces.

    As few as possible: sentences are joined while they fit; a sentence that is too long is split at
    clauses, then at words, and only then within a word.
    """
    return tuple(piece.strip() for piece in _packed(text, most, (_SENTENCE, _CLAUSE, _SPACE)))


def _packed(text: str, most: int, patterns: tuple[re.Pattern[str], ...]) -> Iterator[str]:
    if len(text.strip()) <= most:
        if text.strip():
            yield text
        return
    if not patterns:
        stripped = text.strip()
        yield from (stripped[at : at + most] for at in range(0, len(stripped), most))
        return
    buffer = ""
    for piece in _cut(text, patterns[0]):
        if len((buffer + piece).strip()) <= most:
            buffer += piece
            continue
        if buffer.strip():
            yield buffer
        buffer = ""
        parts = list(_packed(piece, most, patterns[1:]))
        yield from parts[:-1]
        buffer = parts[-1] if parts else ""
    if buffer.strip():
        yield buffer


def _cut(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    at = 0
    for match in pattern.finditer(text):
        if pattern is _SENTENCE and _continues(text, match):
            continue
        yield text[at : match.end()]
        at = match.end()
    yield text[at:]


def _continues(text: str, match: re.Match[str]) -> bool:
    """Return True if a full stop belongs to an abbreviation or an initial and ends no sentence."""
    if match[0] != ".":
        return False
    before = text[max(0, match.start() - _CONTEXT) : match.start()].rsplit(None, 1)[-1:] or [""]
    word = before[0].lstrip("([{\"'“‘«¿¡")  # noqa: RUF001
    following = text[match.end() : match.end() + _CONTEXT].lstrip()[:1]
    initial = len(word) == 1 and word.isalpha() and word.isupper()
    return initial or word.lower() in _ABBREVIATIONS or following.islower()
