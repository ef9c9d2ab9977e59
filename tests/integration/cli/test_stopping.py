"""A command that is stopped leaves no file, no process and no running job."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from gala.job import JobStatus
from tests.platform.stack import Stack
from tests.support.processes import command_of, runs
from tests.support.wait import wait_until

Samples = Callable[[str], Path]

MINUTES = ("--seconds", "60", "--motion", "ken_burns", "--quality", "production")


@contextmanager
def working(home: Path, folder: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Run a command that would take minutes in a separate process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gala.cli", "slideshow", *map(str, arguments), *MINUTES],
        cwd=folder,
        env={**os.environ, "GALA_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_a_stopped_command_leaves_no_file_and_no_process(
    signum: signal.Signals, code: int, tmp_path: Path, samples: Samples
) -> None:
    home, folder = tmp_path / "home", tmp_path / "out"
    folder.mkdir()
    with working(home, folder, samples("picture"), samples("other_picture")) as process:
        program = psutil.Process(process.pid)
        wait_until(lambda: _encodes(program), 60, what="FFmpeg")
        children = program.children(recursive=True)
        process.send_signal(signum)
        out, err = process.communicate(timeout=90)
    assert process.returncode == code, err
    assert out == ""
    assert "Traceback" not in err
    assert list(folder.iterdir()) == []
    wait_until(lambda: not any(map(runs, children)), 10, what="the end of all children")
    assert not any((home / "local" / "jobs").iterdir())


def _encodes(program: psutil.Process) -> bool:
    commands = map(command_of, program.children(recursive=True))
    return any("ffmpeg" in command and "libx264" in command for command in commands)


def test_a_stopped_command_cancels_its_job_on_the_server(
    tmp_path: Path, samples: Samples, shared_stack: Stack
) -> None:
    client = shared_stack.client
    jobs = {job.id for job in client.jobs(limit=200)}
    assets = {asset.id for asset in client.assets(limit=200)}
    remote = ("--remote", shared_stack.base_url)
    with working(tmp_path / "home", tmp_path, samples("picture"), *remote) as process:
        job_id = wait_until(
            lambda: next(
                (
                    job.id
                    for job in client.jobs(status=JobStatus.RUNNING, limit=200)
                    if job.id not in jobs
                ),
                None,
            ),
            60,
            what="a running job",
        )
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=90)
    assert process.returncode == 130, err
    assert out == ""
    assert job_id is not None
    # The command waits only for a limited time.
    wait_until(
        lambda: client.job(job_id).status is JobStatus.CANCELLED, 60, what="the end of the job"
    )
    assert {asset.id for asset in client.assets(limit=200)} == assets
    assert not list(tmp_path.glob("*.mp4"))
