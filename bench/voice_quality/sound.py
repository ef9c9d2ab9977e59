"""Facts about a WAV file: loudness, peaks, clipping, silence."""

from __future__ import annotations

import re
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

_FULL_SCALE: Final = 32_767
_LOUDNESS: Final = re.compile(r"^\s+I:\s+(-?[\d.]+) LUFS$", re.MULTILINE)
_TRUE_PEAK: Final = re.compile(r"^\s+Peak:\s+(-?[\d.]+) dBFS$", re.MULTILINE)
_SILENT: Final = 10 ** (-50 / 20)
_BLOCK_SECONDS: Final = 0.01
_REPEATS: Final = "3"
"""Loudness is measured over several repeats: it needs more than a short sentence."""


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """Loudness in LUFS, true peak in dBTP, samples at full scale, and times in seconds.

    ``silence`` is the longest one between the first and the last sound (below -50 dBFS).
    """

    seconds: float
    lufs: float
    true_peak: float
    clipped: int
    silence: float


def sound_facts(path: Path) -> SoundFacts:
    """Measure a WAV file (mono, 16 bit)."""
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int32)
    report = _ffmpeg(
        *("-stream_loop", _REPEATS, "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-")
    ).decode(errors="replace")
    return SoundFacts(
        seconds=len(samples) / rate,
        lufs=float(_LOUDNESS.findall(report)[-1]),
        true_peak=float(_TRUE_PEAK.findall(report)[-1]),
        clipped=int(np.count_nonzero(np.abs(samples) >= _FULL_SCALE)),
        silence=longest_silence(samples / _FULL_SCALE, rate),
    )


def longest_silence(samples: NDArray[np.float64], rate: int) -> float:
    """Return the seconds of the longest silence between the first and the last sound."""
    block = round(_BLOCK_SECONDS * rate)
    blocks = samples[: len(samples) // block * block].reshape(-1, block)
    audible = np.flatnonzero(np.abs(blocks).max(axis=1) > _SILENT)
    gaps = np.diff(audible) - 1
    return float(gaps.max(initial=0)) * _BLOCK_SECONDS


def resampled(path: Path, target: Path, rate: int) -> NDArray[np.float32]:
    """Write the sound at another rate; return its samples."""
    _ffmpeg("-y", "-i", str(path), "-ar", str(rate), "-ac", "1", str(target))
    with wave.open(str(target)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return (pcm / _FULL_SCALE).astype(np.float32)


def _ffmpeg(*arguments: str) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stderr
