"""Long text cut where a listener expects a pause: at sentence ends, then clauses, then words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_ENDS: Final = ".!?…。！？｡؟۔।॥።။៕‼⁇⁈⁉"  # noqa: RUF001 - the marks of many scripts
_CLOSING: Final = "\"'”’»›)]}」』）】》"  # noqa: RUF001
_WIDE: Final = "。！？｡"  # noqa: RUF001

# A mark, what closes around it, and then a space; after the wide marks no space is written. Looked
# for once in a row of marks, or a hundred thousand dots would take minutes.
_SENTENCE: Final = re.compile(
    rf"(?:(?<![{re.escape(_ENDS)}])[{re.escape(_ENDS)}]++[{re.escape(_CLOSING)}]*+(?=\s))"
    rf"|(?:[{_WIDE}]+[{re.escape(_CLOSING)}]*)"
    r"|\n\s*\n"
)
_CLAUSE: Final = re.compile(
    r"[,;:](?=\s)|[،؛、，；：]|\s[-\u2013\u2014]\s|\u2014|\n"  # noqa: RUF001
)
_SPACE: Final = re.compile(r"\s+")
_LISTED: Final = (
    "adj adv al approx apt art ave avda bzw ca cf co col dept dott dr dra e.g ed est etc fig gen"
    " ggf gob gral hr hrs i.e inc jr lt ltd mlle mme mr mrs ms mt no nr núm p.ej pag pp pág prof"
    " rev sig sr sra srta st str usw vol vs z.b"
)
_ABBREVIATIONS: Final = frozenset(_LISTED.split())
_LOOK: Final = 40
"""Characters around a full stop that tell whether it ends a sentence."""


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, stripped; in any script, abbreviations left whole."""
    return tuple(piece.strip() for piece in _cut(text, _SENTENCE) if piece.strip())


def chunks(text: str, most: int) -> tuple[str, ...]:
    """Pieces of at most ``most`` characters that together are the text, spaces at cuts aside.

    As few as may be: whole sentences together while they fit; a sentence that is too long is cut
    at clauses, at words, and only then within a word.
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
    gathered = ""
    for piece in _cut(text, patterns[0]):
        if len((gathered + piece).strip()) <= most:
            gathered += piece
            continue
        if gathered.strip():
            yield gathered
        gathered = ""
        parts = list(_packed(piece, most, patterns[1:]))
        yield from parts[:-1]
        gathered = parts[-1] if parts else ""
    if gathered.strip():
        yield gathered


def _cut(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    at = 0
    for match in pattern.finditer(text):
        if pattern is _SENTENCE and _goes_on(text, match):
            continue
        yield text[at : match.end()]
        at = match.end()
    yield text[at:]


def _goes_on(text: str, match: re.Match[str]) -> bool:
    """Whether a full stop ends an abbreviation, an initial or a number, and no sentence."""
    if match[0] != ".":
        return False
    before = text[max(0, match.start() - _LOOK) : match.start()].rsplit(None, 1)[-1:] or [""]
    word = before[0].lstrip("([{\"'“‘«¿¡")  # noqa: RUF001
    following = text[match.end() : match.end() + _LOOK].lstrip()[:1]
    initial = len(word) == 1 and word.isalpha() and word.isupper()
    return initial or word.lower() in _ABBREVIATIONS or following.islower()
