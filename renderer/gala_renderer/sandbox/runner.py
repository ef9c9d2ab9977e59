"""The one seam through which FFmpeg, and everything that decodes a user's file, is run.

Each program gets limits, a clean environment, a private folder to stand in and a process group of
its own, and it is confined as far as the host allows (:mod:`gala_renderer.sandbox`). Whatever ends
the waiting (an error, a cancelled task, the time limit), the whole group is killed first; if this
very process is killed, the kernel kills the program (Linux).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gala.errors import GalaError
from gala_renderer.sandbox.disk_quota import quota_error
from gala_renderer.sandbox.filesystem_view import GRAPHICS_FILES, Confinement, WritableView, devices
from gala_renderer.sandbox.levels import SandboxLevel
from gala_renderer.sandbox.spec import SandboxSpec

_LAUNCHER: Final = str(Path(__file__).with_name("launcher.py"))
_STDERR_KEPT: Final = 16 * 1024
_LINE_MAX: Final = 1024**2
_CHUNK: Final = 64 * 1024
_WATCH_SECONDS: Final = 0.5
_PROCESSES_INSIDE: Final = 2048
"""Where only the program's own count: many inputs on a large machine need more than a thousand."""
_LEFT_OPEN_SECONDS: Final = 5.0
"""How long a killed program's pipes may stay open, held by something that it started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """What one program may use: bytes, seconds of CPU over all its threads, and counts."""

    memory_bytes: int = 4 * 1024**3
    cpu_seconds: int = 4 * 60 * 60
    file_bytes: int = 16 * 1024**3
    folder_bytes: int = 64 * 1024**3
    """Size that its folders may reach together, looked at twice a second."""
    free_bytes: int = 0
    """Room on their disk below which it is ended."""
    processes: int = 8192
    """Threads count, and where there are no namespaces so does all else of the same user."""
    niceness: int = 10


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """How a program ended; ``stderr`` is the tail of what it complained about."""

    returncode: int
    stderr: str

    @property
    def ok(self) -> bool:
        """Whether it says that it succeeded."""
        return self.returncode == 0

    @property
    def complaint(self) -> str:
        """The last line that it said on stderr; empty if it said nothing."""
        lines = self.stderr.strip().splitlines()
        return lines[-1].strip() if lines else ""

    @property
    def killed_by(self) -> signal.Signals | None:
        """The signal that ended it, if one did."""
        return signal.Signals(-self.returncode) if self.returncode < 0 else None


class RunningProcess:
    """A program under way; its stderr is read all the time so that it never blocks on it."""

    def __init__(self, process: Process):
        assert process.stdout is not None  # noqa: S101 - both are pipes, see `start`
        assert process.stderr is not None  # noqa: S101
        self.pid = process.pid
        self.stdout = process.stdout
        self.stdin = process.stdin
        """``None`` unless it was asked for."""
        self._process = process
        self._stopped: GalaError | None = None
        self._stderr = asyncio.create_task(_tail(process.stderr))

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.returncode is not None

    async def finish(self) -> ProcessResult:
        """Wait for its end; raises what it was stopped for, if it was."""
        stderr = await self._stderr
        status = await self._process.wait()
        if self._stopped:
            raise self._stopped
        return ProcessResult(status, stderr.decode(errors="replace"))

    def stop(self, error: GalaError) -> None:
        """End it at once because of this; whoever waits for its end is told."""
        self._stopped = error
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def kill(self) -> None:
        """End it and everything that it started, at once; harmless when it has ended.

        Returns only when it is gone, also if the waiting task is cancelled meanwhile: whoever is
        told that a render ended may rely on it.
        """
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        ended = asyncio.ensure_future(self._end())
        cancelled = False
        while not ended.done():
            try:
                await asyncio.shield(ended)
            except asyncio.CancelledError:
                cancelled = True
        if cancelled:
            raise asyncio.CancelledError

    async def _end(self) -> None:
        # Its end is only noticed when its pipes are read to theirs, which nobody else may do now.
        await _drain(self.stdout)
        await asyncio.wait({self._stderr}, timeout=_LEFT_OPEN_SECONDS)
        self._stderr.cancel()
        await self._process.wait()


class Sandbox:
    """Starts programs, limited and confined."""

    def __init__(self, limits: ProcessLimits | None = None, confinement: Confinement | None = None):
        self.limits = limits or ProcessLimits()
        self.confinement = confinement or Confinement()

    @asynccontextmanager
    async def start(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        limits: ProcessLimits | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
        stdin: bool = False,
        line_bytes: int = _LINE_MAX,
        gpu: bool = False,
    ) -> AsyncIterator[RunningProcess]:
        """Run ``argv`` (an absolute path first) in ``cwd``; it is gone when the block ends.

        Give it a time limit: ``async with asyncio.timeout(…), sandbox.start(…)``. ``limits`` take
        the place of the usual ones; ``environment`` is added to the clean one; with ``stdin`` it
        can be spoken to; a line of its stdout may have ``line_bytes``; with ``gpu`` it sees the
        graphics cards.
        """
        limits = limits or self.limits
        process = await asyncio.create_subprocess_exec(
            *self.wrap(argv, cwd, limits, gpu=gpu),
            cwd=cwd,
            env={**_environment(cwd), **environment},
            stdin=PIPE if stdin else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            limit=line_bytes,
            start_new_session=True,
        )
        running = RunningProcess(process)
        watch = asyncio.create_task(_watch(running, self.confinement.room(cwd), limits))
        try:
            yield running
        finally:
            watch.cancel()
            await running.kill()

    async def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        seconds: float,
        on_line: Callable[[str], None],
        gpu: bool = False,
    ) -> ProcessResult:
        """Run to the end, giving each line of stdout to ``on_line``.

        Raises ``TimeoutError`` after ``seconds``, ``OutOfDisk``, or ``RenderFailed`` if it wrote
        more than it may.
        """
        async with asyncio.timeout(seconds), self.start(argv, cwd=cwd, gpu=gpu) as running:
            async for line in running.stdout:
                on_line(line.decode(errors="replace").rstrip("\n"))
            return await running.finish()

    def wrap(
        self,
        argv: Sequence[str],
        cwd: Path,
        limits: ProcessLimits | None = None,
        *,
        gpu: bool = False,
    ) -> list[str]:
        """The command that becomes ``argv``, limited and confined."""
        limits = limits or self.limits
        confinement = self.confinement
        order = SandboxSpec(parent=os.getpid(), level=confinement.level, program=list(argv))
        order.memory = limits.memory_bytes
        order.cpu_seconds = limits.cpu_seconds
        order.file_bytes = limits.file_bytes
        order.processes = limits.processes
        order.niceness = limits.niceness
        if confinement.level is not SandboxLevel.LIMITS:
            _confine(order, confinement, cwd, gpu=gpu)
        return [sys.executable, "-I", "-S", _LAUNCHER, *order.arguments()]


def _confine(order: SandboxSpec, confinement: Confinement, cwd: Path, *, gpu: bool) -> None:
    room = confinement.room(cwd)
    if confinement.uid is not None:
        order.uid = confinement.uid
    if confinement.level is SandboxLevel.NAMESPACES:
        order.processes = min(order.processes, _PROCESSES_INSIDE)
    read = (*confinement.readable, *(GRAPHICS_FILES if gpu else ()))
    order.read = [str(path) for path in read]
    order.given = [str(path) for path in room.read]
    order.write = [str(path) for path in room.write]
    order.links = [str(path) for path in confinement.links]
    order.devices = list(devices(gpu=gpu))


async def _watch(running: RunningProcess, room: WritableView, limits: ProcessLimits) -> None:
    """End a program that fills the disk with many files, each of which may be small enough."""
    while room.write:
        await asyncio.sleep(_WATCH_SECONDS)
        error = await asyncio.to_thread(
            quota_error, room.write, at_most=limits.folder_bytes, free=limits.free_bytes
        )
        if error:
            running.stop(error)
            return


def _environment(cwd: Path) -> dict[str, str]:
    # Nothing of ours: a decoder that was taken over finds no secret here. Few malloc arenas,
    # because each one reserves address space, which is limited.
    return {"HOME": str(cwd), "TMPDIR": str(cwd), "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}


async def _drain(stream: asyncio.StreamReader) -> None:
    # Whoever still waits for its next line drains it, too, and only one may.
    with suppress(RuntimeError, TimeoutError):
        async with asyncio.timeout(_LEFT_OPEN_SECONDS):
            while await stream.read(_CHUNK):
                pass


async def _tail(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while chunk := await stream.read(_CHUNK):
        kept = (kept + chunk)[-_STDERR_KEPT:]
    return kept
