"""The worker process in which Kokoro runs."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from gala_renderer.model_workers.child import RequestChannel
from gala_renderer.speech.kokoro.backends import Backend
from gala_renderer.speech.kokoro.model import RATE, KokoroModel, Samples
from gala_renderer.speech.kokoro.onnx_model import OnnxModel
from gala_renderer.speech.kokoro.synthesizer import KokoroSynthesizer
from gala_renderer.speech.kokoro.torch_model import TorchModel
from gala_renderer.speech.kokoro.weights import find_onnx_weights, find_weights
from gala_renderer.speech.protocol import IpaStretch
from gala_renderer.speech.words import Word

_FULL_SCALE: Final = 32_767


def serve(options: Mapping[str, Any]) -> _KokoroWorker:
    """Load the model of ``options``: ``backend``, ``folder`` of its weights, and ``device`` (for
    torch) or ``threads`` (for ONNX Runtime)."""
    return _KokoroWorker(_loaded(options))


def _loaded(options: Mapping[str, Any]) -> KokoroModel:
    folder = Path(options["folder"])
    if options["backend"] == Backend.ONNX:
        return OnnxModel(find_onnx_weights(folder), threads=options["threads"])
    return TorchModel(find_weights(folder), device=options["device"])


class _KokoroWorker:
    """Speaks ``text`` into the WAV file ``target``; sends the words of passages as events."""

    def __init__(self, model: KokoroModel):
        self._model = model
        self._synthesizer = KokoroSynthesizer(model)
        self.about = model.about

    def __call__(self, request: Mapping[str, Any], channel: RequestChannel) -> Mapping[str, Any]:
        options = {name: request[name] for name in ("voice", "language", "speed")}
        given = [IpaStretch(*stretch) for stretch in request["ipa"]]
        self._model.check = channel.raise_if_cancelled
        count = 0
        with wave.open(request["target"], "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            for piece in self._synthesizer.speak(request["text"], ipa=given, **options):
                file.writeframes(_pcm(piece.samples))
                count += len(piece.samples)
                channel.send_event(
                    {"fraction": piece.fraction, "words": [_word_json(w) for w in piece.words]}
                )
        return {"rate": RATE, "samples": count}


def _pcm(samples: Samples) -> bytes:
    return np.rint(samples * _FULL_SCALE).astype("<i2").tobytes()


def _word_json(word: Word) -> list[Any]:
    sounds = [[sound.symbol, sound.start, sound.end] for sound in word.phonemes]
    return [word.text, word.start, word.end, sounds]
