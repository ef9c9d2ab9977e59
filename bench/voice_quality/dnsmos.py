"""DNSMOS P.835: an estimate of how people would rate the quality of speech, from 1 to 5.

It is applied as its authors do: windows of 9.01 s, one a second, and shorter sounds are repeated.
The only addition is the level. People rate speech at -26 dB of full scale (ITU-T P.56, P.835), and
the model, which learned from their ratings, takes other levels for a fault: the same recording gets
0.2 less at GALA's -16 LUFS. Every engine and language is therefore rated at that level.

The model is a file of the package ``speechmos`` (MIT), which is neither installed nor imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gala.cli.weights.registry import ModelWeights, Package, Packages, Registry, WeightFile

RATE: Final = 16_000
_MODEL: Final = WeightFile(
    "sig_bak_ovr.onnx",
    1_157_965,
    "269fbebdb513aa23cddfbb593542ecc540284a91849ac50516870e1ac78f6edd",
)
WEIGHTS: Final = ModelWeights(
    name="dnsmos",
    folder="dnsmos",
    license="MIT",
    patterns=(_MODEL.name,),
    files=(_MODEL,),
    sources=(
        Packages(
            (
                Package(
                    Registry.PIP,
                    "speechmos",
                    "0.0.1.1",
                    9_439_732,
                    {f"speechmos/dnsmos_models/{_MODEL.name}": _MODEL.name},
                ),
            )
        ),
    ),
)

_WINDOW: Final = int(9.01 * RATE)
_LEVEL_DB: Final = -26.0
_PAUSE_DB: Final = -15.9
"""Blocks that are this much below the mean are pauses, which have no part in the level."""
_BLOCK: Final = RATE // 50
_OVERALL: Final = np.poly1d([-0.06766283, 1.11546468, 0.04602535])
"""From the third output of the model to the overall rating, as published with it."""


class Dnsmos:
    """The model of :data:`WEIGHTS` in a folder of weights."""

    def __init__(self, weights: Path):
        import onnxruntime

        self._session: Any = onnxruntime.InferenceSession(
            str(weights / WEIGHTS.folder / _MODEL.name), providers=["CPUExecutionProvider"]
        )

    def overall(self, samples: NDArray[np.float32]) -> float:
        """Return the overall rating of speech: samples from -1 to 1, mono, 16 kHz."""
        sound = at_speech_level(samples)
        while len(sound) < _WINDOW:
            sound = np.concatenate([sound, sound])
        starts = range(0, len(sound) - _WINDOW + 1, RATE)
        return float(np.mean([self._rating(sound[at : at + _WINDOW]) for at in starts]))

    def _rating(self, window: NDArray[np.float32]) -> float:
        (ratings,) = self._session.run(None, {"input_1": window[np.newaxis]})
        return float(_OVERALL(ratings[0][2]))


def at_speech_level(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return speech with a root mean square of -26 dB of full scale outside its pauses."""
    blocks = samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    powers = np.mean(np.square(blocks, dtype=np.float64), axis=1)
    spoken = powers[powers > powers.mean() * 10 ** (_PAUSE_DB / 10)]
    if not len(spoken):
        return samples
    gain = 10 ** (_LEVEL_DB / 20) / np.sqrt(spoken.mean())
    return samples * np.float32(gain)
