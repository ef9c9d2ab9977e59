"""Kokoro in the calling process: speaks a text passage by passage with a loaded model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from gala_renderer.speech.kokoro.given_phonemes import GivenPhonemes
from gala_renderer.speech.kokoro.model import RATE, KokoroModel, Samples, Shares
from gala_renderer.speech.kokoro.passages import COMFORTABLE, passages
from gala_renderer.speech.kokoro.phonemize import Pronunciation, pronouncer
from gala_renderer.speech.kokoro.voices import TAGS, chosen
from gala_renderer.speech.kokoro.word_times import FRAMES_A_SECOND, timed, words_of
from gala_renderer.speech.protocol import IpaStretch
from gala_renderer.speech.word_tokens import Span, written_words
from gala_renderer.speech.words import Word

_FADE: Final = RATE // 200
_SILENT_LEVEL: Final = 0.01
_JOIN_SILENCE: Final = RATE // 20
_NOTHING_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class SpokenPassage:
    """The sound of one passage (mono, 24 kHz, samples from -1 to 1) and its words.

    Times count from the start of the whole text; ``fraction`` of the text is spoken so far.
    """

    samples: Samples
    words: tuple[Word, ...]
    fraction: float


class KokoroSynthesizer:
    """Speaks with a loaded model. Not thread-safe.

    ``most`` is the number of symbols per passage (at most 510); with fewer, the first sound is
    ready sooner.
    """

    def __init__(self, model: KokoroModel, *, most: int = COMFORTABLE):
        self._model = model
        self._most = most
        self._pronouncer = cache(pronouncer)

    def speak(
        self,
        text: str,
        *,
        voice: str | None = None,
        language: str | None = None,
        speed: float = 1.0,
        ipa: Sequence[IpaStretch] = (),
    ) -> Iterator[SpokenPassage]:
        """Yield the speech passage by passage, each as soon as it is ready.

        ``voice`` may be a mix (``af_heart:0.6+af_bella:0.4``). The same request always gives the
        same samples. Raise ``InvalidRequest`` for an unknown voice or language.
        """
        choice = chosen(voice, language, self._model.voices)
        spans = written_words(text, TAGS[choice.tongue])
        given = GivenPhonemes(self._pronouncer(choice.tongue), choice.tongue, ipa)
        yield from self._pieces(text, spans, given, choice.shares, speed)

    def _pieces(
        self,
        text: str,
        spans: Sequence[Span],
        given: GivenPhonemes,
        shares: Shares,
        speed: float,
    ) -> Iterator[SpokenPassage]:
        def pronounce(stretch: str, words: Sequence[Span], begin: int) -> Pronunciation:
            return given.sounds(stretch, words, begin).only(self._model.known)

        length, done, reached, goes_on = 0, 0, 0.0, False
        for passage in passages(text, spans, pronounce, self._most):
            if not passage.sounds.symbols:
                continue
            samples, frames = self._model.infer(passage.sounds.symbols, shares, speed)
            samples, cut = _joinable(samples, frames, before=goes_on, after=not passage.whole)
            begin, length = length, length + len(samples)
            audible = timed(passage.sounds, frames, begin=(begin - cut) / RATE, least=begin / RATE)
            texts = [text[slice(*spans[at])] for at in range(done, passage.words.stop)]
            words = words_of(texts, audible, first=done, reached=reached, seconds=length / RATE)
            reached = words[-1].end if words else reached
            done, goes_on = passage.words.stop, not passage.whole
            yield SpokenPassage(samples, words, done / len(spans))
        if done < len(spans) or not spans:
            yield _unspoken([text[slice(*span)] for span in spans[done:]], length)


def _unspoken(texts: Sequence[str], length: int) -> SpokenPassage:
    """Return the rest of a text that has no phonemes, such as an emoji at the end."""
    samples = np.zeros(0 if length else int(_NOTHING_SECONDS * RATE), np.float32)
    at = length / RATE
    return SpokenPassage(samples, tuple(Word(text, at, at) for text in texts), 1.0)


def _joinable(
    samples: Samples, frames: Sequence[int], *, before: bool, after: bool
) -> tuple[Samples, int]:
    """Prepare a passage for joining; also return the number of samples removed at its start.

    Within a sentence most of the silence at a join is removed; short fades avoid clicks.
    """
    audible = np.flatnonzero(np.abs(samples) > _SILENT_LEVEL * np.abs(samples).max(initial=0.0))
    first, last = (int(audible[0]), int(audible[-1]) + 1) if len(audible) else (0, len(samples))
    frame = RATE // FRAMES_A_SECOND
    start, end = 0, len(samples)
    if before:
        start = max(0, min(first, frames[0] * frame) - _JOIN_SILENCE)
    if after:
        end = min(end, max(last, end - frames[-1] * frame) + _JOIN_SILENCE)
    joinable = samples[start:end].copy()
    ramp = np.linspace(0, 1, min(_FADE, len(joinable)), dtype=np.float32)
    joinable[: len(ramp)] *= ramp
    joinable[len(joinable) - len(ramp) :] *= ramp[::-1]
    return joinable, start
