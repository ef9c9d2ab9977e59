"""A look at a finished film: is it black, is it silent, does the sound end too early?

A few frames and the sound at a low rate are decoded in one run, of at most ten minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from gala_renderer.engine.context import RenderContext

_MAX_SECONDS: Final = 600.0
_SHORT_SECONDS: Final = 10.0
"""Of shorter films all frames are decoded: they have few key frames, and may begin black."""
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


@dataclass(frozen=True, slots=True)
class Look:
    """What a film looks and sounds like: at each sample True if it is black, or silent."""

    black: NDArray[np.bool_]
    silent: NDArray[np.bool_]
    sound_seconds: float


async def surprises(
    context: RenderContext, path: Path, *, seconds: float, has_sound: bool, may_be_black: bool
) -> list[str]:
    """Return what is probably not wanted in a finished film, as lines for the job's log."""
    look = await _look(context, path, seconds, has_sound=has_sound)
    length = min(seconds, _MAX_SECONDS)
    found = [] if may_be_black else list(_parts(look.black, length, "black"))
    if has_sound:
        found += _parts(look.silent, min(length, look.sound_seconds), "silent")
        if length - look.sound_seconds > _TOLERANCE:
            found.append(f"the sound ends {length - look.sound_seconds:.1f} s before the film")
    return found


async def _look(context: RenderContext, path: Path, seconds: float, *, has_sound: bool) -> Look:
    pictures, sound = context.scratch / "look.gray", context.scratch / "look.pcm"
    arguments = look_arguments(path, pictures, sound if has_sound else None, seconds=seconds)
    await context.ffmpeg.run(
        arguments,
        cwd=context.scratch,
        limit_seconds=_LIMIT_SECONDS,
        media_seconds=min(seconds, _MAX_SECONDS),
        report=lambda _: None,
    )
    return await asyncio.to_thread(_read, pictures, sound if has_sound else None)


def look_arguments(
    path: Path, pictures: Path, sound: Path | None, *, seconds: float
) -> tuple[str, ...]:
    """Return arguments that write small grey frames, and the sound at 8 kHz."""
    options: dict[str, Any] = {"t": _MAX_SECONDS}
    if seconds > _SHORT_SECONDS:
        options["skip_frame"] = "nokey"
    film = ffmpeg.input(str(path), **options)
    small = film.video.filter("scale", w=_SIDE, h=_SIDE, flags="area", out_range="pc")
    grey = small.filter("format", "gray")
    raw = {"f": "rawvideo", "fps_mode": "passthrough"}
    outputs = [ffmpeg.output(grey, str(pictures), **raw)]
    if sound is not None:
        low = {"f": "s16le", "ac": 1, "ar": _SOUND_RATE}
        outputs.append(ffmpeg.output(film.audio, str(sound), **low))
    return tuple(ffmpeg.merge_outputs(*outputs).get_args())


def _read(pictures: Path, sound: Path | None) -> Look:
    frames = np.fromfile(pictures, np.uint8)
    frames = frames[: len(frames) // _SIDE**2 * _SIDE**2].reshape(-1, _SIDE**2)
    samples = np.fromfile(sound, "<i2") if sound is not None else np.zeros(0, "<i2")
    window = round(_WINDOW_SECONDS * _SOUND_RATE)
    whole = samples[: len(samples) // window * window].reshape(-1, window).astype(np.float32)
    level = np.sqrt((whole**2).mean(axis=1)) / 32768 if len(whole) else np.zeros(0, np.float32)
    return Look(
        black=frames.max(axis=1, initial=0) <= _BLACK,
        silent=level < 10 ** (_SILENT_DB / 20),
        sound_seconds=len(samples) / _SOUND_RATE,
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
