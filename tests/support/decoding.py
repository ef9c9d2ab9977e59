"""What is in a media file, as numbers: every frame and every sample, decoded by FFmpeg."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

RATE = 48_000


def decoded(path: Path, *options: str) -> bytes:
    """FFmpeg's output; any complaint of the decoders fails the test."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", str(path)]
    done = subprocess.run([*command, *options, "-"], check=True, capture_output=True, timeout=60)
    assert not done.stderr, done.stderr.decode()
    return done.stdout


def frames(path: Path, width: int, height: int) -> npt.NDArray[np.float32]:
    """Every frame as stored, in grey, scaled to that size."""
    size = f"scale={width}:{height}:flags=area,format=gray"
    raw = decoded(path, "-map", "0:v", "-vf", size, "-fps_mode", "passthrough", "-f", "rawvideo")
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width).astype(np.float32)


def samples(path: Path) -> npt.NDArray[np.float32]:
    """Its left or only channel at 48 kHz, in floats."""
    raw = decoded(path, "-map", "0:a", "-af", "pan=mono|c0=c0", "-f", "f32le", "-ar", str(RATE))
    return np.frombuffer(raw, np.float32)


def psnr(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """How alike two frames are, in decibels; 99 if they are equal."""
    error = float(np.mean((one - other) ** 2))
    return 99.0 if error == 0 else min(99.0, 10 * float(np.log10(255**2 / error)))


def rms(sound: npt.NDArray[np.float32]) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(sound**2)))


def lag(
    sound: npt.NDArray[np.float32], whole: npt.NDArray[np.float32], begin: int, *, most: int = 480
) -> int:
    """By how many samples ``sound`` is late, if it should be ``whole`` from ``begin`` on."""
    middle = slice(len(sound) // 4, len(sound) // 2)
    known = sound[middle]
    at = begin + len(sound) // 4

    def unlike(late: int) -> float:
        return rms(known - whole[at - late : at - late + len(known)])

    return min(range(-most, most + 1), key=unlike)
