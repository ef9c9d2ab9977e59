"""Plans ``thumbnail``: the frame at a given time, or the most informative of several."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

import ffmpeg
import numpy

from gala.render_types.frames import PictureFormat
from gala.render_types.thumbnail import ThumbnailParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan, PythonStep, Report
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.frame_extraction import on_white, scaled, within, write_frame, written
from gala_renderer.ffmpeg.part_source import pictures_from
from gala_renderer.ffmpeg.video_source import rate_of
from gala_renderer.probe.media import Media

NAME: Final = "thumbnail"

_CANDIDATES: Final = 9
_SIDE: Final = 64
_SECONDS: Final = 60.0


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to extract a frame of a video, or to scale a picture down."""
    params = cast(ThumbnailParams, order.params)
    file = order.files("video")[0]
    media = await context.inspect(file)
    picture = media.require_picture(file.field)
    png = params.picture_format is PictureFormat.PNG
    name = "thumbnail.png" if png else "thumbnail.jpg"
    target = context.part(name)
    if picture.still or not media.length:
        step: FFmpegStep | PythonStep = FFmpegStep("drawing", small(media, params, target), 1.0)
    else:

        async def extract(report: Report) -> None:
            at = params.timestamp
            if at is None:
                at = await _best_time(context, media)
                report(0.6)
            at = within(media.length, at)
            await write_frame(
                context, media, at, target, width=params.width, form=params.picture_format
            )

        step = PythonStep("drawing", extract)
    return Plan((step,), outputs={"thumbnail": name})


def small(media: Media, params: ThumbnailParams, target: Path) -> tuple[str, ...]:
    """Return arguments that scale a picture; transparency becomes white."""
    shown = on_white(media, "video")
    options = {"f": "image2", "update": 1, "frames:v": 1, **REPRODUCIBLE}
    output = written(scaled(shown, params.width), target, params.picture_format, **options)
    return tuple(output.get_args())


async def _best_time(context: RenderContext, media: Media) -> float:
    """Return the time of the most informative frame: neither dark, nor plain, nor blurred."""
    seconds = media.length
    times = [(number + 0.5) * seconds / _CANDIDATES for number in range(_CANDIDATES)]
    target = context.scratch / "candidates.gray"
    await context.ffmpeg.run(
        candidates(media, times, target),
        cwd=context.scratch,
        limit_seconds=_SECONDS,
        media_seconds=1.0,
        report=lambda _: None,
    )
    found = numpy.fromfile(target, numpy.uint8)
    frames = found[: len(found) // _SIDE**2 * _SIDE**2].reshape(-1, _SIDE, _SIDE)
    if len(frames) == 0:
        return 0.0
    return times[int(numpy.argmax([informative(frame.astype(float)) for frame in frames]))]


def candidates(media: Media, times: list[float], target: Path) -> tuple[str, ...]:
    """Return arguments that write a small grey frame of each time, all into one file."""
    rate = rate_of(media.require_picture("video"))
    frames = [
        pictures_from(media, at, 1, rate, an=None)
        .filter("scale", w=_SIDE, h=_SIDE)
        .filter("format", "gray")
        for at in times
    ]
    options = {"f": "rawvideo", "fps_mode": "passthrough", **REPRODUCIBLE}
    return tuple(ffmpeg.output(ffmpeg.concat(*frames), str(target), **options).get_args())


def informative(frame: numpy.ndarray[Any, numpy.dtype[numpy.float64]]) -> float:
    """Rate a grey frame by contrast and edges, reduced if it is too dark or too bright."""
    edges = (
        numpy.abs(numpy.diff(frame, axis=0)).mean() + numpy.abs(numpy.diff(frame, axis=1)).mean()
    )
    light = frame.mean() / 255
    return float((frame.std() + 2 * edges) * min(1.0, light / 0.2, (1 - light) / 0.1))
