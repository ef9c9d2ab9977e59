"""Kokoro in the calling process: loads a folder of weights and speaks.

Importing this module is cheap; torch and kokoro are loaded with the first ``KokoroSynthesizer``.
It never uses the network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gala.errors import EngineMissing
from gala_renderer.speech.kokoro.passages import COMFORTABLE, passages
from gala_renderer.speech.kokoro.phonemize import Pronouncer, Pronunciation, pronouncer
from gala_renderer.speech.kokoro.voices import TAGS, Choice, chosen
from gala_renderer.speech.kokoro.weights import KokoroWeights, find_weights
from gala_renderer.speech.kokoro.word_times import FRAMES_A_SECOND, timed, words_of
from gala_renderer.speech.word_tokens import Span, written_words
from gala_renderer.speech.words import Word

RATE: Final = 24_000
_FADE: Final = RATE // 200
_REPOSITORY: Final = "hexgrad/Kokoro-82M"
_SILENT_LEVEL: Final = 0.01
_JOIN_SILENCE: Final = RATE // 20
_NOTHING_SECONDS: Final = 0.25

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SpokenPassage:
    """The sound of one passage (mono, 24 kHz, samples from -1 to 1) and its words.

    Times count from the start of the whole text; ``fraction`` of the text is spoken so far.
    """

    samples: Samples
    words: tuple[Word, ...]
    fraction: float


class KokoroSynthesizer:
    """A loaded model. Not thread-safe.

    ``device`` is ``auto`` (CUDA, then MPS, then CPU), ``cpu``, ``mps``, ``cuda`` or ``cuda:N``;
    the attribute ``device`` is the one in use. ``most`` is the number of symbols per passage (at
    most 510); with fewer, the first sound is ready sooner. Raise ``EngineMissing`` if the weights,
    a package or the device is missing.
    """

    def __init__(self, folder: Path, *, device: str = "auto", most: int = COMFORTABLE):
        self._most = most
        self.weights = find_weights(folder)
        self.device = _device(device)
        self._model = _loaded(self.weights, self.device)
        self.check: Callable[[], None] = _no_check
        """Called at every layer of the model; may raise to stop within a passage."""
        for module in self._model.modules():
            module.register_forward_pre_hook(lambda *_: self.check())
        self._known = frozenset(self._model.vocab)
        self._styles: dict[str, Any] = {}
        self._pronouncer = cache(pronouncer)

    def speak(
        self,
        text: str,
        *,
        voice: str | None = None,
        language: str | None = None,
        speed: float = 1.0,
    ) -> Iterator[SpokenPassage]:
        """Yield the speech passage by passage, each as soon as it is ready.

        ``voice`` may be a mix (``af_heart:0.6+af_bella:0.4``). The same request always gives the
        same samples. Raise ``InvalidRequest`` for an unknown voice or language.
        """
        import torch  # noqa: PLC0415

        choice = chosen(voice, language, self.weights.voices)
        spans = written_words(text, TAGS[choice.tongue])
        style = self._style(choice)
        pronounce_language = self._pronouncer(choice.tongue)
        # The model generates the noise of breath and fricatives at random.
        torch.manual_seed(0)
        yield from self._pieces(text, spans, pronounce_language, style, speed)

    def _pieces(
        self,
        text: str,
        spans: Sequence[Span],
        pronounce_language: Pronouncer,
        style: Any,
        speed: float,
    ) -> Iterator[SpokenPassage]:
        def pronounce(stretch: str, words: Sequence[Span]) -> Pronunciation:
            return pronounce_language.sounds(stretch, words).only(self._known)

        length, done, reached, goes_on = 0, 0, 0.0, False
        for passage in passages(text, spans, pronounce, self._most):
            if not passage.sounds.symbols:
                continue
            samples, frames = self._infer(passage.sounds.symbols, style, speed)
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

    def _infer(self, symbols: str, style: Any, speed: float) -> tuple[Samples, list[int]]:
        output = self._model(symbols, style[len(symbols) - 1], speed, return_output=True)
        frames: list[int] = output.pred_dur.reshape(-1).tolist()
        return np.clip(output.audio.numpy(), -1, 1), frames

    def _style(self, choice: Choice) -> Any:
        """Return the mixed style vectors of the voices, one for each length of a passage."""
        return sum(share * self._voice(name) for name, share in choice.shares)

    def _voice(self, name: str) -> Any:
        import torch  # noqa: PLC0415

        if name not in self._styles:
            style = torch.load(self.weights.voices[name], map_location="cpu", weights_only=True)
            self._styles[name] = style.to(self.device)
        return self._styles[name]


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


def _no_check() -> None:
    pass


def _device(requested: str) -> str:
    import torch  # noqa: PLC0415

    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if requested == "auto":
        return next((name for name, there in has.items() if there), "cpu")
    if not has.get(requested.partition(":")[0], True):
        raise EngineMissing(
            f"KOKORO_DEVICE is {requested}, but torch finds no such device. Set it to auto or cpu."
        )
    return requested


def _loaded(weights: KokoroWeights, device: str) -> Any:
    from kokoro.model import KModel  # noqa: PLC0415

    config = json.loads(weights.config.read_text(encoding="utf-8"))
    model = KModel(repo_id=_REPOSITORY, config=config, model=str(weights.model))
    return model.to(device).eval()
