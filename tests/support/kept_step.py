"""Keeps the step that draws and encodes, so that its two programs can be run one by one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from gala_renderer.avatars.frame_job import FrameJob
from gala_renderer.avatars.pose import MotionTrack
from gala_renderer.engine.plan import Feeder
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.program_jobs import read_job
from gala_renderer.sandbox.runner import RunningProcess

_PROGRAM = "gala_renderer.avatars.frame_program"


@dataclass(frozen=True, slots=True)
class KeptStep:
    """A copy of the private folder in which frames are drawn, and FFmpeg's command."""

    folder: Path
    job: str
    pipe: str
    command: tuple[str, ...]

    def motion(self) -> list[MotionTrack]:
        """Return the motion of each presenter."""
        job = read_job(FrameJob, (self.folder / self.job).read_bytes())
        values = np.load(job.motion, allow_pickle=False)
        return [MotionTrack(Fraction(job.fps), one) for one in values]

    def draw(self, target: Path) -> float:
        """Draw all frames into a file, without FFmpeg; return the seconds."""
        job = self.folder / self.job
        alone = job.with_name("alone.json")
        alone.write_text(job.read_text().replace(str(self.folder / self.pipe), str(target)))
        return _took([sys.executable, "-I", "-m", _PROGRAM, str(alone)])

    def encode(self, raw: Path) -> float:
        """Encode drawn frames that come through a pipe, with the sound; return the seconds."""
        return self._piped(raw, self.command[1:])

    def encode_with(self, raw: Path, *options: str) -> float:
        """Encode the same frames otherwise, without the sound; return the seconds."""
        source = self.command[1 : self.command.index("-i") + 2]
        return self._piped(raw, (*source, *options, "-f", "null", "-"))

    def _piped(self, raw: Path, arguments: tuple[str, ...]) -> float:
        pipe = self.folder / self.pipe
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe)
        with subprocess.Popen(["sh", "-c", f'cat "{raw}" > "{pipe}"']) as source:
            took = _took([*self.command[:1], "-y", "-v", "error", *arguments])
            source.terminate()
        return took


class KeepingFFmpeg(FFmpeg):
    """FFmpeg that keeps the last step which had a program beside it."""

    def __init__(self, ffmpeg: FFmpeg, folder: Path):
        super().__init__(ffmpeg.executable, ffmpeg.sandbox)
        self._folder = folder
        self.kept: KeptStep | None = None
        self.seconds = 0.0
        """How long that step took."""

    async def run(
        self,
        arguments: tuple[str, ...],
        *,
        feeder: Feeder | RunningProcess | None = None,
        **options: Any,
    ) -> None:
        """Run FFmpeg; see :meth:`gala_renderer.ffmpeg.runner.FFmpeg.run`."""
        if isinstance(feeder, Feeder):
            self._keep(arguments, feeder)
        began = time.perf_counter()
        await super().run(arguments, feeder=feeder, **options)
        if isinstance(feeder, Feeder):
            self.seconds = time.perf_counter() - began

    def _keep(self, arguments: tuple[str, ...], feeder: Feeder) -> None:
        job = Path(feeder.command[-1])
        scratch, attempt = job.parent, job.parent.parent
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(scratch, self._folder)
        copy = self._folder / job.name
        copy.write_text(copy.read_text().replace(str(scratch), str(self._folder)))
        moved = (
            one.replace(str(scratch), str(self._folder)).replace(str(attempt), str(self._folder))
            for one in arguments
        )
        command = (str(self.executable), *moved)
        for one in command:
            if one.startswith(str(self._folder)):
                Path(one).parent.mkdir(parents=True, exist_ok=True)
        self.kept = KeptStep(self._folder, job.name, feeder.pipes[0].name, command)


def _took(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - began
