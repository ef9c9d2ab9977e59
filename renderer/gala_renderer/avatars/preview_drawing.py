"""The program that prepares a portrait and draws its preview, as the renderer sees it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from gala_renderer.avatars.frame_job import FrameJob
from gala_renderer.avatars.preparation import NOT_PREPARED
from gala_renderer.avatars.preparation_job import PreparationJob, PreviewTask
from gala_renderer.avatars.sandboxed_program import PREPARATION_SECONDS, program_error
from gala_renderer.avatars.stage import Stage
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.runner import fed_by
from gala_renderer.program_jobs import job_text
from gala_renderer.sandbox.runner import RunningProcess

_PROGRAM: Final = "gala_renderer.avatars.preview_program"
_MEMORY: Final = {"MALLOC_MMAP_THRESHOLD_": f"{32 << 20}", "MALLOC_TRIM_THRESHOLD_": f"{1 << 30}"}
"""Large arrays come and go: glibc keeps their memory, which the system would clear each time."""


@dataclass(frozen=True, slots=True)
class PreviewProgram:
    """The running program; each method is called once at most, in order."""

    _context: RenderContext
    _process: RunningProcess

    async def prepare(self, job: PreparationJob) -> str:
        """Return the line that it answers. Raise ``EngineMissing`` or ``RenderFailed``."""
        await self._send(PreviewTask(prepare=job))
        line = await self._process.stdout.readline()
        if line.endswith(b"\n"):
            return line.decode()
        raise program_error(await self._process.finish(), NOT_PREPARED)

    async def draw(
        self, job: FrameJob, arguments: tuple[str, ...], *, seconds: float, report: Report
    ) -> None:
        """Draw frames for FFmpeg, which is run with these arguments to write ``seconds``."""
        await self._send(PreviewTask(draw=job))
        await self._context.ffmpeg.run(
            arguments,
            cwd=self._context.scratch,
            limit_seconds=PREPARATION_SECONDS,
            media_seconds=seconds,
            report=report,
            feeder=self._process,
        )

    async def _send(self, task: PreviewTask) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - a pipe, see `preview_program`
        # If it has ended already, its answer is missing, which says why.
        with suppress(ConnectionError):
            stdin.write(f"{job_text(task)}\n".encode())
            await stdin.drain()


@asynccontextmanager
async def preview_program(context: RenderContext, stage: Stage) -> AsyncIterator[PreviewProgram]:
    """Start the program, for a block that finds out its jobs meanwhile.

    What the program reads must belong to its user, so that the pipe of the stage is created first.
    """
    command = [sys.executable, "-I", "-m", _PROGRAM, str(context.services.settings.weights_dir)]
    start = context.ffmpeg.sandbox.start
    async with (
        asyncio.timeout(2 * PREPARATION_SECONDS),
        fed_by([stage.pipe]),
        start(command, cwd=context.scratch, environment=_MEMORY, stdin=True) as process,
    ):
        yield PreviewProgram(context, process)
