"""The steps that encode drawn presenters: each drawing once, and then the frames that repeat it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from gala.render_types.params.video_encoding import Quality
from gala_renderer.avatars.stage import Stage
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Feeder, FFmpegStep, PythonStep, Report, Step
from gala_renderer.ffmpeg.encoder_options import VideoEncoding
from gala_renderer.ffmpeg.narration_graph import Narration
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


def may_be_sparse(stage: Stage, encoding: VideoEncoding, quality: Quality) -> bool:
    """Return True if the drawings fill the frame, and x264 encodes them without B-frames."""
    alone = not stage.alpha and stage.params.inset is None
    return alone and quality is not Quality.PRODUCTION and encoding.codec == "libx264"


async def can_be_sparse(ffmpeg: FFmpeg) -> bool:
    """Return True if this FFmpeg tells when a frame is shown, as FFmpeg 6 and later do."""
    return await ffmpeg.has_option("stats_enc_post")


def sparse_steps(
    context: RenderContext,
    narration: Narration,
    feeder: Feeder,
    encoding: VideoEncoding,
    tags: Mapping[str, str],
) -> tuple[Step, ...]:
    """Return the steps that write ``video.mp4`` and ``thumbnail.jpg``."""
    canvas, files = narration.canvas, SparseFiles(context.scratch)
    encode = encode_drawings(
        narration,
        files,
        thumbnail=context.part("thumbnail.jpg"),
        encoding=encoding,
        threads=context.threads,
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
        FFmpegStep(
            "writing",
            write_video(files, canvas, context.part("video.mp4"), tags),
            canvas.seconds,
            _REPEATING,
        ),
    )
