"""Phrases, accents and attention: what a presenter's movement follows besides the sounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from gala_renderer.avatars.motion.curves import CLOCK, Curve
from gala_renderer.avatars.motion.loudness import spoken_spans
from gala_renderer.avatars.motion.sounds import stress_of
from gala_renderer.speech.words import Word

_GAP: Final = 0.2
_SENTENCE_END: Final = tuple(".!?…。！？؟।")  # noqa: RUF001 - of other scripts
_QUESTION: Final = tuple("?？؟")  # noqa: RUF001
_HESITATION: Final = ("…", "...")
_CLOSING: Final = "\"'»”’)]"  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Accent:
    """A stressed moment; ``strength`` is from 0 to 1."""

    time: float
    strength: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words spoken without a pause."""

    start: float
    end: float
    accents: tuple[Accent, ...] = ()
    question: bool = False
    hesitant: bool = False
    """Whether it ends in an ellipsis, as of somebody who thinks about what to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a presenter does: its own phrases, those it hears, and where its attention goes.

    ``facing`` has a side for each time from which it applies: -1 left, 0 the viewer, 1 right.
    """

    seconds: float
    phrases: tuple[Phrase, ...] = ()
    heard: tuple[Phrase, ...] = ()
    facing: tuple[tuple[float, float], ...] = ()
    level: Curve | None = None
    """The loudness of the presenter's voice on the clock, if known."""

    def side(self, time: float) -> float:
        """Return the side that the presenter faces at a time."""
        return next((side for since, side in reversed(self.facing) if since <= time), 0.0)

    def next_phrase(self, time: float) -> float:
        """Return when the presenter's next phrase begins, or the end."""
        starts = (phrase.start for phrase in self.phrases if phrase.start >= time)
        return next(starts, self.seconds)

    def pauses(self) -> Iterator[tuple[float, float]]:
        """Yield the times between the presenter's phrases, with those before and after them."""
        reached = 0.0
        for phrase in self.phrases:
            if phrase.start > reached:
                yield reached, phrase.start
            reached = max(reached, phrase.end)
        if self.seconds > reached:
            yield reached, self.seconds


def phrases_of(words: Sequence[Word], level: Curve | None = None) -> tuple[Phrase, ...]:
    """Return the phrases of timed words; they end at pauses and at the ends of sentences."""
    groups: list[list[Word]] = []
    for word in sorted(words, key=lambda each: each.start):
        if not groups or word.start - groups[-1][-1].end >= _GAP or _ends(groups[-1][-1]):
            groups.append([])
        groups[-1].append(word)
    return tuple(_phrase(group, level) for group in groups)


def phrases_of_sound(level: Curve) -> tuple[Phrase, ...]:
    """Return the phrases of a sound, with accents at its peaks of loudness."""
    return tuple(
        Phrase(start, end, tuple(_peaks(level, start, end))) for start, end in spoken_spans(level)
    )


def _ends(word: Word) -> bool:
    return word.text.rstrip(_CLOSING).endswith(_SENTENCE_END)


def _phrase(words: Sequence[Word], level: Curve | None) -> Phrase:
    end = max(word.end for word in words)
    accents = [accent for word in words for accent in _accents(word, level)]
    if not accents:
        # No phonemes, or a language without stress.
        accents = list(_lengthened(words) if level is None else _peaks(level, words[0].start, end))
    if accents:
        accents[-1] = Accent(accents[-1].time, min(1.0, accents[-1].strength + 0.3))
    last = words[-1].text.rstrip(_CLOSING)
    question, hesitant = last.endswith(_QUESTION), last.endswith(_HESITATION)
    return Phrase(words[0].start, end, tuple(accents), question, hesitant)


def _accents(word: Word, level: Curve | None) -> Iterator[Accent]:
    for phoneme in word.phonemes:
        if stress_of(phoneme.symbol) < 1.0:
            continue
        strength = 0.25 + 0.35 * min(1.0, max(0.0, phoneme.end - phoneme.start) / 0.18)
        strength += 0.15 * (len(word.phonemes) >= 5) + 0.25 * ("!" in word.text)
        if level is not None:
            heard = level[min(len(level) - 1, int(phoneme.start * CLOCK))]
            strength += 0.6 * (float(heard) - 0.75)
        yield Accent(phoneme.start, min(1.0, max(0.05, strength)))
        return


def _lengthened(words: Sequence[Word]) -> Iterator[Accent]:
    """Yield an accent in each word that is longer than those of its phrase on average."""
    usual = sum(word.end - word.start for word in words) / len(words)
    for word in words:
        if word.end - word.start >= usual:
            yield Accent(word.start + 0.3 * (word.end - word.start), 0.4)


def _peaks(level: Curve, start: float, end: float) -> Iterator[Accent]:
    step = round(0.6 * CLOCK)
    for first in range(int(start * CLOCK), int(end * CLOCK), step):
        piece = level[first : min(first + step, int(end * CLOCK))]
        if piece.size:
            at = int(np.argmax(piece))
            yield Accent((first + at) / CLOCK, float(min(1.0, piece[at])) ** 3 * 0.8)
