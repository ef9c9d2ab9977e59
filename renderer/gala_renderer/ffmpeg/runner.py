"""Runs FFmpeg in the sandbox: progress from ``-progress``, its error output as GALA's errors."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.errors import GalaError, OutOfDisk, RenderFailed
from gala_renderer.engine.plan import Feeder, Report
from gala_renderer.sandbox.idleness import until_idle
from gala_renderer.sandbox.program_end import ProgramEnd
from gala_renderer.sandbox.runner import ProcessResult, RunningProcess, Sandbox

_log = logging.getLogger(__name__)

_QUIET: Final = ("-hide_banner", "-nostdin", "-y", "-loglevel", "error")
_PROGRESS: Final = ("-progress", "pipe:1", "-stats_period", "0.2")
_QUERY_SECONDS: Final = 15.0
_ERROR_LINES: Final = 3
_HARDWARE_CODECS: Final = ("_nvenc", "_qsv", "_vaapi")
_STALLED_SECONDS: Final = 120.0
_OVER_LIMITS: Final = {
    ProgramEnd.FILE_LIMIT: "The output is larger than this server allows.",
    ProgramEnd.CPU_LIMIT: "The render takes more computing time than this server allows.",
    ProgramEnd.MEMORY_LIMIT: "The render needs more memory than this server allows.",
}
_TRIES: Final = 3
_STUCK_SECONDS: Final = 8.0
_STUCK: Final = "FFmpeg stopped in the middle of its work, three times."
_FEEDER_EXIT_SECONDS: Final = 2.0
"""How long a feeder may take to exit after FFmpeg did; then it is killed."""


class FFmpeg:
    """One FFmpeg executable, run in a sandbox. Every call has a time limit in seconds."""

    def __init__(
        self, executable: Path, sandbox: Sandbox, *, stuck_seconds: float = _STUCK_SECONDS
    ):
        self.executable = executable
        self.sandbox = sandbox
        self.stuck_seconds = stuck_seconds
        """After how many seconds in which none of its threads works it is started again."""
        self._filters: frozenset[str] | None = None
        self._options: frozenset[str] | None = None

    def command(self, arguments: tuple[str, ...]) -> list[str]:
        """Return the command line of a run that prints nothing but errors."""
        return [str(self.executable), *_QUIET, *arguments]

    async def has_filter(self, name: str) -> bool:
        """Return True if this FFmpeg was built with that filter; FFmpeg is queried once."""
        if self._filters is None:
            lines = await self._lines("-filters")
            self._filters = frozenset(line.split()[1] for line in lines if "->" in line)
        return name in self._filters

    async def has_option(self, name: str) -> bool:
        """Return True if this FFmpeg has that option, without its dash; FFmpeg is queried once."""
        if self._options is None:
            words = [
                line.split(maxsplit=1)[0]
                for line in await self._lines("-h", "long")
                if line.strip()
            ]
            # Options of streams are listed with what follows: -codec[:<stream_spec>].
            self._options = frozenset(word.partition("[")[0].lstrip("-") for word in words)
        return name in self._options

    async def _lines(self, *arguments: str) -> list[str]:
        lines: list[str] = []
        await self.sandbox.run(
            [str(self.executable), "-hide_banner", *arguments],
            cwd=Path("/"),
            seconds=_QUERY_SECONDS,
            on_line=lines.append,
        )
        return lines

    async def run(
        self,
        arguments: tuple[str, ...],
        *,
        cwd: Path,
        limit_seconds: float,
        media_seconds: float,
        report: Report,
        feeder: Feeder | RunningProcess | None = None,
    ) -> None:
        """Run FFmpeg to write ``media_seconds`` of media, reporting the fraction done.

        A ``feeder`` runs beside it, and is ended with it; one that runs already is only watched.

        Raises ``OutOfDisk``, ``RenderFailed`` (also if there is no progress for two minutes) or
        ``TimeoutError``.
        """
        progress = _Progress(media_seconds, report)
        # A feeder that was started elsewhere cannot be started again.
        stuck_seconds = None if isinstance(feeder, RunningProcess) else self.stuck_seconds
        async with asyncio.timeout(limit_seconds):
            for _ in range(_TRIES):
                result = await self._run_once(arguments, cwd, feeder, progress, stuck_seconds)
                if result is not None:
                    break
                _log.warning("FFmpeg deadlocked: %s", arguments[-1])
        if result is None:
            raise RenderFailed(_STUCK)
        if not result.ok:
            raise failure(result, hide=cwd.parent)

    async def _run_once(
        self,
        arguments: tuple[str, ...],
        cwd: Path,
        feeder: Feeder | RunningProcess | None,
        progress: _Progress,
        stuck_seconds: float | None,
    ) -> ProcessResult | None:
        """Run FFmpeg; return None if it was killed because it deadlocked."""
        command = [str(self.executable), *_QUIET, *_PROGRESS, *arguments]
        stall_timeout = asyncio.timeout(_STALLED_SECONDS)
        progress.begin(stall_timeout)
        try:
            async with (
                stall_timeout,
                self._feeding(feeder, cwd) as fed,
                self.sandbox.start(command, cwd=cwd, gpu=_uses_gpu(arguments)) as process,
                _ended_when_stuck([process, *fed], stuck_seconds),
            ):
                return await process.finish_reading(progress.on_line)
        except _StuckError:
            return None
        except TimeoutError as error:
            if stall_timeout.expired():
                raise RenderFailed("FFmpeg made no progress for two minutes.") from error
            raise

    @asynccontextmanager
    async def _feeding(
        self, feeder: Feeder | RunningProcess | None, cwd: Path
    ) -> AsyncIterator[list[RunningProcess]]:
        """Run the feeder around a block that reads its pipes; cancel the block if it fails."""
        if feeder is None:
            yield []
        elif isinstance(feeder, RunningProcess):
            async with _watched(feeder, cwd):
                yield [feeder]
        else:
            async with (
                fed_by(feeder.pipes),
                self.sandbox.start(feeder.command, cwd=cwd) as process,
                _watched(process, cwd),
            ):
                yield [process]


@dataclass(slots=True)
class _Progress:
    """What FFmpeg has written so far, of ``media_seconds``; reports never go back."""

    media_seconds: float
    report: Report
    reported: int = 0
    """Microseconds."""
    _reached: int = 0
    _stall_timeout: asyncio.Timeout | None = None

    def begin(self, stall_timeout: asyncio.Timeout) -> None:
        """Begin a run, whose progress extends the timeout, also where one before got farther."""
        self._reached, self._stall_timeout = 0, stall_timeout

    def on_line(self, line: str) -> None:
        """Read a line of ``-progress``."""
        key, _, value = line.partition("=")
        if key != "out_time_us" or not value.isdigit() or int(value) <= self._reached:
            return
        self._reached = int(value)
        if self._stall_timeout is not None:
            now = asyncio.get_running_loop().time()
            self._stall_timeout.reschedule(now + _STALLED_SECONDS)
        if self._reached > self.reported:
            self.reported = self._reached
            self.report(min(1.0, self.reported / 1e6 / self.media_seconds))


class _StuckError(Exception):
    """FFmpeg and what feeds it are deadlocked."""


@asynccontextmanager
async def _ended_when_stuck(
    processes: Sequence[RunningProcess], seconds: float | None
) -> AsyncIterator[None]:
    """End the block with ``_StuckError`` if the programs do nothing for that long."""
    if seconds is None:
        yield
        return

    async def watching() -> None:
        await until_idle([one.pid for one in processes], seconds)
        raise _StuckError

    watch = asyncio.create_task(watching())
    try:
        async with _cancelled_by(watch):
            yield
    finally:
        watch.cancel()


@asynccontextmanager
async def fed_by(pipes: Sequence[Path]) -> AsyncIterator[None]:
    """Create named pipes for a block that starts the program which writes them."""
    for pipe in pipes:
        os.mkfifo(pipe, 0o600)
    try:
        yield
    finally:
        for pipe in pipes:
            pipe.unlink(missing_ok=True)


@asynccontextmanager
async def _watched(feeder: RunningProcess, cwd: Path) -> AsyncIterator[None]:
    """Cancel the block if the feeder fails first; raise its error also if it fails at the end."""
    watch = asyncio.create_task(_succeeded(feeder, hide=cwd.parent))
    try:
        async with _cancelled_by(watch):
            yield
        # It may have failed at the very end, with FFmpeg content with what it got.
        await asyncio.wait({watch}, timeout=_FEEDER_EXIT_SECONDS)
        if watch.done():
            watch.result()
    finally:
        watch.cancel()


def _uses_gpu(arguments: tuple[str, ...]) -> bool:
    """Return True if a hardware encoder is used, so that the run must see the graphics cards."""
    return any(argument.endswith(_HARDWARE_CODECS) for argument in arguments)


async def _succeeded(process: RunningProcess, *, hide: Path) -> None:
    result = await process.finish()
    if result.ok:
        return
    error = failure(result, hide=hide)
    if "Traceback" in result.stderr and isinstance(error, RenderFailed):
        # A program of ours: its traceback says nothing to users.
        _log.error("the program that draws frames failed:\n%s", result.stderr)
        error = RenderFailed("The frames could not be drawn; the renderer's log says why.")
    raise error


@asynccontextmanager
async def _cancelled_by(watch: asyncio.Task[None]) -> AsyncIterator[None]:
    """Cancel the block if ``watch`` fails first; the block then ends with that error."""
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


def failure(result: ProcessResult, *, hide: Path) -> GalaError:
    """Return the error for a failed run of FFmpeg; ``hide`` is a folder to strip from messages."""
    if "No space left on device" in result.stderr or "Disk quota exceeded" in result.stderr:
        return OutOfDisk()
    if over_limit := _OVER_LIMITS.get(result.end):
        return RenderFailed(over_limit)
    lines = result.stderr.replace(f"{hide}/", "").strip().splitlines()
    reason = "; ".join(lines[-_ERROR_LINES:]) or f"it ended with status {result.returncode}"
    return RenderFailed(f"FFmpeg could not make this: {reason}")
