"""Phrase boundaries in scripts without spaces: Japanese, Chinese and Thai."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, groupby
from typing import Any, Final

from gala_renderer.text_layout.line_break import Break

_KANA: Final = frozenset({"Hira", "Kana"})
_JAPANESE: Final = _KANA | {"Hani"}
_LONGEST: Final = 5000
"""Runs with more characters than this are not segmented."""


def at_phrases(text: str, scripts: Sequence[str], breaks: Sequence[Break]) -> tuple[Break, ...]:
    """Return the breaks, rated ``POOR`` within a phrase and ``GOOD`` between phrases."""
    rated = list(breaks)
    for start, end, language in _unspaced_runs(scripts):
        starts = _phrase_starts(text[start:end], language)
        for at in range(start + 1, end):
            if rated[at]:
                rated[at] = Break.GOOD if at - start in starts else Break.POOR
    return tuple(rated)


def _unspaced_runs(scripts: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    for unspaced, span in groupby(range(len(scripts)), lambda at: _family(scripts[at])):
        indices = list(span)
        start, end = indices[0], indices[-1] + 1
        if unspaced is None or end - start > _LONGEST:
            continue
        japanese = not _KANA.isdisjoint(scripts[start:end])
        yield start, end, "japanese" if japanese else unspaced


def _family(script: str) -> str | None:
    if script in _JAPANESE:
        return "chinese"
    return "thai" if script == "Thai" else None


def _phrase_starts(text: str, language: str) -> set[int]:
    return set(accumulate(len(phrase) for phrase in _parser(language).parse(text)))


@cache
def _parser(language: str) -> Any:
    import budoux  # noqa: PLC0415 - rarely needed

    load = {
        "japanese": budoux.load_default_japanese_parser,
        "chinese": budoux.load_default_simplified_chinese_parser,
        "thai": budoux.load_default_thai_parser,
    }[language]
    return load()
