"""A program beside FFmpeg, whose frames it reads: how that ends, whoever ends first."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from gala.errors import RenderFailed
from gala_renderer.encoder import FFmpeg
from gala_renderer.executables import find_ffmpeg
from gala_renderer.plan import Feeder
from gala_renderer.process import Limits, Sandbox

FRAME = 64 * 48 * 3 // 2
ENDLESS = f"""
import contextlib, os, sys
with contextlib.suppress(BrokenPipeError), open(sys.argv[1], "wb", buffering=0) as pipe:
    open(sys.argv[2], "w").write(str(os.getpid()))
    while True:
        pipe.write(bytes({FRAME}))
"""


@pytest.fixture
def ffmpeg() -> FFmpeg:
    return FFmpeg(find_ffmpeg(None), Sandbox(Limits()))


def feeder(tmp_path: Path, program: str) -> Feeder:
    pipe = tmp_path / "frames.pipe"
    words = (sys.executable, "-c", program, str(pipe), str(tmp_path / "pid"))
    return Feeder(words, (pipe,))


def arguments(tmp_path: Path, frames: int) -> tuple[str, ...]:
    read = ("-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", "64x48")
    source = (*read, "-i", str(tmp_path / "frames.pipe"))
    return (*source, "-frames:v", str(frames), "-f", "null", "-")


def run(ffmpeg: FFmpeg, tmp_path: Path, program: str, frames: int = 20) -> None:
    async def whole() -> None:
        await ffmpeg.run(
            arguments(tmp_path, frames),
            cwd=tmp_path,
            limit_seconds=20,
            media_seconds=1,
            report=lambda _: None,
            feeder=feeder(tmp_path, program),
        )

    asyncio.run(whole())


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_feeder_ends_when_ffmpeg_has_enough(ffmpeg: FFmpeg, tmp_path: Path) -> None:
    run(ffmpeg, tmp_path, ENDLESS)
    assert is_gone(int((tmp_path / "pid").read_text()))
    assert not (tmp_path / "frames.pipe").exists()


@pytest.mark.parametrize("when", ["before it opens the pipe", "while it writes"])
def test_a_feeder_that_fails_ends_the_run_with_its_complaint(
    ffmpeg: FFmpeg, tmp_path: Path, when: str
) -> None:
    fails = "raise SystemExit('no colours left')"
    writes = f"import sys; pipe = open(sys.argv[1], 'wb'); pipe.write(bytes({FRAME * 3}))\n"
    program = fails if when.startswith("before") else writes + fails
    with pytest.raises(RenderFailed, match="no colours left"):
        run(ffmpeg, tmp_path, program, frames=1_000_000)


def test_ffmpegs_own_failure_ends_the_feeder(ffmpeg: FFmpeg, tmp_path: Path) -> None:
    async def whole() -> None:
        await ffmpeg.run(
            ("-f", "nonsense", "-i", str(tmp_path / "frames.pipe"), "-f", "null", "-"),
            cwd=tmp_path,
            limit_seconds=20,
            media_seconds=1,
            report=lambda _: None,
            feeder=feeder(tmp_path, ENDLESS),
        )

    with pytest.raises(RenderFailed, match="nonsense"):
        asyncio.run(whole())


def test_cancelling_leaves_neither_process_nor_pipe(ffmpeg: FFmpeg, tmp_path: Path) -> None:
    async def whole() -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(
            ffmpeg.run(
                arguments(tmp_path, 10**9),
                cwd=tmp_path,
                limit_seconds=60,
                media_seconds=1,
                report=lambda _: begun.set(),
                feeder=feeder(tmp_path, ENDLESS),
            )
        )
        await asyncio.wait_for(begun.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(whole())
    assert is_gone(int((tmp_path / "pid").read_text()))
    assert not (tmp_path / "frames.pipe").exists()
