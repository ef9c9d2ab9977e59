"""Frames of videos that are decoded at the same time for one picture."""

from __future__ import annotations

import asyncio
import os
import time
from fractions import Fraction
from pathlib import Path

import pytest

from gala.errors import RenderFailed
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.folder_cache import FolderCache
from gala_renderer.engine.resources import EngineResources
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.probe.media import Media, VideoStream
from gala_renderer.sandbox.runner import Sandbox
from gala_renderer.settings import RendererSettings
from gala_renderer.timeline.decoded_runs import DecodedRuns
from gala_renderer.timeline.kept_frames import FrameStore

PICTURE = VideoStream(width=16, height=16, pixel_format="yuv420p")


def video(path: Path) -> Media:
    return Media(path=path, demuxer="mp4", seconds=10.0, picture=PICTURE)


def test_a_file_that_cannot_be_decoded_ends_the_decoding_of_the_others(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    program = tmp_path / "ffmpeg"
    program.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *slow.mp4*) echo $$ > {pid}.part; mv {pid}.part {pid}; exec sleep 60 ;; '
        "esac\n"
        f"while ! test -e {pid}; do sleep 0.01; done\n"
        "exit 1\n"
    )
    program.chmod(0o755)
    ffmpeg = FFmpeg(program, Sandbox())
    services = EngineResources(RendererSettings(data_root=tmp_path), ffmpeg)
    context = RenderContext(
        ffmpeg=ffmpeg, services=services, scratch=tmp_path, part=tmp_path.joinpath, threads=2
    )
    files = [video(tmp_path / name) for name in ("slow.mp4", "broken.mp4")]
    store = FrameStore(
        cache=FolderCache(tmp_path / "cache", limit_bytes=1 << 24),
        contents={one.path: one.path.name for one in files},
        decoder="",
        folder=tmp_path,
    )
    runs = DecodedRuns(store)
    for one in files:
        assert runs.frame(one, Fraction(5), Fraction(30)) is not None
    paths = [str(tmp_path / f"decoded-{number}.yuv") for number in range(2)]

    async def provide() -> None:
        with pytest.raises(RenderFailed):
            await runs.provide(paths, context)
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid.read_text()), 0)

    begun = time.monotonic()
    asyncio.run(provide())
    ffmpeg.sandbox.close()
    assert time.monotonic() - begun < 30
