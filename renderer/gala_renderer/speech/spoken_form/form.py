"""The spoken form of a text, and the times of its written words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from gala.render_types.params.voice import Pronunciation
from gala_renderer.speech.spoken_form import (
    acronyms,
    calendar,
    clock,
    fractions,
    ordinals,
    quantities,
    symbols,
    telephone,
)
from gala_renderer.speech.spoken_form.addresses import ADDRESSES
from gala_renderer.speech.spoken_form.language import SpokenLanguage
from gala_renderer.speech.spoken_form.languages.tables import language_for
from gala_renderer.speech.spoken_form.numbers import NUMBERS, VERSIONS
from gala_renderer.speech.spoken_form.rule import Replacement, Rule


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of the written text and the stretch of the spoken text that replaces it."""

    written: tuple[int, int]
    spoken: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SpokenForm:
    """A text as written and as spoken; everything outside the changes is equal in both."""

    written: str
    spoken: str
    changes: tuple[Change, ...] = ()

    def written_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the written stretch of a spoken stretch; a change counts as a whole."""
        return self._written(start, end=False), self._written(end, end=True)

    def _written(self, at: int, *, end: bool) -> int:
        # The end of a stretch belongs to the character before it.
        inside = at - 1 if end else at
        index = bisect_right(self.changes, inside, key=lambda change: change.spoken[0]) - 1
        if index < 0:
            return at
        change = self.changes[index]
        if inside < change.spoken[1]:
            return change.written[1 if end else 0]
        return at + change.written[1] - change.spoken[1]


def spoken_form(
    text: str,
    language: str | None,
    pronunciations: Sequence[Pronunciation] = (),
    *,
    rules: bool = True,
) -> SpokenForm:
    """Return what a person would say for a text.

    Without ``rules``, or in a language without a table, only the pronunciations are applied.
    """
    taken = bytearray(len(text))
    found = list(_free(_pronounced(text, pronunciations), taken))
    table = language_for(language) if rules and language else None
    if table is not None:
        found += _by_rules(text, table, taken)
    return _built(text, sorted(found, key=lambda one: one.start))


def _by_rules(text: str, table: SpokenLanguage, taken: bytearray) -> Iterator[Replacement]:
    yield from _free(symbols.emoji_names(text, table), taken)
    for rule in _rules(table):
        for match in rule.pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            yield from _free(rule.replacements(match, table), taken)


@cache
def _rules(table: SpokenLanguage) -> tuple[Rule, ...]:
    """Return all rules of a language; a stretch of text belongs to the first that speaks it."""
    return (
        *ADDRESSES,
        *symbols.TAGS,
        *telephone.rules(table),
        *calendar.rules(table),
        *clock.rules(table),
        *fractions.DECADES,
        *ordinals.rules(table),
        *quantities.rules(table),
        *VERSIONS,
        *fractions.FRACTIONS,
        *fractions.RANGES,
        *NUMBERS,
        *acronyms.rules(table),
        *symbols.SIGNS,
    )


def _free(replacements: Iterable[Replacement], taken: bytearray) -> Iterator[Replacement]:
    for one in replacements:
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            yield one


def _pronounced(text: str, pronunciations: Sequence[Pronunciation]) -> Iterator[Replacement]:
    if not pronunciations:
        return
    said = {one.text: one.say for one in pronunciations}
    listed = sorted(said, key=len, reverse=True)
    words = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, listed))})(?!\w)")
    for match in words.finditer(text):
        yield Replacement(match.start(), match.end(), said[match[0]])


def _built(text: str, replacements: Sequence[Replacement]) -> SpokenForm:
    pieces: list[str] = []
    changes: list[Change] = []
    at = length = 0
    for one in replacements:
        kept = text[at : one.start]
        before = kept[-1:] or (pieces[-1][-1:] if pieces else "")
        spoken = f" {one.spoken}" if before.isalnum() else one.spoken
        if text[one.end : one.end + 1].isalnum():
            spoken += " "
        length += len(kept)
        changes.append(Change((one.start, one.end), (length, length + len(spoken))))
        length += len(spoken)
        pieces += [kept, spoken] if spoken else [kept]
        at = one.end
    return SpokenForm(text, "".join([*pieces, text[at:]]), tuple(changes))
