"""FFmpeg that deadlocks is started again; FFmpeg that works is not."""

from __future__ import annotations

import asyncio
import shlex
import sys
from pathlib import Path

import psutil
import pytest

from gala.errors import RenderFailed
from gala_renderer.engine.plan import Feeder
from gala_renderer.ffmpeg import runner
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox

STUCK_SECONDS = 1.0
PROGRAM = """
import os, sys, threading, time
folder, turns, work = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with open(f"{folder}/starts", "a") as starts:
    print(os.getpid(), file=starts)
if len(open(f"{folder}/starts").readlines()) <= turns:
    lock = threading.Lock()
    lock.acquire()
    # As FFmpeg does, the first thread reports all the time that there is nothing new.
    threading.Thread(target=lock.acquire, daemon=True).start()
    while True:
        print("out_time_us=900000", flush=True)
        time.sleep(0.2)
if work == "computes":
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        pass
if work == "repeats":
    begin = last = time.monotonic()
    while (now := time.monotonic()) < begin + 5:
        if now > last + 0.2:
            last = now
            print(f"out_time_us={int((now - begin) * 100_000)}", flush=True)
if work == "reads":
    open(f"{folder}/frames.pipe", "rb").read()
print("out_time_us=1000000", flush=True)
"""
FEEDER = """
import sys, time
with open(sys.argv[1], "wb") as pipe:
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        pass
    pipe.write(b"frames")
"""


def run(tmp_path: Path, turns: int, work: str = "") -> list[float]:
    """Run a program that gets stuck in its first turns; return the fractions that it reports."""
    program, source = tmp_path / "program.py", tmp_path / "ffmpeg"
    program.write_text(PROGRAM)
    command = shlex.join([sys.executable, str(program), str(tmp_path), str(turns), work or "-"])
    source.write_text(f"#!/bin/sh\nexec {command}\n")
    source.chmod(0o700)
    ffmpeg = FFmpeg(source, Sandbox(ProcessLimits()), stuck_seconds=STUCK_SECONDS)
    reported: list[float] = []
    pipe = tmp_path / "frames.pipe"
    feeder = Feeder((sys.executable, "-c", FEEDER, str(pipe)), (pipe,)) if work == "reads" else None
    asyncio.run(
        ffmpeg.run(
            ("-i", "film"),
            cwd=tmp_path,
            limit_seconds=60,
            media_seconds=1,
            report=reported.append,
            feeder=feeder,
        )
    )
    return reported


def starts(tmp_path: Path) -> list[int]:
    return [int(line) for line in (tmp_path / "starts").read_text().split()]


@pytest.mark.parametrize("turns", [1, 2])
def test_ffmpeg_that_deadlocks_is_killed_and_started_again(tmp_path: Path, turns: int) -> None:
    assert run(tmp_path, turns) == [0.9, 1.0]
    assert len(starts(tmp_path)) == turns + 1
    assert not any(psutil.pid_exists(pid) for pid in starts(tmp_path))


def test_the_third_time_fails(tmp_path: Path) -> None:
    with pytest.raises(RenderFailed, match="three times"):
        run(tmp_path, 9)
    assert len(starts(tmp_path)) == 3


@pytest.mark.parametrize("work", ["computes", "reads"])
def test_ffmpeg_that_works_or_waits_for_what_works_is_left_alone(tmp_path: Path, work: str) -> None:
    assert run(tmp_path, 0, work) == [1.0]
    assert len(starts(tmp_path)) == 1


def test_a_feeder_is_started_again_with_it(tmp_path: Path) -> None:
    assert run(tmp_path, 1, "reads") == [0.9, 1.0]
    assert len(starts(tmp_path)) == 2


def test_what_was_written_before_a_deadlock_counts_as_progress_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Shorter than the second run takes to get as far as the first one did.
    monkeypatch.setattr(runner, "_STALLED_SECONDS", 4.0)
    assert run(tmp_path, 1, "repeats") == [0.9, 1.0]
