"""Alignment by comparing with the same text as a synthesiser speaks it, for any language.

Run as a program of its own through :mod:`gala_renderer.sandbox.runner`, because it computes for seconds:
``python -m gala_renderer.transcription.synthetic_alignment <spoken WAV> <heard WAV> <times>``. The times are a
file with a JSON list of seconds in the spoken sound; it prints when the same is heard, as JSON.
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


def find_times(spoken: Path, heard: Path, times: Sequence[float]) -> list[float]:
    """When it is heard in one WAV file what is spoken in the other at these times (seconds)."""
    samples, rate = read_samples(spoken)
    quiet = np.zeros(round(_MARGIN * RATE), np.float32)
    padded = np.concatenate([quiet, _resampled(samples, rate), quiet])
    later = [time + _MARGIN for time in times]
    return warp_times(features(padded), features(read_samples(heard)[0]), later)


def _resampled(samples: Samples, rate: int) -> Samples:
    # Linear is enough: only what the ear's bands tell apart is looked at.
    count = round(len(samples) * RATE / rate)
    at = np.arange(count) * (rate / RATE)
    return np.asarray(np.interp(at, np.arange(len(samples)), samples), np.float32)


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[3]).read_text())
    sys.stdout.write(json.dumps(find_times(Path(sys.argv[1]), Path(sys.argv[2]), asked)) + "\n")
