"""The steps that encode each drawing or caption once, and then the frames that repeat it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from gala.render_types.params.video_encoding import Quality
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Feeder, FFmpegStep, PythonStep, Report, Step
from gala_renderer.ffmpeg.encoder_options import VideoEncoding
from gala_renderer.ffmpeg.narration_graph import NO_TAGS, Narration
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.ffmpeg.sparse_narration import (
    SparseFiles,
    encode_drawings,
    times_of,
    write_video,
)
from gala_renderer.h264.repeats import with_repeats

_ENCODING: Final = 8.0
_REPEATING: Final = 0.1
"""Weights of the steps."""


async def can_be_sparse(ffmpeg: FFmpeg, encoding: VideoEncoding, quality: Quality) -> bool:
    """Return True if frames are encoded by x264 without B-frames, and FFmpeg tells their times.

    FFmpeg 6 and later do.
    """
    quick = encoding.codec == "libx264" and quality is not Quality.PRODUCTION
    return quick and await ffmpeg.has_option("stats_enc_post")


def sparse_steps(
    context: RenderContext,
    narration: Narration,
    encoding: VideoEncoding,
    *,
    feeder: Feeder | None = None,
    tags: Mapping[str, str] = NO_TAGS,
) -> tuple[Step, ...]:
    """Return the steps that write ``video.mp4`` and ``thumbnail.jpg``."""
    canvas, files = narration.canvas, SparseFiles(context.scratch)
    threads = context.threads if feeder is None else context.threads_beside_drawing
    encode = encode_drawings(narration, files, encoding=encoding, threads=threads)
    write = write_video(
        files,
        canvas,
        video=context.part("video.mp4"),
        thumbnail=context.part("thumbnail.jpg"),
        tags=tags,
    )

    def repeat() -> None:
        times = times_of(files.times.read_text().split(), canvas.frames)
        files.pictures.write_bytes(with_repeats(files.drawings.read_bytes(), times, canvas.frames))

    async def work(report: Report) -> None:
        await asyncio.to_thread(repeat)
        report(1.0)

    return (
        FFmpegStep("encoding", encode, canvas.seconds, _ENCODING, feeder),
        PythonStep("repeating frames", work, _REPEATING),
        FFmpegStep("writing", write, canvas.seconds, _REPEATING),
    )
