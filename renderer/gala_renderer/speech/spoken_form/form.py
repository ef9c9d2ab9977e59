"""The spoken form of a text, and the times of its written words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from gala.render_types.params.pronunciations import Pronunciation, matching
from gala_renderer.speech.protocol import IpaStretch
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
    ipa: tuple[IpaStretch, ...] = ()
    """The stretches of the spoken text that have given phonemes."""

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
    takes_ipa: bool = False,
) -> SpokenForm:
    """Return what a person would say for a text.

    Without ``rules``, or in a language without a table, only the pronunciations are applied. Those
    in the IPA are for engines that take it (``takes_ipa``); their text is the written one without
    spaces.
    """
    taken = bytearray(len(text))
    listed = _applying(pronunciations, language, takes_ipa=takes_ipa)
    found = list(_free(_pronounced(text, listed, takes_ipa=takes_ipa), taken))
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


def _applying(
    pronunciations: Sequence[Pronunciation], language: str | None, *, takes_ipa: bool
) -> Mapping[str, Pronunciation]:
    """Return the pronunciations of a language by their text; its own come before those of all."""
    applying = [one for one in pronunciations if one.applies_to(language)]
    applying.sort(key=lambda one: len(one.language or ""))
    return {one.text: one for one in applying if one.say is not None or takes_ipa}


def _pronounced(
    text: str, listed: Mapping[str, Pronunciation], *, takes_ipa: bool
) -> Iterator[Replacement]:
    if not listed:
        return
    for match in matching(listed).finditer(text):
        ipa = listed[match[0]].ipa if takes_ipa else None
        spoken = "".join(match[0].split()) if ipa else listed[match[0]].say or ""
        yield Replacement(match.start(), match.end(), spoken, ipa)


def _built(text: str, replacements: Sequence[Replacement]) -> SpokenForm:
    pieces: list[str] = []
    changes: list[Change] = []
    ipa: list[IpaStretch] = []
    at = length = 0
    for one in replacements:
        kept = text[at : one.start]
        before = kept[-1:] or (pieces[-1][-1:] if pieces else "")
        spoken = f" {one.spoken}" if before.isalnum() else one.spoken
        if text[one.end : one.end + 1].isalnum():
            spoken += " "
        length += len(kept)
        changes.append(Change((one.start, one.end), (length, length + len(spoken))))
        if one.ipa:
            begin = length + spoken.index(one.spoken)
            ipa.append(IpaStretch(begin, begin + len(one.spoken), one.ipa))
        length += len(spoken)
        pieces += [kept, spoken] if spoken else [kept]
        at = one.end
    return SpokenForm(text, "".join([*pieces, text[at:]]), tuple(changes), tuple(ipa))
