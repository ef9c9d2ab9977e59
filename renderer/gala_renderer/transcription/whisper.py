"""Faster Whisper, in the calling process: loads a folder of weights and transcribes.

Never downloads anything. Importing this module loads neither the model nor the library.
"""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gala.errors import EngineMissing, InvalidRequest
from gala.installation import install_hint
from gala.name_suggestions import language_suggestion
from gala.render_types.params.transcription import whisper_language
from gala_renderer.engine.plan import Report
from gala_renderer.transcription.whisper_models import WhisperModels, name_of

RATE: Final = 16_000

_STRETCH_SECONDS: Final = 180
_CUT_SECONDS: Final = 20
_UNABLE_TO_TRANSLATE: Final = ("turbo", "distil")
"""Parts of the names of models that were trained without translation: they ignore the task."""
_INAUDIBLE: Final = 33
"""An amplitude of -60 dB: Whisper invents words in silence, so silent parts are skipped."""


@dataclass(frozen=True, slots=True)
class RecognizedWord:
    """A recognised word with its ``probability``, 0 to 1."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class Segment:
    """About one sentence; ``words`` is empty if word times were not requested."""

    text: str
    start: float
    end: float
    words: tuple[RecognizedWord, ...] = ()


@dataclass(frozen=True, slots=True)
class WhisperTranscript:
    """The transcript of ``seconds`` of sound; ``language`` is None if nothing was recognised."""

    language: str | None
    probability: float
    seconds: float
    segments: tuple[Segment, ...]
    model: str = ""
    """The name of the model: a size, or that of its folder."""

    @property
    def text(self) -> str:
        """The whole text."""
        return " ".join(segment.text for segment in self.segments)

    @property
    def words(self) -> tuple[RecognizedWord, ...]:
        """All words, in order."""
        return tuple(word for segment in self.segments for word in segment.words)


def missing(models: WhisperModels) -> str | None:
    """Return what to install or download before Whisper can run here, or None."""
    if find_spec("faster_whisper") is None:
        return f"Faster Whisper is not installed: {install_hint('whisper')}."
    return models.missing()


class WhisperTranscriber:
    """Speech to text from a folder of weights in CTranslate2's format.

    ``device`` is ``auto``, ``cpu`` or ``cuda``; ``compute_type`` one of CTranslate2's
    (``default``, ``int8``, ``float16``, …). Raise ``EngineMissing`` saying what to install.
    """

    def __init__(
        self,
        folder: Path,
        *,
        device: str = "auto",
        compute_type: str = "default",
        threads: int = 0,
    ):
        if reason := missing(WhisperModels(folder.parent, str(folder.absolute()))):
            raise EngineMissing(reason)
        from faster_whisper import WhisperModel  # noqa: PLC0415 - loads onnxruntime, PyAV and more

        try:
            self._model = WhisperModel(
                str(folder), device=device, compute_type=compute_type, cpu_threads=threads
            )
        except (RuntimeError, ValueError) as error:
            raise EngineMissing(f"Whisper cannot be loaded from {folder}: {error}") from error
        self.folder = folder
        self.device: str = self._model.model.device
        self.compute_type: str = self._model.model.compute_type

    def transcribe(
        self,
        path: Path,
        language: str | None = None,
        beam_size: int = 5,
        *,
        translate: bool = False,
        word_timestamps: bool = True,
        vad: bool = False,
        report: Report = lambda _: None,
        check: Callable[[], None] = lambda: None,
    ) -> WhisperTranscript:
        """Transcribe a decoded WAV file (mono, 16 bit, 16 kHz) of any length.

        ``translate`` gives English text. ``vad`` removes non-speech first (voice activity
        detection). ``check`` is called between sentences and may raise to stop.

        Raise ``InvalidRequest`` naming ``params.language`` or ``params.translate`` if the model
        does not support it.
        """
        if translate:
            self._require_translation()
        code = self._code(language)
        probability = 1.0
        segments: list[Segment] = []
        with wave.open(str(path)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
            for offset, samples in _stretches(sound):
                check()
                heard, info = self._model.transcribe(
                    samples,
                    language=code,
                    task="translate" if translate else "transcribe",
                    beam_size=beam_size,
                    word_timestamps=word_timestamps,
                    vad_filter=vad,
                    condition_on_previous_text=False,
                )
                for recognized in heard:
                    segments.append(_segment(recognized, offset, seconds))
                    report(min(1.0, segments[-1].end / seconds))
                    check()
                if code is None and segments:
                    # The language of the first words is used for the rest. Without any words,
                    # Whisper's guess of the language is meaningless.
                    code, probability = info.language, info.language_probability
        report(1.0)
        found = code if language or segments else None
        return WhisperTranscript(
            language=found,
            probability=probability if found else 0.0,
            seconds=seconds,
            segments=tuple(segments),
            model=name_of(self.folder),
        )

    def _require_translation(self) -> None:
        name = self.folder.name
        if not self._model.model.is_multilingual:
            reason = "it knows only English"
        elif any(part in name for part in _UNABLE_TO_TRANSLATE):
            reason = "it was trained without translation"
        else:
            return
        raise InvalidRequest(
            f"params.translate: The Whisper model {name} cannot translate: {reason}. Set"
            " WHISPER_MODEL to a multilingual one, such as small or large-v3.",
            field="params.translate",
        )

    def _code(self, language: str | None) -> str | None:
        if language is None:
            return None if self._model.model.is_multilingual else "en"
        known = self._model.supported_languages
        try:
            code = whisper_language(language)
        except ValueError:
            code = ""
        if code not in known:
            raise InvalidRequest(
                f"params.language: This Whisper model does not support {language!r}."
                f" {language_suggestion(language, known)}",
                field="params.language",
            )
        return code


def _segment(heard: Any, offset: float, seconds: float) -> Segment:
    def absolute_time(time: float) -> float:
        # Whisper works on windows of 30 s, and may report times past the end.
        return float(min(seconds, max(0.0, time + offset)))

    words = tuple(
        RecognizedWord(
            word.word.strip(),
            absolute_time(word.start),
            absolute_time(word.end),
            float(word.probability),
        )
        for word in heard.words or ()
        if word.word.strip()
    )
    return Segment(heard.text.strip(), absolute_time(heard.start), absolute_time(heard.end), words)


def _stretches(sound: wave.Wave_read) -> Iterator[tuple[float, npt.NDArray[np.float32]]]:
    """Yield the start and the samples of parts of the sound, each small enough for memory.

    Parts end at the quietest point; silent parts are skipped.
    """
    count, at = sound.getnframes(), 0
    while at < count:
        sound.setpos(at)
        samples = np.frombuffer(sound.readframes(_STRETCH_SECONDS * RATE), dtype="<i2")
        if at + len(samples) < count:
            samples = samples[: _quietest(samples)]
        if int(np.abs(samples.astype(np.int32)).max(initial=0)) >= _INAUDIBLE:
            yield at / RATE, samples.astype(np.float32) / 32768.0
        # A truncated file has no more samples than were read.
        at += len(samples) or count


def _quietest(samples: npt.NDArray[np.int16]) -> int:
    hop = RATE // 10
    first = len(samples) - _CUT_SECONDS * RATE
    blocks = samples[first:].reshape(-1, hop).astype(np.float32)
    return first + int(np.argmin((blocks**2).mean(axis=1))) * hop + hop // 2
