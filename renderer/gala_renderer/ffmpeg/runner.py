"""Runs FFmpeg through the seam: progress from ``-progress``, its complaints as our errors."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from gala.errors import GalaError, OutOfDisk, RenderFailed
from gala_renderer.engine.plan import Feeder, Report
from gala_renderer.sandbox.runner import ProcessResult, RunningProcess, Sandbox

_QUIET: Final = ("-hide_banner", "-nostdin", "-y", "-loglevel", "error")
_PROGRESS: Final = ("-progress", "pipe:1", "-stats_period", "0.2")
_MEASURE: Final = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info")
_INTEGRATED: Final = re.compile(r"^\s+I:\s+(-?\d+\.\d+) LUFS$", re.MULTILINE)
_ASK_SECONDS: Final = 15.0
_LINES_TOLD: Final = 3
_CHIPS: Final = ("_nvenc", "_qsv", "_vaapi")
_STALLED_SECONDS: Final = 120.0
_LAST_WORD_SECONDS: Final = 2.0
"""How long a feeder may take to end when FFmpeg has; then it is ended."""


class FFmpeg:
    """One FFmpeg executable, run in a sandbox. Every call has a time limit in seconds."""

    def __init__(self, executable: Path, sandbox: Sandbox):
        self.executable = executable
        self.sandbox = sandbox
        self._filters: frozenset[str] | None = None

    def command(self, arguments: tuple[str, ...]) -> list[str]:
        """The whole command line of a run that says nothing but its errors."""
        return [str(self.executable), *_QUIET, *arguments]

    async def has_filter(self, name: str) -> bool:
        """Whether this FFmpeg was built with that filter; it is asked once."""
        if self._filters is None:
            lines: list[str] = []
            await self.sandbox.run(
                [str(self.executable), "-hide_banner", "-filters"],
                cwd=Path("/"),
                seconds=_ASK_SECONDS,
                on_line=lines.append,
            )
            self._filters = frozenset(line.split()[1] for line in lines if "->" in line)
        return name in self._filters

    async def run(
        self,
        arguments: tuple[str, ...],
        *,
        cwd: Path,
        limit_seconds: float,
        media_seconds: float,
        report: Report,
        feeder: Feeder | None = None,
    ) -> None:
        """Make ``media_seconds`` of media, reporting the fraction done.

        A ``feeder`` runs beside it, and ends with it.

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

                async with self._fed(feeder, cwd):
                    finished = await self.sandbox.run(
                        command,
                        cwd=cwd,
                        seconds=limit_seconds,
                        on_line=on_line,
                        gpu=_on_a_chip(arguments),
                    )
        except TimeoutError as error:
            if patience.expired():
                raise RenderFailed("FFmpeg made no headway for two minutes.") from error
            raise
        if not finished.ok:
            raise failure(finished, hide=cwd.parent)

    @asynccontextmanager
    async def _fed(self, feeder: Feeder | None, cwd: Path) -> AsyncIterator[None]:
        """Around a run that reads the feeder's pipes; if that one fails, the run is cut short."""
        if feeder is None:
            yield
            return
        for pipe in feeder.pipes:
            os.mkfifo(pipe, 0o600)
        async with self.sandbox.start(feeder.command, cwd=cwd) as running:
            watch = asyncio.create_task(_succeeded(running, hide=cwd.parent))
            try:
                async with _cut_short_by(watch):
                    yield
                # It may have failed at last, and FFmpeg have made do with what came before.
                await asyncio.wait({watch}, timeout=_LAST_WORD_SECONDS)
                if watch.done():
                    watch.result()
            finally:
                watch.cancel()
                for pipe in feeder.pipes:
                    pipe.unlink(missing_ok=True)

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


def _on_a_chip(arguments: tuple[str, ...]) -> bool:
    """Whether it encodes on one, and so must see the machine's graphics cards."""
    return any(argument.endswith(_CHIPS) for argument in arguments)


async def _succeeded(running: RunningProcess, *, hide: Path) -> None:
    finished = await running.finish()
    if not finished.ok:
        raise failure(finished, hide=hide)


@asynccontextmanager
async def _cut_short_by(watch: asyncio.Task[None]) -> AsyncIterator[None]:
    """The block is cancelled, and ends with the error of ``watch``, if that one fails first."""
    inside = asyncio.current_task()
    assert inside is not None  # noqa: S101 - a coroutine always runs in a task

    def on_end(ended: asyncio.Task[None]) -> None:
        if not ended.cancelled() and ended.exception() is not None:
            inside.cancel()

    watch.add_done_callback(on_end)
    try:
        yield
    except asyncio.CancelledError:
        if watch.done() and not watch.cancelled() and (error := watch.exception()):
            inside.uncancel()
            raise error from None
        raise
    finally:
        watch.remove_done_callback(on_end)


def failure(finished: ProcessResult, *, hide: Path) -> GalaError:
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
