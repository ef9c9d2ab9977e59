"""Feeders, whose frames FFmpeg reads: how runs end, whichever process ends first."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gala.errors import RenderFailed
from gala_renderer.engine.plan import Feeder
from gala_renderer.ffmpeg import ken_burns_program
from gala_renderer.ffmpeg.binary import find_ffmpeg
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox

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
    return FFmpeg(find_ffmpeg(None), Sandbox(ProcessLimits()))


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


def test_a_picture_that_cannot_be_drawn_ends_the_drawing_of_all(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yuv", tmp_path / "bad.yuv"
    good.write_bytes(bytes(FRAME))
    bad.write_bytes(b"cut off")
    job = tmp_path / "job.json"
    shape = {"width": 64, "height": 48, "frame_width": 32, "frame_height": 24}
    pipes = [tmp_path / "good.pipe", tmp_path / "bad.pipe"]
    for pipe in pipes:
        os.mkfifo(pipe)
    pictures = [
        {**shape, "planes": str(planes), "pipe": str(pipe), "windows": [[0, 0, 64, 48]]}
        for planes, pipe in zip((good, bad), pipes, strict=True)
    ]
    job.write_text(json.dumps(pictures))
    # No process reads the good one's frames: its blocked writer must not keep it alive.
    reader = os.open(pipes[1], os.O_RDONLY | os.O_NONBLOCK)
    try:
        ended = subprocess.run(
            [sys.executable, "-I", ken_burns_program.__file__, str(job), "1"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    finally:
        os.close(reader)
    assert ended.returncode == 1
    assert "buffer is not large enough" in ended.stderr


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
        async with asyncio.timeout(20):
            await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(whole())
    assert is_gone(int((tmp_path / "pid").read_text()))
    assert not (tmp_path / "frames.pipe").exists()
