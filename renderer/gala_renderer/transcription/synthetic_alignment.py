"""Alignment by comparison with synthetic speech of the same text, for any language.

Run as a separate program through :mod:`gala_renderer.sandbox.runner`, because it computes for
seconds: ``python -m gala_renderer.transcription.synthetic_alignment <reference WAV> <recording
WAV> <times>``. ``times`` is a file with a JSON list of seconds in the reference; the program prints
the corresponding times in the recording, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from gala_renderer.transcription.dtw import warp_times
from gala_renderer.transcription.mfcc import RATE, Samples, features, read_samples

_MARGIN: Final = 0.3


def find_times(reference: Path, recording: Path, times: Sequence[float]) -> list[float]:
    """Return the times in the recording that correspond to ``times`` in the reference (seconds)."""
    samples, rate = read_samples(reference)
    silence = np.zeros(round(_MARGIN * RATE), np.float32)
    padded = np.concatenate([silence, _resampled(samples, rate), silence])
    shifted = [time + _MARGIN for time in times]
    return warp_times(features(padded), features(read_samples(recording)[0]), shifted)


def _resampled(samples: Samples, rate: int) -> Samples:
    # Linear interpolation suffices: only mel bands are compared.
    count = round(len(samples) * RATE / rate)
    at = np.arange(count) * (rate / RATE)
    return np.asarray(np.interp(at, np.arange(len(samples)), samples), np.float32)


def main(reference: str, recording: str, times: str) -> None:
    """Print the times in the recording that correspond to those of the file ``times``."""
    requested = json.loads(Path(times).read_text())
    found = find_times(Path(reference), Path(recording), requested)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
