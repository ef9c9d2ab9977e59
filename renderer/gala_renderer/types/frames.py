"""Plans ``frames``: frames of a video in a ZIP file, and a contact sheet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Final, cast

from PIL import Image

from gala.errors import InvalidRequest
from gala.render_types.frames import MAX_FRAMES, FramesParams, PictureFormat
from gala_renderer.engine.archive import write_archive
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.ffmpeg.frame_extraction import within, write_frame
from gala_renderer.ffmpeg.video_source import inspect_video
from gala_renderer.probe.media import Media

NAME: Final = "frames"

_DEFAULT_COUNT: Final = 12
_SHEET_WIDTH: Final = 1600
_SHEET_HEIGHT: Final = 16_000
_GAP: Final = 8
_BACKGROUND: Final = "#181818"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one short run of FFmpeg per frame, then the archive and the contact sheet."""
    params = cast(FramesParams, order.params)
    media = await inspect_video(context, order.files("video")[0])
    times = frame_times(params, media.length)
    suffix = ".png" if params.picture_format is PictureFormat.PNG else ".jpg"
    paths = [
        context.scratch / f"frame-{number:04d}-{at:.3f}s{suffix}"
        for number, at in enumerate(times, 1)
    ]
    archive, sheet = context.part("frames.zip"), context.part("contact_sheet.jpg")

    async def extract(report: Report) -> None:
        for number, (at, path) in enumerate(zip(times, paths, strict=True), 1):
            await _write(context, media, at, path, params)
            report(number / len(times))

    async def gather(report: Report) -> None:
        await asyncio.to_thread(write_archive, paths, archive)
        report(0.5)
        await asyncio.to_thread(_write_sheet, paths, params.columns, sheet)

    return Plan(
        steps=(PythonStep("extracting", extract, 9.0), PythonStep("gathering", gather)),
        outputs={"contact_sheet": "contact_sheet.jpg", "frames": "frames.zip"},
    )


async def _write(
    context: RenderContext, media: Media, at: float, path: Path, params: FramesParams
) -> None:
    await write_frame(context, media, at, path, width=params.width, form=params.picture_format)


def frame_times(params: FramesParams, seconds: float) -> list[float]:
    """Return the times of the frames in seconds; raise ``InvalidRequest`` for too many."""
    if params.timestamps is not None:
        return [within(seconds, at) for at in params.timestamps]
    if params.every is not None:
        count = max(1, ceil(seconds / params.every - 1e-6))
        if count > MAX_FRAMES:
            raise InvalidRequest(
                f"params.every: this gives {count} frames; at most {MAX_FRAMES} are allowed.",
                field="params.every",
            )
        return [number * params.every for number in range(count)]
    count = params.count or _DEFAULT_COUNT
    return [(number + 0.5) * seconds / count for number in range(count)]


def _write_sheet(paths: Sequence[Path], columns: int, target: Path) -> None:
    columns = min(columns, len(paths))
    with Image.open(paths[0]) as first:
        shape = first.height / first.width
    rows = ceil(len(paths) / columns)
    width = (_SHEET_WIDTH - _GAP) // columns - _GAP
    width = max(1, min(width, int(((_SHEET_HEIGHT - _GAP) / rows - _GAP) / shape)))
    height = max(1, round(width * shape))
    size = (_GAP + columns * (width + _GAP), _GAP + rows * (height + _GAP))
    sheet = Image.new("RGB", size, _BACKGROUND)
    for at, path in enumerate(paths):
        row, column = divmod(at, columns)
        with Image.open(path) as frame:
            small = frame.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (_GAP + column * (width + _GAP), _GAP + row * (height + _GAP)))
    sheet.save(target, format="JPEG", quality=88)
