"""Where phrases begin in scripts that write no spaces: Japanese, Chinese and Thai."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, groupby
from typing import Any, Final

from gala_renderer.text_layout.line_break import Break

_KANA: Final = frozenset({"Hira", "Kana"})
_JAPANESE: Final = _KANA | {"Hani"}
_LONGEST: Final = 5000
"""Characters of a stretch beyond which phrases are not looked for."""


def at_phrases(text: str, scripts: Sequence[str], breaks: Sequence[Break]) -> tuple[Break, ...]:
    """The breaks, of which those within a phrase are poor ones and those between are good."""
    better = list(breaks)
    for start, end, language in _stretches(scripts):
        begins = _begins(text[start:end], language)
        for at in range(start + 1, end):
            if better[at]:
                better[at] = Break.GOOD if at - start in begins else Break.POOR
    return tuple(better)


def _stretches(scripts: Sequence[str]) -> Iterator[tuple[int, int, str]]:
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


def _begins(text: str, language: str) -> set[int]:
    return set(accumulate(len(phrase) for phrase in _parser(language).parse(text)))


@cache
def _parser(language: str) -> Any:
    import budoux  # noqa: PLC0415 - most texts do without it

    load = {
        "japanese": budoux.load_default_japanese_parser,
        "chinese": budoux.load_default_simplified_chinese_parser,
        "thai": budoux.load_default_thai_parser,
    }[language]
    return load()
