"""Bring sound to another sample rate."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import ffmpeg

from gala_renderer.engine.context import RenderContext

_LIMIT_SECONDS: Final = 60 * 60.0


async def resample(
    context: RenderContext, track: Path, target: Path, *, old: int, new: int, samples: int
) -> None:
    """Write a track's file of rate ``old`` with ``samples`` samples of rate ``new``."""
    await context.ffmpeg.run(
        resample_arguments(track, target, old, new, samples),
        cwd=context.scratch,
        limit_seconds=_LIMIT_SECONDS,
        media_seconds=max(1, samples) / new,
        report=lambda _: None,
    )


def resample_arguments(
    track: Path, target: Path, old: int, new: int, samples: int
) -> tuple[str, ...]:
    """Return FFmpeg's arguments that resample a track to exactly ``samples`` samples."""
    sound = (
        ffmpeg.input(str(track), f="f32le", ar=old, ac=1)
        .audio.filter("aresample", new)
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
    )
    return tuple(ffmpeg.output(sound, str(target), f="f32le").get_args())
