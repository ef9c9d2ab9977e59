"""What is really in a file: every frame decoded, every sample heard."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy


def shown(path: Path, *, form: str = "gray") -> tuple[list[Fraction], Any]:
    """The times of all frames in seconds, and the frames as one array (``gray`` or ``rgb24``)."""
    times, frames = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            times.append(frame.pts * frame.time_base)
            frames.append(frame.to_ndarray(format=form))
    return times, numpy.stack(frames)


def heard(path: Path) -> tuple[int, Any]:
    """The rate in hertz, and the samples of all channels as floats (channels first)."""
    parts = []
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
        for frame in container.decode(audio=0):
            samples = frame.to_ndarray().astype(numpy.float64)
            if frame.format.name.startswith("s16"):
                samples /= 32768
            if not frame.format.is_planar:
                samples = samples.reshape(-1, len(frame.layout.channels)).T
            parts.append(samples)
    return rate, numpy.concatenate(parts, axis=1)


def has_sound(path: Path) -> bool:
    """Whether there is a sound stream."""
    with av.open(str(path)) as container:
        return bool(container.streams.audio)


def level_db(samples: Any) -> float:
    """The mean level of the samples, in decibels below full scale."""
    return float(20 * numpy.log10(max(1e-9, numpy.sqrt(numpy.mean(numpy.square(samples))))))
