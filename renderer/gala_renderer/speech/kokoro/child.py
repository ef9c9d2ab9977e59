"""The inside of the warm process that Kokoro speaks in."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from gala_renderer.model_workers.child import RequestChannel
from gala_renderer.speech.kokoro.synthesizer import RATE, KokoroSynthesizer, Samples
from gala_renderer.speech.words import Word

_LOUDEST: Final = 32_767


def serve(options: Mapping[str, Any]) -> _KokoroWorker:
    """``folder`` of the weights, and the ``device``."""
    return _KokoroWorker(KokoroSynthesizer(Path(options["folder"]), device=options["device"]))


class _KokoroWorker:
    """Speaks ``text`` into the WAV file ``target``, telling words as they are spoken."""

    def __init__(self, synthesizer: KokoroSynthesizer):
        self._synthesizer = synthesizer
        self.about = {"device": synthesizer.device, "weights": synthesizer.weights.model.name}

    def __call__(self, request: Mapping[str, Any], channel: RequestChannel) -> Mapping[str, Any]:
        asked = {name: request[name] for name in ("voice", "language", "speed")}
        self._synthesizer.check = channel.raise_if_cancelled
        count = 0
        with wave.open(request["target"], "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            for piece in self._synthesizer.speak(request["text"], **asked):
                file.writeframes(_pcm(piece.samples))
                count += len(piece.samples)
                channel.send_event(
                    {"fraction": piece.fraction, "words": [_plain(w) for w in piece.words]}
                )
        return {"rate": RATE, "samples": count}


def _pcm(samples: Samples) -> bytes:
    return np.rint(samples * _LOUDEST).astype("<i2").tobytes()


def _plain(word: Word) -> list[Any]:
    sounds = [[sound.symbol, sound.start, sound.end] for sound in word.phonemes]
    return [word.text, word.start, word.end, sounds]
