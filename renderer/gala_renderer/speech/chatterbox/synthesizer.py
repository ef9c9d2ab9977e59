"""Chatterbox with workarounds for its weaknesses, shared by its server and the renderer.

Needs only the standard library and numpy (1 or 2), so that it also runs in Chatterbox's own
environment, whose pinned dependencies conflict with the renderer's. The caller provides the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from gala_renderer.speech.text_chunks import chunks

MOST_CHARACTERS: Final = 280
"""The maximum length of a chunk; the model degrades with longer ones."""
MOST_TEXT: Final = 20_000

_FRAME_SECONDS: Final = 0.02
_QUIET_BELOW_SPEECH_DB: Final = 34.0
"""Sound that is softer than the speech by this much, at its ends, is noise of the model."""
_SILENCE_DB: Final = -60.0
_KEPT_BEFORE_SECONDS: Final = 0.04
_KEPT_AFTER_SECONDS: Final = 0.12
_FADE_SECONDS: Final = 0.01


class ChatterboxModel(Protocol):
    """The part of ``chatterbox.tts.ChatterboxTTS`` that is used."""

    sr: int
    conds: Any

    def prepare_conditionals(self, wav_fpath: str, exaggeration: float = 0.5) -> None:
        """Set the voice to that of a sample."""

    def generate(
        self,
        text: str,
        *,
        exaggeration: float = 0.5,
        cfg_weight: float = 0.5,
        temperature: float = 0.8,
    ) -> Any:
        """Return one chunk of speech, a tensor of one row."""


class NeedsSample(Exception):
    """The weights have no built-in voice: send a sample."""


@dataclass(frozen=True)
class GenerationParams:
    """Model params: ``exaggeration`` 0 to 2, ``cfg_weight`` 0 to 1, ``temperature`` 0.05 to 5."""

    exaggeration: float = 0.5
    cfg_weight: float = 0.5
    temperature: float = 0.8


@dataclass(frozen=True)
class Chunk:
    """One chunk's sound (mono floats), and the fraction of the text spoken so far."""

    samples: NDArray[np.float32]
    done: float


class VoiceCloner:
    """A loaded model. The voice is its state: use it from one thread at a time."""

    def __init__(self, model: ChatterboxModel):
        self._model = model
        self._built_in_voice = model.conds

    @property
    def rate(self) -> int:
        """Samples per second."""
        return self._model.sr

    def speak(
        self,
        text: str,
        manner: GenerationParams,
        *,
        sample: Path | None = None,
        most: int = MOST_CHARACTERS,
        silence: float = 0.35,
        check: Callable[[], None] = lambda: None,
    ) -> Iterator[Chunk]:
        """Speak the text in chunks, ``silence`` seconds apart; ``check`` may raise to stop.

        Raise ``NeedsSample`` if there is neither a sample nor a built-in voice.
        """
        self._set_voice(sample, manner)
        texts = chunks(text, max(1, min(most, MOST_CHARACTERS)))
        gap_samples = np.zeros(round(silence * self.rate), np.float32)
        characters_done = 0
        for at, piece in enumerate(texts):
            check()
            output = self._model.generate(
                piece,
                exaggeration=manner.exaggeration,
                cfg_weight=manner.cfg_weight,
                temperature=manner.temperature,
            )
            samples = trimmed(_as_array(output), self.rate)
            characters_done += len(piece)
            if at > 0:
                samples = np.concatenate([gap_samples, samples])
            yield Chunk(samples, characters_done / sum(map(len, texts)))

    def _set_voice(self, sample: Path | None, manner: GenerationParams) -> None:
        if sample is not None:
            # Prepared once for all chunks; `generate` would repeat it for each.
            self._model.prepare_conditionals(str(sample), exaggeration=manner.exaggeration)
        elif self._built_in_voice is None:
            raise NeedsSample
        else:
            # Otherwise the model would keep the voice of the previous request.
            self._model.conds = self._built_in_voice


def _as_array(output: Any) -> NDArray[np.float32]:
    """Convert a tensor on any device to finite samples in range."""
    samples = np.asarray(output.detach().cpu().numpy(), dtype=np.float32).reshape(-1)
    return np.clip(np.nan_to_num(samples), -1.0, 1.0)


def trimmed(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Return the speech without silence and faint noise at its ends, faded in and out."""
    frame = max(1, round(_FRAME_SECONDS * rate))
    count = len(samples) // frame
    if count == 0:
        return samples
    frames = samples[: count * frame].reshape(count, frame).astype(np.float64)
    levels = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    bound = max(_SILENCE_DB, float(np.percentile(levels, 90)) - _QUIET_BELOW_SPEECH_DB)
    loud_frames = np.flatnonzero(levels > bound)
    if len(loud_frames) == 0:
        return samples[:0]
    start = max(0, int(loud_frames[0]) * frame - round(_KEPT_BEFORE_SECONDS * rate))
    end = min(len(samples), (int(loud_frames[-1]) + 1) * frame + round(_KEPT_AFTER_SECONDS * rate))
    return _faded(samples[start:end].copy(), round(_FADE_SECONDS * rate))


def _faded(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    length = min(length, len(samples) // 2)
    if length:
        ramp = np.linspace(0, 1, length, dtype=np.float32)
        samples[:length] *= ramp
        samples[-length:] *= ramp[::-1]
    return samples


def pcm(samples: NDArray[np.float32]) -> bytes:
    """Return the samples as 16-bit little-endian integers."""
    return np.rint(samples * 32767).astype("<i2").tobytes()
