"""A look at a finished film: does it have the length, streams, size and loudness that it should
have, is it black, is it silent, does the sound end too early?

A few frames and the sound at a low rate are decoded in one run, of at most ten minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from gala_renderer.engine.context import RenderContext
from gala_renderer.probe.media import Media, VideoStream

_MAX_SECONDS: Final = 600.0
_SHORT_SECONDS: Final = 10.0
"""Shorter films have few key frames, and may begin black: their B-frames alone are left out."""
_LIMIT_SECONDS: Final = 300.0
_SIDE: Final = 16
_BLACK: Final = 6
"""The brightest value, of 255, that a black frame has anywhere."""
_SOUND_RATE: Final = 8000
_SILENT_DB: Final = -60.0
_WINDOW_SECONDS: Final = 0.5
_LONG_SECONDS: Final = 10.0
"""Shorter parts that are black or silent are nothing unusual."""
_TOLERANCE: Final = 0.25
"""In seconds."""
_RATE_TOLERANCE: Final = 0.01
_LOUDNESS_TOLERANCE: Final = 2.0
"""In LU; what is limited becomes a little quieter."""
_MEASURED_SECONDS: Final = 3.0
"""The loudness of shorter sounds is measured otherwise than that of films."""
_LEVELS: Final = "look.lufs"
_LEVEL: Final = "lavfi.r128.I"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a finished film should be."""

    size: tuple[int, int] | None
    """Width and height in pixels; None for sound alone."""
    seconds: float | None
    """Its length; None for a still picture."""
    rate: Fraction | None
    """Frames per second, where frames are as far apart as that says."""
    has_sound: bool
    lufs: float | None
    """The loudness of its sound; None if that may be any."""
    may_be_black: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What a film looks and sounds like: at each sample True if it is black, or silent."""

    black: NDArray[np.bool_]
    silent: NDArray[np.bool_]
    sound_seconds: float
    lufs: float | None
    """The integrated loudness; None where there is no sound."""


async def surprises(
    context: RenderContext, path: Path, media: Media | None, wanted: Wanted
) -> list[str]:
    """Return what is probably not wanted in a finished film, as lines for the job's log.

    ``media`` is what the file contains, None if it cannot be inspected.
    """
    found = list(differences(media, wanted))
    if media is None or wanted.seconds is None:
        return found
    has_sound = wanted.has_sound and media.sound is not None
    has_pictures = wanted.size is not None and media.picture is not None
    look = await _look(context, path, wanted.seconds, pictures=has_pictures, sound=has_sound)
    length = min(wanted.seconds, _MAX_SECONDS)
    if not wanted.may_be_black:
        found += _parts(look.black, length, "black")
    if has_sound:
        found += _parts(look.silent, min(length, look.sound_seconds), "silent")
        if length - look.sound_seconds > _TOLERANCE:
            found.append(f"the sound ends {length - look.sound_seconds:.1f} s before the film")
        found += _wrong_loudness(look, wanted, length)
    return found


def differences(media: Media | None, wanted: Wanted) -> Iterator[str]:
    """Yield how the streams of a film differ from what they should be."""
    if media is None:
        yield "the finished film cannot be read"
        return
    yield from _wrong_pictures(media.picture, wanted)
    if wanted.seconds is not None and abs(media.length - wanted.seconds) > _TOLERANCE:
        yield f"the film lasts {media.length:.2f} s instead of {wanted.seconds:.2f} s"
    if wanted.has_sound != (media.sound is not None):
        yield "the film has no sound" if wanted.has_sound else "the film has sound that is not its"


def _wrong_pictures(picture: VideoStream | None, wanted: Wanted) -> Iterator[str]:
    if wanted.size is None:
        return
    if picture is None:
        yield "the film has no pictures"
        return
    if (picture.width, picture.height) != wanted.size:
        size, other = (f"{a} x {b}" for a, b in ((picture.width, picture.height), wanted.size))
        yield f"the film is {size} pixels large instead of {other}"
    if wanted.rate is None or picture.fps is None:
        return
    if abs(picture.fps / float(wanted.rate) - 1) > _RATE_TOLERANCE:
        yield f"the film has {picture.fps:g} frames per second instead of {float(wanted.rate):g}"


def _wrong_loudness(look: Look, wanted: Wanted, seconds: float) -> Iterator[str]:
    """Yield a line if the loudness, where it can be measured, is not that which is wanted."""
    measured = _MEASURED_SECONDS < seconds < _MAX_SECONDS and not look.silent.all()
    if wanted.lufs is None or look.lufs is None or not measured:
        return
    if abs(look.lufs - wanted.lufs) > _LOUDNESS_TOLERANCE:
        yield f"the sound is at {look.lufs:.0f} LUFS instead of {wanted.lufs:.0f}"


async def _look(
    context: RenderContext, path: Path, seconds: float, *, pictures: bool, sound: bool
) -> Look:
    seen = context.scratch / "look.gray" if pictures else None
    heard = context.scratch / "look.pcm" if sound else None
    if seen is not None or heard is not None:
        await context.ffmpeg.run(
            look_arguments(path, seen, heard, seconds=seconds),
            cwd=context.scratch,
            limit_seconds=_LIMIT_SECONDS,
            media_seconds=min(seconds, _MAX_SECONDS),
            report=lambda _: None,
        )
    lufs = await asyncio.to_thread(_loudness, context.scratch / _LEVELS) if sound else None
    return await asyncio.to_thread(_read, seen, heard, lufs)


def look_arguments(
    path: Path, pictures: Path | None, sound: Path | None, *, seconds: float
) -> tuple[str, ...]:
    """Return arguments that write small grey frames, the sound at 8 kHz, and its loudness."""
    options: dict[str, Any] = {"t": _MAX_SECONDS}
    if pictures is not None:  # FFmpeg refuses the option for a file of sound alone
        options["skip_frame"] = "nokey" if seconds > _SHORT_SECONDS else "noref"
    film, outputs = ffmpeg.input(str(path), **options), []
    if pictures is not None:
        small = film.video.filter("scale", w=_SIDE, h=_SIDE, flags="area", out_range="pc")
        raw = {"f": "rawvideo", "fps_mode": "passthrough"}
        outputs.append(ffmpeg.output(small.filter("format", "gray"), str(pictures), **raw))
    if sound is not None:
        low = {"f": "s16le", "ac": 1, "ar": _SOUND_RATE}
        levels = film.audio.filter("ebur128", metadata=1, framelog="quiet", peak="none")
        heard = levels.filter("ametadata", mode="print", key=_LEVEL, file=_LEVELS)
        outputs.append(ffmpeg.output(heard, str(sound), **low))
    return tuple(ffmpeg.merge_outputs(*outputs).get_args())


def _loudness(path: Path) -> float | None:
    """Return the last value of the loudness that was measured from the start on."""
    lines = path.read_text().splitlines() if path.exists() else []
    values = [line.partition("=")[2] for line in lines if line.startswith(_LEVEL)]
    return float(values[-1]) if values else None


def _read(pictures: Path | None, sound: Path | None, lufs: float | None) -> Look:
    frames = np.zeros(0, np.uint8) if pictures is None else np.fromfile(pictures, np.uint8)
    frames = frames[: len(frames) // _SIDE**2 * _SIDE**2].reshape(-1, _SIDE**2)
    samples = np.fromfile(sound, "<i2") if sound is not None else np.zeros(0, "<i2")
    window = round(_WINDOW_SECONDS * _SOUND_RATE)
    whole = samples[: len(samples) // window * window].reshape(-1, window).astype(np.float32)
    level = np.sqrt((whole**2).mean(axis=1)) / 32768 if len(whole) else np.zeros(0, np.float32)
    return Look(
        black=frames.max(axis=1, initial=0) <= _BLACK,
        silent=level < 10 ** (_SILENT_DB / 20),
        sound_seconds=len(samples) / _SOUND_RATE,
        lufs=lufs,
    )


def _parts(found: NDArray[np.bool_], seconds: float, what: str) -> Iterator[str]:
    """Yield a line if all is black or silent, else one for each part that is so for long."""
    if not len(found) or not found.any():
        return
    if found.all():
        yield f"the film is {what} from start to end"
        return
    edges = np.flatnonzero(np.diff(np.concatenate(([False], found, [False])).astype(np.int8)))
    apart = seconds / len(found)
    for first, end in edges.reshape(-1, 2):
        if (end - first) * apart >= _LONG_SECONDS:
            yield f"the film is {what} from {first * apart:.0f} s to {end * apart:.0f} s"
