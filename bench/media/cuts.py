"""Trims between key frames and joins of equal clips; their ends are compared with the source."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

from bench.media import files
from bench.media.report import Row, typical
from bench.media.setup import Bench
from tests.support.media_probe import psnr

_FPS: Final = 30
_GREY: Final = (320, 180)
_HUES: Final = (0, 90, 180)
_CLIP_SECONDS: Final = 20


def rows(bench: Bench) -> Iterator[Row]:
    """Yield all rows."""
    # Neither end is a key frame, nor the last frame of a group.
    yield _trim(bench, of=20, seconds=10, start=4.9, key_frames=250, aim=0.5)
    yield _trim(bench, of=20, seconds=10, start=8.4, key_frames=250, aim=0.5)
    yield _trim(bench, of=120, seconds=90, start=13.37, key_frames=250, aim=0.1)
    yield _trim(bench, of=120, seconds=90, start=13.37, key_frames=60, aim=0.05)
    yield _trim(bench, of=120, seconds=90, start=16.7, key_frames=60, aim=0.05)
    yield _concatenate(bench)


def _trim(bench: Bench, *, of: int, seconds: int, start: float, key_frames: int, aim: float) -> Row:
    clip = files.clip(bench, of, key_frames=key_frames)
    params = {"start": start, "duration": seconds}
    ours = typical(lambda: bench.ours("trim", params, media=clip))
    made = bench.ours("trim", params, media=clip).path("video")
    plain = typical(lambda: _plain_trim(bench, clip, start, seconds), runs=1)
    moviepy = bench.moviepy(
        "trim",
        source=str(clip),
        target=str(bench.folder / "moviepy-trim.mp4"),
        start=start,
        end=start + seconds,
    )
    first = round(start * _FPS)
    return Row(
        what=f"trim {seconds} s of {of} s from {start:g} s, 720p30, key frames every {key_frames}",
        ours=ours,
        moviepy=moviepy,
        moviepy_aim=aim,
        ffmpeg=plain,
        shown=_ends(clip, made, first, first + seconds * _FPS - 1),
    )


def _plain_trim(bench: Bench, clip: Path, start: float, seconds: int) -> None:
    bench.ffmpeg(
        *("-ss", f"{start}", "-t", str(seconds), "-i", str(clip)),
        *("-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", "plain-trim.mp4"),
    )


def _concatenate(bench: Bench) -> Row:
    clips = [files.clip(bench, _CLIP_SECONDS, hue=hue) for hue in _HUES]
    ours = typical(lambda: bench.ours("concatenate", {}, clips=clips))
    made = bench.ours("concatenate", {}, clips=clips).path("video")
    moviepy = bench.moviepy(
        "concatenate",
        sources=[str(clip) for clip in clips],
        target=str(bench.folder / "moviepy-join.mp4"),
    )
    whole = _CLIP_SECONDS * _FPS
    seams = [_ends(clip, made, 0, whole - 1, at * whole) for at, clip in enumerate(clips)]
    return Row(
        what=f"concatenate {len(clips)} x {_CLIP_SECONDS} s, same codec, 720p30",
        ours=ours,
        moviepy=moviepy,
        moviepy_aim=0.06,
        ffmpeg=typical(lambda: _plain_join(bench, clips), runs=1),
        shown="; ".join(seams),
    )


def _plain_join(bench: Bench, clips: list[Path]) -> None:
    inputs = [word for clip in clips for word in ("-i", str(clip))]
    streams = "".join(f"[{at}:v][{at}:a]" for at in range(len(clips)))
    bench.ffmpeg(
        *inputs,
        *("-filter_complex", f"{streams}concat=n={len(clips)}:v=1:a=1"),
        *("-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", "plain-join.mp4"),
    )


def _ends(source: Path, made: Path, first: int, last: int, offset: int = 0) -> str:
    """Compare the first and last frame with those of the source and with their neighbours."""
    descriptions = []
    for name, number, at in (("first", first, offset), ("last", last, offset + last - first)):
        shown = _frame(made, at)
        likeness = {n: psnr(shown, _frame(source, n)) for n in (number - 1, number, number + 1)}
        best = max(likeness, key=lambda n: likeness[n])
        right = "" if best == number else f", BUT IT IS FRAME {best}"
        descriptions.append(f"{name} frame {likeness[number]:.0f} dB{right}")
    return ", ".join(descriptions)


def _frame(path: Path, number: int) -> npt.NDArray[Any]:
    """Return one frame in grey; outside of the file, an image that resembles no frame."""
    width, height = _GREY
    drawn = f"select=eq(n\\,{number}),scale={width}:{height}:flags=area,format=gray"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-i", str(path)]
    command += ["-map", "0:v", "-vf", drawn, "-frames:v", "1", "-f", "rawvideo", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    if not raw:
        return np.full((height, width), -1e6, dtype=np.float32)
    return np.frombuffer(raw, np.uint8).reshape(height, width).astype(np.float32)
