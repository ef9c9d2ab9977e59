"""Runs FFmpeg through the seam: progress from ``-progress``, its complaints as our errors."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path
from typing import Final

from gala.errors import GalaError, OutOfDisk, RenderFailed
from gala_renderer.plan import Report
from gala_renderer.process import Finished, Sandbox

_QUIET: Final = ("-hide_banner", "-nostdin", "-y", "-loglevel", "error")
_PROGRESS: Final = ("-progress", "pipe:1", "-stats_period", "0.2")
_MEASURE: Final = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info")
_INTEGRATED: Final = re.compile(r"^\s+I:\s+(-?\d+\.\d+) LUFS$", re.MULTILINE)
_LINES_TOLD: Final = 3
_STALLED_SECONDS: Final = 120.0


class FFmpeg:
    """One FFmpeg executable, run in a sandbox. Every call has a time limit in seconds."""

    def __init__(self, executable: Path, sandbox: Sandbox):
        self.executable = executable
        self.sandbox = sandbox

    def command(self, arguments: tuple[str, ...]) -> list[str]:
        """The whole command line of a run that says nothing but its errors."""
        return [str(self.executable), *_QUIET, *arguments]

    async def run(
        self,
        arguments: tuple[str, ...],
        *,
        cwd: Path,
        limit_seconds: float,
        media_seconds: float,
        report: Report,
    ) -> None:
        """Make ``media_seconds`` of media, reporting the fraction done.

        Raises ``OutOfDisk``, ``RenderFailed`` (also if it makes no headway for two minutes) or
        ``TimeoutError``.
        """
        command = [str(self.executable), *_QUIET, *_PROGRESS, *arguments]
        loop = asyncio.get_running_loop()
        reached = 0
        try:
            async with asyncio.timeout(_STALLED_SECONDS) as patience:

                def on_line(line: str) -> None:
                    nonlocal reached
                    key, _, value = line.partition("=")
                    if key == "out_time_us" and value.isdigit() and int(value) > reached:
                        reached = int(value)
                        patience.reschedule(loop.time() + _STALLED_SECONDS)
                        report(min(1.0, reached / 1e6 / media_seconds))

                finished = await self.sandbox.run(
                    command, cwd=cwd, seconds=limit_seconds, on_line=on_line
                )
        except TimeoutError as error:
            if patience.expired():
                raise RenderFailed("FFmpeg made no headway for two minutes.") from error
            raise
        if not finished.ok:
            raise failure(finished, hide=cwd.parent)

    async def integrated_loudness(
        self, arguments: tuple[str, ...], *, cwd: Path, limit_seconds: float
    ) -> float | None:
        """The loudness in LUFS that the arguments measure; ``None`` if there is nothing to hear."""
        command = [str(self.executable), *_MEASURE, *arguments]
        finished = await self.sandbox.run(
            command, cwd=cwd, seconds=limit_seconds, on_line=lambda _: None
        )
        if not finished.ok:
            raise failure(finished, hide=cwd.parent)
        found = _INTEGRATED.findall(finished.stderr)
        return float(found[-1]) if found else None


def failure(finished: Finished, *, hide: Path) -> GalaError:
    """Why FFmpeg failed, in our words; ``hide`` is a folder that is nobody's business."""
    if "No space left on device" in finished.stderr or "Disk quota exceeded" in finished.stderr:
        return OutOfDisk()
    match finished.killed_by:
        case signal.SIGXFSZ:
            return RenderFailed("The output is larger than this server allows.")
        case signal.SIGXCPU:
            return RenderFailed("The render takes more computing time than this server allows.")
    if "Cannot allocate memory" in finished.stderr:
        return RenderFailed("The render needs more memory than this server allows.")
    lines = finished.stderr.replace(f"{hide}/", "").strip().splitlines()
    said = "; ".join(lines[-_LINES_TOLD:]) or f"it ended with status {finished.returncode}"
    return RenderFailed(f"FFmpeg could not make this: {said}")
