"""Measure one engine in one language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.voice_quality import dnsmos
from bench.voice_quality.dnsmos import Dnsmos
from bench.voice_quality.sentences import Sentence
from bench.voice_quality.sound import SoundFacts, resampled, sound_facts
from bench.voice_quality.speaker import Speaker, Spoken
from bench.voice_quality.word_errors import WordErrors, word_errors
from gala_renderer.transcription.whisper import WhisperTranscriber


@dataclass(frozen=True, slots=True)
class Judged:
    """A spoken sentence: what was understood, and how it sounds."""

    sentence: Sentence
    understood: str
    errors: WordErrors
    facts: SoundFacts
    spoken: Spoken


@dataclass(frozen=True, slots=True)
class Quality:
    """All sentences of one set that one engine spoke in one language."""

    judged: Sequence[Judged]
    mos: float
    """The overall rating of DNSMOS."""

    @property
    def error_rate(self) -> float:
        """The word error rate of the whole set."""
        return sum((one.errors for one in self.judged), WordErrors(0, 0)).rate

    @property
    def lufs(self) -> tuple[float, float]:
        """The least and the greatest loudness."""
        return self._range(lambda facts: facts.lufs)

    @property
    def true_peak(self) -> float:
        """The highest true peak."""
        return self._range(lambda facts: facts.true_peak)[1]

    @property
    def clipped(self) -> int:
        """The number of samples at full scale."""
        return sum(one.facts.clipped for one in self.judged)

    @property
    def silence(self) -> float:
        """The longest silence inside a sentence."""
        return self._range(lambda facts: facts.silence)[1]

    @property
    def warm(self) -> tuple[float, float]:
        """Seconds, and CPU seconds of the model, per second of speech, without the first."""
        later = self.judged[1:] or self.judged
        lasts = sum(one.facts.seconds for one in later)
        return (
            sum(one.spoken.took for one in later) / lasts,
            sum(one.spoken.cpu for one in later) / lasts,
        )

    def _range(self, value: Callable[[SoundFacts], float]) -> tuple[float, float]:
        values = [value(one.facts) for one in self.judged]
        return min(values), max(values)


@dataclass(frozen=True, slots=True)
class Judge:
    """The two models that judge speech, and a folder for files."""

    listener: WhisperTranscriber
    rater: Dnsmos
    folder: Path

    def judge(self, speaker: Speaker, sentences: Sequence[Sentence], language: str) -> Quality:
        """Speak and judge every sentence.

        The sentences are rated in sequence, as one recording, because DNSMOS listens to 9 s at a
        time and a sentence takes 3 s.
        """
        wav = self.folder / "judged.wav"
        judged, sounds = [], []
        for sentence in sentences:
            spoken = speaker.speak(sentence.text, language)
            sounds.append(resampled(spoken.path, wav, dnsmos.RATE))
            judged.append(self._judged(sentence, spoken, wav, language))
        return Quality(judged, self.rater.overall(np.concatenate(sounds)))

    def _judged(self, sentence: Sentence, spoken: Spoken, wav: Path, language: str) -> Judged:
        understood = self.listener.transcribe(wav, language, word_timestamps=False).text
        return Judged(
            sentence=sentence,
            understood=understood,
            errors=word_errors(sentence, understood, language),
            facts=sound_facts(spoken.path),
            spoken=spoken,
        )
