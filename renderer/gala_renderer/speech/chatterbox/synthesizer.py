"""Chatterbox, kept from its weaknesses: what its own server and the renderer beside it share.

Needs the standard library and numpy (1 or 2) only, so that it also runs in Chatterbox's own
environment, whose pins forbid everything else. The model itself is given.
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
"""Of one chunk, whatever is asked for: the model wanders off in longer ones."""
MOST_TEXT: Final = 20_000

_FRAME_SECONDS: Final = 0.02
_QUIET_BELOW_SPEECH_DB: Final = 34.0
"""What is that much softer than the speech, at its ends, is the model's noise."""
_SILENCE_DB: Final = -60.0
_KEPT_BEFORE_SECONDS: Final = 0.04
_KEPT_AFTER_SECONDS: Final = 0.12
_FADE_SECONDS: Final = 0.01


class ChatterboxModel(Protocol):
    """What is used of ``chatterbox.tts.ChatterboxTTS``."""

    sr: int
    conds: Any

    def prepare_conditionals(self, wav_fpath: str, exaggeration: float = 0.5) -> None:
        """Take the voice of a sample."""

    def generate(
        self,
        text: str,
        *,
        exaggeration: float = 0.5,
        cfg_weight: float = 0.5,
        temperature: float = 0.8,
    ) -> Any:
        """One chunk of speech, a tensor of one row."""


class NeedsSample(Exception):
    """These weights have no voice of their own: send a sample."""


@dataclass(frozen=True)
class GenerationParams:
    """How it speaks: ``exaggeration`` 0 to 2, ``cfg_weight`` 0 to 1, ``temperature`` 0.05 to 5."""

    exaggeration: float = 0.5
    cfg_weight: float = 0.5
    temperature: float = 0.8


@dataclass(frozen=True)
class Chunk:
    """One chunk's sound (mono floats), and how much of the text is spoken with it, 0 to 1."""

    samples: NDArray[np.float32]
    done: float


class VoiceCloner:
    """One loaded model. It has a state, the voice: use it from one thread at a time."""

    def __init__(self, model: ChatterboxModel):
        self._model = model
        self._own_voice = model.conds

    @property
    def rate(self) -> int:
        """Samples a second."""
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
        """The text, chunk by chunk, ``silence`` seconds between; ``check`` may raise to stop it.

        Raises ``NeedsSample`` if there is neither a sample nor a voice of the weights' own.
        """
        self._take_voice(sample, manner)
        texts = chunks(text, max(1, min(most, MOST_CHARACTERS)))
        gap = np.zeros(round(silence * self.rate), np.float32)
        spoken = 0
        for at, piece in enumerate(texts):
            check()
            made = self._model.generate(
                piece,
                exaggeration=manner.exaggeration,
                cfg_weight=manner.cfg_weight,
                temperature=manner.temperature,
            )
            samples = trimmed(_as_array(made), self.rate)
            spoken += len(piece)
            if at > 0:
                samples = np.concatenate([gap, samples])
            yield Chunk(samples, spoken / sum(map(len, texts)))

    def _take_voice(self, sample: Path | None, manner: GenerationParams) -> None:
        if sample is not None:
            # Once for all chunks; `generate` would do it for each.
            self._model.prepare_conditionals(str(sample), exaggeration=manner.exaggeration)
        elif self._own_voice is None:
            raise NeedsSample
        else:
            # The model would go on in the voice of whoever came before.
            self._model.conds = self._own_voice


def _as_array(made: Any) -> NDArray[np.float32]:
    """A tensor, on whatever device, as numbers that are all finite."""
    found = np.asarray(made.detach().cpu().numpy(), dtype=np.float32).reshape(-1)
    return np.clip(np.nan_to_num(found), -1.0, 1.0)


def trimmed(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Without the silence and the faint noise before and after the speech, faded at both ends."""
    frame = max(1, round(_FRAME_SECONDS * rate))
    count = len(samples) // frame
    if count == 0:
        return samples
    frames = samples[: count * frame].reshape(count, frame).astype(np.float64)
    levels = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    bound = max(_SILENCE_DB, float(np.percentile(levels, 90)) - _QUIET_BELOW_SPEECH_DB)
    loud = np.flatnonzero(levels > bound)
    if len(loud) == 0:
        return samples[:0]
    start = max(0, int(loud[0]) * frame - round(_KEPT_BEFORE_SECONDS * rate))
    end = min(len(samples), (int(loud[-1]) + 1) * frame + round(_KEPT_AFTER_SECONDS * rate))
    return _faded(samples[start:end].copy(), round(_FADE_SECONDS * rate))


def _faded(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    length = min(length, len(samples) // 2)
    if length:
        ramp = np.linspace(0, 1, length, dtype=np.float32)
        samples[:length] *= ramp
        samples[-length:] *= ramp[::-1]
    return samples


def pcm(samples: NDArray[np.float32]) -> bytes:
    """The samples as 16-bit little-endian integers."""
    return np.rint(samples * 32767).astype("<i2").tobytes()
