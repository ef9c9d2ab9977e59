"""What a finished film should be, and the plan that looks at it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.document.output import (
    ANIMATIONS,
    CONTAINERS,
    SOUNDS,
    STILLS,
    FileFormat,
    OutputParams,
)
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.media_facts import facts_of
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import Plan
from gala_renderer.ffmpeg.hls_ladder import gathered
from gala_renderer.timeline.inspection import Wanted, surprises
from gala_renderer.timeline.writing import STREAM_FOLDER, video_name

_ROLE: Final = "video"
_GATHERED: Final = "gathered.mp4"
_LIMIT_SECONDS: Final = 300.0


def wanted_film(
    params: OutputParams, compiled: CompiledTimeline, *, has_sound: bool, lufs: float | None
) -> Wanted:
    """Return what a film should be; ``lufs`` is None if it may be as loud as it is."""
    kind, frame = params.file_format, compiled.frame
    is_film = kind in CONTAINERS | {FileFormat.HLS}
    empty = not any(layer.is_visible for layer in compiled.layers)
    return Wanted(
        size=None if kind in SOUNDS else (frame.width, frame.height),
        seconds=None if kind in STILLS else float(compiled.frames / Fraction(frame.fps)),
        rate=Fraction(frame.fps) if is_film else None,
        has_sound=has_sound and (is_film or kind in SOUNDS),
        lufs=lufs,
        may_be_black=empty or params.transparent or kind in ANIMATIONS,
    )


async def film_file(context: RenderContext, params: OutputParams) -> Path:
    """Return the finished film as one file: for HLS, a copy of its largest size and its sound."""
    if params.file_format is not FileFormat.HLS:
        return context.part(video_name(params))
    film = context.scratch / _GATHERED
    await context.ffmpeg.run(
        gathered(context.scratch / STREAM_FOLDER, film),
        cwd=context.scratch,
        limit_seconds=_LIMIT_SECONDS,
        media_seconds=1.0,
        report=lambda _: None,
    )
    return film


async def looked_at(context: RenderContext, order: RenderOrder, film: Path, wanted: Wanted) -> Plan:
    """Return the plan that says what is probably not wanted in the finished film.

    It also has what the file contains, so that it need not be inspected again.
    """
    mime = next(one for one in order.type.outputs if one.role == _ROLE).mime_of(film.name)
    media = (await context.inspect_outputs([InputFile(film, mime, _ROLE)])).get(film)
    found = await surprises(context, film, media, wanted)
    facts = {} if media is None else {_ROLE: facts_of(media, mime)}
    return Plan((), warnings=tuple(found), media=facts)
