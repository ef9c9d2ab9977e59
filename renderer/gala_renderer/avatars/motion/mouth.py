"""Curves of the mouth for timed words.

Coarticulation is that of Cohen and Massaro ("Modeling Coarticulation in Synthetic Visual Speech",
1993): every sound has a target for each field of the mouth and a dominance that rises before it and
falls after it, and a field is the mean of the targets weighted by dominance. The dominance is flat
in the middle of the sound and Gaussian outside, which has no corners.

JALI's hard rules (see ``visemes``) come on top: the lips close fully for m, b, p, and the lower lip
reaches the teeth for f, v, for at least one frame however fast the speech; in silence the mouth is
shut. openfacefx 0.24.0 (MIT) was examined: it normalises all visemes to a sum of 1, so a closure is
a weight among others, and it is an alpha by one author; nothing of it is used.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.motion.curves import CLOCK, Curve, ease, smoothed
from gala_renderer.avatars.motion.sounds import sounds_of, spelled, stress_of
from gala_renderer.avatars.motion.visemes import (
    AFTER,
    BEFORE,
    FIELDS,
    VALUES,
    VOWELS,
    WEIGHTS,
    Viseme,
    table,
)
from gala_renderer.speech.words import Phoneme, Word

SHORTEST_PAUSE: Final = 0.12
"""Silences shorter than this do not shut the mouth."""
_USUAL_FRAME: Final = 1 / 24
_CLOSED: Final = _USUAL_FRAME + 1.2 / CLOCK
"""The least duration of a closure: one frame at the lowest usual rate, whatever its phase."""
_QUICKEST: Final = 0.035
_LIPS, _JAW = 0.07, 0.1
"""The longest that lips and jaw take to close."""
_LONGEST: Final = 0.6
_LONGEST_AT_END: Final = 0.22
"""The longest phonemes in seconds, if it is not known whether they contain silence."""
_SHUTTING, _OPENING = 0.075, 0.07
"""From the beginning of a silence to shut lips, and from these to its end."""
_STRESSED, _UNSTRESSED = 1.12, 0.88
_REACH: Final = 3.2
_BATCH: Final = 4096
"""Sounds summed at a time, which limits the memory."""
_PRESSURE: Final = {"m": 0.35, "b": 0.5, "p": 0.6}


@dataclass(frozen=True, slots=True)
class Segment:
    """One sound or silence."""

    viseme: Viseme
    start: float
    end: float
    strength: float = 1.0
    pressure: float = 0.0

    @property
    def shuts(self) -> bool:
        """Whether the lips close fully."""
        return self.viseme is Viseme.SIL or (self.viseme is Viseme.PP and self.strength >= 1.0)


@dataclass(frozen=True, slots=True)
class Hold:
    """A closure: full from ``start`` to ``end``."""

    start: float
    end: float
    height: float = 1.0


def timed_phonemes(words: Sequence[Word], seconds: float) -> list[Phoneme]:
    """Return the phonemes of all words in order, none before the end of the previous one.

    Words without phonemes get their letters.
    """
    found: list[Phoneme] = []
    reached = 0.0
    for word in sorted(words, key=lambda each: each.start):
        for phoneme in word.phonemes or _letters(word):
            start = min(max(phoneme.start, reached), seconds)
            reached = min(max(phoneme.end, start), seconds)
            found.append(Phoneme(phoneme.symbol, start, reached))
    return found


def shortened(words: Sequence[Word]) -> list[Word]:
    """Return the words with shorter phonemes where silence may be counted as a part of them.

    These are very long phonemes, and long ones before punctuation.
    """
    return [
        replace(word, phonemes=tuple(_within(word.phonemes, _longest_last(word)))) for word in words
    ]


def _longest_last(word: Word) -> float:
    return _LONGEST if word.text[-1:].isalnum() else _LONGEST_AT_END


def _within(phonemes: Sequence[Phoneme], last: float) -> Iterator[Phoneme]:
    for index, phoneme in enumerate(phonemes):
        longest = last if index == len(phonemes) - 1 else _LONGEST
        yield replace(phoneme, end=min(phoneme.end, phoneme.start + longest))


def without_silence(
    phonemes: Sequence[Phoneme], silences: Sequence[tuple[float, float]]
) -> list[Phoneme]:
    """Return the phonemes without their parts in silences, which are in order."""
    found: list[Phoneme] = []
    ends = [end for _, end in silences]
    for phoneme in phonemes:
        start, end = phoneme.start, phoneme.end
        for quiet, loud in silences[bisect_right(ends, start) :]:
            if quiet >= end:
                break
            if quiet <= start:
                start = loud
            else:
                end = quiet
        if start <= end:
            found.append(Phoneme(phoneme.symbol, start, end))
    return found


def _letters(word: Word) -> tuple[Phoneme, ...]:
    symbols = spelled(word.text)
    if not symbols:
        return ()
    edges = np.linspace(word.start, max(word.start, word.end), len(symbols) + 1).tolist()
    return tuple(map(Phoneme, symbols, edges, edges[1:]))


def segments_of(phonemes: Sequence[Phoneme], seconds: float) -> list[Segment]:
    """Return the sounds and the silences between them, before and after."""
    stressed = any(stress_of(phoneme.symbol) for phoneme in phonemes)
    segments: list[Segment] = []
    reached = -1.0
    for phoneme in phonemes:
        sounds = list(_sounds(phoneme, stressed=stressed))
        if not sounds:
            continue
        if phoneme.start - reached >= SHORTEST_PAUSE or not segments:
            segments.append(Segment(Viseme.SIL, reached, phoneme.start))
        segments += sounds
        reached = phoneme.end
    segments.append(Segment(Viseme.SIL, reached, max(reached, seconds) + 1.0))
    return segments


def _sounds(phoneme: Phoneme, *, stressed: bool) -> Iterator[Segment]:
    start, duration = phoneme.start, phoneme.end - phoneme.start
    factor = 1.0
    if stressed:
        factor = _UNSTRESSED + (_STRESSED - _UNSTRESSED) * stress_of(phoneme.symbol)
    pressure = max((_PRESSURE.get(letter, 0.0) for letter in phoneme.symbol), default=0.0)
    for sound, share in sounds_of(phoneme.symbol):
        end = start + share * duration
        strength = sound.strength * (factor if sound.viseme in VOWELS else 1.0)
        yield Segment(sound.viseme, start, end, strength, pressure)
        start = end


def blended(segments: Sequence[Segment], samples: int) -> dict[str, Curve]:
    """Return the fields that blend, by name."""
    shapes = table()[[segment.viseme for segment in segments]]
    strengths = np.array([s.strength if s.viseme in VOWELS else 1.0 for s in segments])
    shapes[:, FIELDS.index("jaw"), VALUES] *= strengths
    edges = np.array([(segment.start, segment.end) for segment in segments])
    return {
        name: smoothed(_field(shapes[:, at], edges, samples), 0.012)
        for at, name in enumerate(FIELDS)
    }


def _field(shape: NDArray[np.float64], edges: NDArray[np.float64], samples: int) -> Curve:
    """Return the mean of the targets of one field, weighted by dominance."""
    durations = edges[:, 1] - edges[:, 0]
    inset = np.minimum(0.25 * durations, 0.03)
    cores = np.stack([edges[:, 0] + inset, edges[:, 1] - inset], axis=1)
    # Fast speech has less time for transitions.
    tempo = np.clip(durations / 0.08, 0.6, 1.2)
    reaches = shape[:, [BEFORE, AFTER]] * tempo[:, None]
    sums = np.zeros((2, samples))
    for some in np.array_split(np.arange(len(shape)), -(-len(shape) // _BATCH)):
        _add_dominance(sums, shape[some], cores[some], reaches[some])
    return np.asarray(sums[1] / np.maximum(sums[0], 1e-9))


def _add_dominance(
    sums: NDArray[np.float64],
    shape: NDArray[np.float64],
    cores: NDArray[np.float64],
    reaches: NDArray[np.float64],
) -> None:
    """Add to the dominance of all sounds, and to their targets weighted by it."""
    samples = sums.shape[1]
    begin, end = cores[:, 0] - _REACH * reaches[:, 0], cores[:, 1] + _REACH * reaches[:, 1]
    first = np.clip(np.floor(begin * CLOCK), 0, samples).astype(np.int64)
    counts = np.clip(np.ceil(end * CLOCK), first, samples).astype(np.int64) - first
    owner = np.repeat(np.arange(len(counts)), counts)
    at = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    now = at / CLOCK
    early = np.maximum(cores[owner, 0] - now, 0.0) / reaches[owner, 0]
    late = np.maximum(now - cores[owner, 1], 0.0) / reaches[owner, 1]
    dominance = shape[owner, WEIGHTS] * np.exp(-0.5 * (early + late) ** 2)
    base = int(first.min())
    for row, weights in enumerate((dominance, dominance * shape[owner, VALUES])):
        added = np.bincount(at - base, weights)
        sums[row, base : base + len(added)] += added


def shut_holds(segments: Sequence[Segment], least: float) -> list[Hold]:
    """Return where the lips are shut, each time for ``least`` seconds.

    Adjacent closures and silences are one.
    """
    holds: list[Hold] = []
    previous: Segment | None = None
    for segment in segments:
        if segment.shuts:
            hold = _hold(segment, least)
            if holds and previous is not None and previous.shuts:
                hold = Hold(holds.pop().start, max(hold.end, previous.end))
            holds.append(hold)
        previous = segment
    return holds


def _hold(segment: Segment, least: float) -> Hold:
    start, end = segment.start, segment.end
    if segment.viseme is Viseme.SIL:
        start, end = start + _SHUTTING, end - _OPENING
    return _at_least(start, end, least)


def _at_least(start: float, end: float, least: float, height: float = 1.0) -> Hold:
    short = max(0.0, least - (end - start)) / 2
    return Hold(start - short, end + short, height)


def held(
    holds: Sequence[Hold],
    samples: int,
    slowest: float = _LIPS,
    vowels: Sequence[float] = (),
) -> Curve:
    """Return the curve of closures, with eased ramps whose length fits the time between them.

    ``vowels`` are the middles of vowels, in order: by then the mouth has opened, and from then on
    it may close, so that short vowels between closures are seen.
    """
    curve = np.zeros(samples)
    for index, hold in enumerate(holds):
        gap_before = hold.start - holds[index - 1].end if index else math.inf
        gap_after = holds[index + 1].start - hold.end if index + 1 < len(holds) else math.inf
        before, after = bisect_right(vowels, hold.start), bisect_right(vowels, hold.end)
        from_vowel = hold.start - vowels[before - 1] if before else math.inf
        to_vowel = vowels[after] - hold.end if after < len(vowels) else math.inf
        rise = max(min(_ramp(gap_before, slowest), from_vowel), _QUICKEST)
        fall = max(min(_ramp(gap_after, slowest), to_vowel), _QUICKEST)
        span, now = _clock_span(hold.start - rise, hold.end + fall, samples)
        up = ease((now - (hold.start - rise)) / rise)
        down = ease((hold.end + fall - now) / fall)
        np.maximum(curve[span], hold.height * np.minimum(up, down), out=curve[span])
    return curve


def _clock_span(start: float, end: float, samples: int) -> tuple[slice, Curve]:
    """Return the samples of the clock from ``start`` to ``end``, and their times.

    There are none if all of that is before the beginning or after the last sample.
    """
    first = min(max(0, math.floor(start * CLOCK)), samples)
    last = min(max(first, math.ceil(end * CLOCK) + 1), samples)
    return slice(first, last), np.arange(first, last) / CLOCK


def _ramp(gap: float, slowest: float) -> float:
    return min(max(0.5 * gap, _QUICKEST), slowest)


def _pressing(segments: Sequence[Segment], samples: int) -> Curve:
    curve = np.zeros(samples)
    for segment in segments:
        if segment.viseme is not Viseme.PP or not segment.shuts:
            continue
        hold = _at_least(segment.start, segment.end, _CLOSED)
        span, now = _clock_span(hold.start, hold.end, samples)
        share = np.clip((now - hold.start) / (hold.end - hold.start), 0.0, 1.0)
        np.maximum(curve[span], segment.pressure * np.sin(np.pi * share) ** 2, out=curve[span])
    return smoothed(curve, 0.015)


def mouth_curves(
    phonemes: Sequence[Phoneme],
    seconds: float,
    samples: int,
    *,
    frame: float = 0.0,
) -> dict[str, Curve]:
    """Return the curves of the mouth, by their names in ``Pose``.

    Closures last at least for ``frame`` seconds, or those of the longest usual frame.
    """
    segments = segments_of(phonemes, seconds)
    curves = blended(segments, samples)
    near = [
        Hold(s.start, s.end, s.strength) for s in segments if s.viseme is Viseme.PP and not s.shuts
    ]
    least = _CLOSED + max(0.0, frame - _USUAL_FRAME)
    holds = shut_holds(segments, least)
    vowels = [(s.start + s.end) / 2 for s in segments if s.viseme in VOWELS]
    curves["jaw"] *= 1.0 - held(holds, samples, _JAW, vowels)
    shut = np.maximum(held(holds, samples, vowels=vowels), held(near, samples, vowels=vowels))
    teeth = [
        _at_least(s.start, s.end, least, s.strength) for s in segments if s.viseme is Viseme.FF
    ]
    curves["shut"] = shut
    curves["press"] = _pressing(segments, samples)
    curves["lip_to_teeth"] = held(teeth, samples) * (1.0 - shut)
    return curves
