"""The contents of media files: frames and samples, decoded."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

RATE = 48_000


def read_frames(path: Path, *, form: str = "gray") -> tuple[list[Fraction], Any]:
    """Return all frames' times in seconds, and the frames as an array (``gray`` or ``rgb24``)."""
    times, frames = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            times.append(frame.pts * frame.time_base)
            frames.append(frame.to_ndarray(format=form))
    return times, np.stack(frames)


def first_frame(path: Path, *, form: str = "gray") -> Any:
    """Return the first frame as an array; for a long film, :func:`read_frames` takes seconds."""
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format=form)


def read_samples(path: Path) -> tuple[int, Any]:
    """Return the rate in hertz, and the samples of all channels as floats (channels first)."""
    parts = []
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
        for frame in container.decode(audio=0):
            samples = frame.to_ndarray().astype(np.float64)
            if frame.format.name.startswith("s16"):
                samples /= 32768
            if not frame.format.is_planar:
                samples = samples.reshape(-1, len(frame.layout.channels)).T
            parts.append(samples)
    return rate, np.concatenate(parts, axis=1)


def has_audio(path: Path) -> bool:
    """Return True if the file has an audio stream."""
    with av.open(str(path)) as container:
        return bool(container.streams.audio)


def container_tags(path: Path) -> dict[str, str]:
    """Return the tags of a file as a whole, which ffprobe shows, with names in small letters."""
    with av.open(str(path)) as container:
        return {name.lower(): value for name, value in container.metadata.items()}


def level_db(samples: Any) -> float:
    """Return the mean level of the samples in decibels relative to full scale."""
    return float(20 * np.log10(max(1e-9, np.sqrt(np.mean(np.square(samples))))))


def decoded(path: Path, *options: str) -> bytes:
    """Return FFmpeg's output; an error of a decoder fails the test."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", str(path)]
    done = subprocess.run([*command, *options, "-"], check=True, capture_output=True, timeout=60)
    assert not done.stderr, done.stderr.decode()
    return done.stdout


def frames(path: Path, width: int, height: int) -> npt.NDArray[np.float32]:
    """Return every frame as stored, in grey, scaled to that size."""
    size = f"scale={width}:{height}:flags=area,format=gray"
    raw = decoded(path, "-map", "0:v", "-vf", size, "-fps_mode", "passthrough", "-f", "rawvideo")
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width).astype(np.float32)


def samples(path: Path) -> npt.NDArray[np.float32]:
    """Return its left or only channel at 48 kHz, as floats."""
    raw = decoded(path, "-map", "0:a", "-af", "pan=mono|c0=c0", "-f", "f32le", "-ar", str(RATE))
    return np.frombuffer(raw, np.float32)


def psnr(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Return the peak signal-to-noise ratio of two frames in decibels, at most 99."""
    error = float(np.mean((one - other) ** 2))
    return 99.0 if error == 0 else min(99.0, 10 * float(np.log10(255**2 / error)))


def rms(sound: npt.NDArray[np.float32]) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(sound**2)))


def lag(
    sound: npt.NDArray[np.float32], whole: npt.NDArray[np.float32], begin: int, *, most: int = 480
) -> int:
    """Return how many samples ``sound`` lags behind ``whole`` from ``begin`` on."""
    middle = slice(len(sound) // 4, len(sound) // 2)
    known = sound[middle]
    at = begin + len(sound) // 4

    def unlike(late: int) -> float:
        return rms(known - whole[at - late : at - late + len(known)])

    return min(range(-most, most + 1), key=unlike)
