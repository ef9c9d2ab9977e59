"""Convert espeak-ng's events to word times. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, Final

from gala.render_types.params.voice import can_be_spoken
from gala_renderer.speech.word_tokens import Span
from gala_renderer.speech.words import Phoneme, Word

_WORDS_COMPARED: Final = 6
_SYMBOLS_COMPARED: Final = 40
"""Longer groups occur only in a script that the voice cannot read."""
_STRESS: Final = str.maketrans("", "", "ˈˌ")
_VOWELS: Final = frozenset("aeiouyɑɐɒæɓəɘɚɛɜɝɞɨɪɔøɵœɶʉʊʌɯɤᵻ")  # noqa: RUF001 - the IPA's own letters


@dataclass(slots=True)
class _Group:
    """Written words, from index ``first``, that were spoken as one, and their phonemes."""

    first: int
    phonemes: list[Phoneme] = field(default_factory=list)


def words_of(
    text: str,
    spans: Sequence[Span],
    events: Iterable[Sequence[Any]],
    alone: Mapping[str, Sequence[str]],
    *,
    rate: int,
    samples: int,
) -> tuple[Word, ...]:
    """Return one word for each span of the text.

    ``events`` are ``("word", position, sample)`` and ``("phoneme", symbol, sample)`` in order;
    ``alone`` has the pronunciation of the words without an event of their own.
    """
    groups = _groups(spans, events, rate, samples) if spans else []
    phonemes_by_word: dict[int, Sequence[Phoneme]] = {}
    for at, group in enumerate(groups):
        until = groups[at + 1].first if at + 1 < len(groups) else len(spans)
        members = range(group.first, until)
        texts = [text[slice(*spans[index])] for index in members]
        phonemes_by_word.update(zip(members, _divided(group.phonemes, texts, alone), strict=True))
    return _timed(text, spans, phonemes_by_word, samples / rate)


def _groups(
    spans: Sequence[Span], events: Iterable[Sequence[Any]], rate: int, samples: int
) -> list[_Group]:
    starts = [start for start, _ in spans]
    listed = [*events, ("phoneme", "", samples)]
    groups: list[_Group] = []
    begun: tuple[str, float] | None = None
    for kind, what, sample in listed:
        moment = sample / rate
        if begun is not None and groups:
            groups[-1].phonemes.append(Phoneme(begun[0], begun[1], max(begun[1], moment)))
        begun = None
        if kind == "phoneme":
            begun = (what, moment) if what else None
            continue
        index = max(0, bisect_right(starts, what) - 1)
        # Positions may go back, for example in numbers; the words are still spoken in order.
        if not groups or index > groups[-1].first:
            groups.append(_Group(index))
    return groups


def _divided(
    phonemes: Sequence[Phoneme], texts: Sequence[str], alone: Mapping[str, Sequence[str]]
) -> list[Sequence[Phoneme]]:
    """Divide the phonemes of words spoken as one (``of the``) among the words."""
    pronounced = [index for index, text in enumerate(texts) if index == 0 or can_be_spoken(text)]
    pronounced = [index for index in pronounced if alone.get(texts[index])] or [0]
    cuts = _cuts(
        [p.symbol for p in phonemes], [alone.get(texts[index], ()) for index in pronounced]
    )
    divided: list[Sequence[Phoneme]] = [()] * len(texts)
    for index, (start, end) in zip(pronounced, pairwise(cuts), strict=True):
        divided[index] = phonemes[start:end]
    return divided


def _cuts(symbols: Sequence[str], words: Sequence[Sequence[str]]) -> list[int]:
    """Return where to cut the symbols so that the parts are most similar to the words."""
    if len(words) == 1:
        return [0, len(symbols)]
    if len(words) > _WORDS_COMPARED or len(symbols) > _SYMBOLS_COMPARED:
        return _proportional(len(symbols), [len(word) for word in words])
    best: list[tuple[float, list[int]]] = [
        (distance, [0, end]) for end, distance in enumerate(_distances(symbols, words[0]))
    ]
    for word in words[1:]:
        distances_from = [_distances(symbols[start:], word) for start in range(len(symbols) + 1)]
        best = [
            min(
                (best[start][0] + distances_from[start][end - start], [*best[start][1], end])
                for start in range(end + 1)
            )
            for end in range(len(symbols) + 1)
        ]
    return best[-1][1]


def _proportional(symbols: int, lengths: Sequence[int]) -> list[int]:
    """Return cuts in proportion to the lengths of the separate pronunciations."""
    previous_end = accumulate(lengths, initial=0)
    return [round(symbols * length / sum(lengths)) for length in previous_end]


def _distances(symbols: Sequence[str], expected: Sequence[str]) -> list[float]:
    """Return the edit distance of each prefix of ``symbols`` from ``expected``, shortest first.

    Replacing a vowel by a vowel or a consonant by a consonant costs half.
    """
    row = [float(index) for index in range(len(expected) + 1)]
    distances = [row[-1]]
    for count, symbol in enumerate(symbols, start=1):
        diagonal, row[0] = row[0], float(count)
        for index, other in enumerate(expected):
            replaced = diagonal + _substitution_cost(symbol, other)
            diagonal = row[index + 1]
            row[index + 1] = min(replaced, row[index] + 1, row[index + 1] + 1)
        distances.append(row[-1])
    return distances


@lru_cache(maxsize=1 << 16)
def _substitution_cost(symbol: str, other: str) -> float:
    one, two = symbol.translate(_STRESS), other.translate(_STRESS)
    if one == two:
        return 0.0
    return 0.5 if (one[:1] in _VOWELS) == (two[:1] in _VOWELS) else 1.5


def _timed(
    text: str,
    spans: Sequence[Span],
    phonemes_by_word: Mapping[int, Sequence[Phoneme]],
    seconds: float,
) -> tuple[Word, ...]:
    """Return timed words; words without phonemes (an emoji) lie between their neighbours."""
    following = [seconds] * len(spans)
    for index in range(len(spans) - 2, -1, -1):
        after = phonemes_by_word.get(index + 1)
        following[index] = after[0].start if after else following[index + 1]
    words: list[Word] = []
    previous_end = 0.0
    for index, span in enumerate(spans):
        phonemes = tuple(phonemes_by_word.get(index, ()))
        start = max(previous_end, phonemes[0].start) if phonemes else previous_end
        previous_end = max(start, phonemes[-1].end if phonemes else following[index])
        words.append(Word(text[slice(*span)], start, previous_end, phonemes))
    return tuple(words)
