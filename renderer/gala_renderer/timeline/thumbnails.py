"""The picture that stands for a finished film: a moment at which something is seen.

Usually one frame is decoded: that in the middle of a scene. Others follow only if it is dark or
plain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.document.output import CONTAINERS, FileFormat, OutputParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.ffmpeg.film_assembly import poster_of
from gala_renderer.timeline.graph import frame_at
from gala_renderer.types.thumbnail import informative

ROLE: Final = "thumbnail"
NAME: Final = "thumbnail.jpg"
_SIDE: Final = 64
_GOOD: Final = 12.0
"""What :func:`informative` says of a frame with a large text on an even color, at least."""
_PLACES: Final = (Fraction(1, 2), Fraction(1, 5), Fraction(4, 5), Fraction(1, 3), Fraction(2, 3))
_LIMIT_SECONDS: Final = 60.0


def has_thumbnail(params: OutputParams, compiled: CompiledTimeline) -> bool:
    """Return True for films with pictures; others are pictures, or have none."""
    is_seen = any(layer.is_visible for layer in compiled.layers)
    return params.file_format in CONTAINERS | {FileFormat.HLS} and is_seen


def moments(params: OutputParams, compiled: CompiledTimeline) -> Iterator[int]:
    """Yield frames that may stand for a film, the most probable first.

    That of the poster, if there is one; else those in the middle of scenes, so that what appears at
    the beginning of a scene is there.
    """
    last, rate = compiled.frames - 1, Fraction(compiled.frame.fps)
    if params.poster is not None:
        yield min(last, frame_at(params.poster, rate))
        return
    found: dict[int, None] = {}
    for place in _PLACES:
        at = int(place * last)
        scene = next(
            (one for one in compiled.scenes if one.first_frame <= at < one.end_frame), None
        )
        if scene is not None and len(compiled.scenes) > 1:
            at = (scene.first_frame + scene.end_frame) // 2
        found[min(at, last)] = None
    yield from found


async def make_thumbnail(
    context: RenderContext, film: Path, params: OutputParams, compiled: CompiledTimeline
) -> bool:
    """Write the thumbnail of a film: the first good frame, else the best of several.

    Return False if no frame of the film can be read.
    """
    target, best = context.part(NAME), -1.0
    for number, at in enumerate(moments(params, compiled)):
        picture = context.scratch / f"thumbnail-{number}.jpg"
        await context.ffmpeg.run(
            poster_of(film, at, Fraction(compiled.frame.fps), picture),
            cwd=context.scratch,
            limit_seconds=_LIMIT_SECONDS,
            media_seconds=1.0,
            report=lambda _: None,
        )
        if not picture.exists():
            continue
        worth = await asyncio.to_thread(_worth, picture)
        if worth > best:
            best = worth
            picture.replace(target)
        if worth >= _GOOD:
            break
    return target.exists()


def _worth(path: Path) -> float:
    with Image.open(path) as picture:
        picture.draft("L", (_SIDE, _SIDE))
        small = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
        return informative(np.asarray(small, dtype=float))
