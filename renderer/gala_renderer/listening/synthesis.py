"""Alignment by comparing with the same text as a synthesiser speaks it, for any language."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from gala_renderer.listening.features import RATE, Samples, features, read_samples
from gala_renderer.listening.warping import warp_times
from gala_renderer.speech.contract import Speech

_MARGIN: Final = 0.3


def find_by_synthesis(speech: Speech, heard: Path) -> list[tuple[float, float] | None]:
    """Where in the WAV file ``heard`` each word of ``speech`` is, whoever speaks there."""
    samples, rate = read_samples(speech.path)
    quiet = np.zeros(round(_MARGIN * RATE), np.float32)
    spoken = np.concatenate([quiet, _resampled(samples, rate), quiet])
    times = [
        time + _MARGIN for word in speech.words if word.phonemes for time in (word.start, word.end)
    ]
    found = iter(warp_times(features(spoken), features(read_samples(heard)[0]), times))
    return [(next(found), next(found)) if word.phonemes else None for word in speech.words]


def _resampled(samples: Samples, rate: int) -> Samples:
    # Linear is enough: only what the ear's bands tell apart is looked at.
    count = round(len(samples) * RATE / rate)
    at = np.arange(count) * (rate / RATE)
    return np.asarray(np.interp(at, np.arange(len(samples)), samples), np.float32)
