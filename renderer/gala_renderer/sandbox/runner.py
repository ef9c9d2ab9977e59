"""Runs FFmpeg, and every other program that decodes users' files.

Each program gets resource limits, a clean environment, a private working directory and its own
process group, and is confined as far as the host allows (:mod:`gala_renderer.sandbox`). However the
wait for it ends (an error, a cancelled task, the time limit), the whole group is killed first. If
the renderer itself is killed, the kernel kills the program (Linux).
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gala.errors import GalaError
from gala_renderer.sandbox.disk_quota import quota_error
from gala_renderer.sandbox.filesystem_view import (
    GRAPHICS_FILES,
    Confinement,
    WritableView,
    devices,
    package_folders,
)
from gala_renderer.sandbox.forked_process import (
    ForkedProcess,
    ForkRequest,
    ForkServerClient,
    can_fork,
    forked_program,
)
from gala_renderer.sandbox.levels import SandboxLevel
from gala_renderer.sandbox.program_end import ProgramEnd, ResourceBaseline, program_end, signal_of
from gala_renderer.sandbox.spec import SandboxSpec
from gala_renderer.sandbox.uninterrupted import uninterrupted

_log = logging.getLogger(__name__)

_LAUNCHER: Final = str(Path(__file__).with_name("launcher.py"))
_LAUNCHER_WORDS: Final = 4
_MODULE_PROGRAM: Final = str(Path(__file__).with_name("module_program.py"))
_STDERR_TAIL_BYTES: Final = 16 * 1024
_MAX_LINE_BYTES: Final = 1024**2
_CHUNK: Final = 64 * 1024
_WATCH_SECONDS: Final = 0.5
_NAMESPACE_PROCESSES: Final = 2048
"""The limit where only its own processes count: many inputs on a large machine need over 1000."""
_PIPE_CLOSE_SECONDS: Final = 5.0
"""How long to wait for a killed program's pipes, which a child of it may hold open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """Resource limits of one program: bytes, CPU seconds of all its threads, and counts."""

    memory_bytes: int = 4 * 1024**3
    """Address space of each process."""
    data_bytes: int = 0
    """Memory that each process may write, of a program that reserves more; 0 is no limit."""
    cpu_seconds: int = 4 * 60 * 60
    file_bytes: int = 16 * 1024**3
    folder_bytes: int = 64 * 1024**3
    """Total size that its writable folders may reach, checked twice per second."""
    free_bytes: int = 0
    """The program is killed if less than this is free on their disk."""
    processes: int = 8192
    """Threads count; without namespaces, so do all other processes of the same user."""
    niceness: int = 10


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """The exit of a program; ``stderr`` is the last 16 KiB of its error output."""

    returncode: int
    stderr: str
    end: ProgramEnd = ProgramEnd.FAILED
    """``KILLED`` only by ``RunningProcess.kill``; other kills are raised as ``ProgramKilled``."""

    @property
    def ok(self) -> bool:
        """True if its exit status is 0."""
        return self.returncode == 0

    @property
    def last_error(self) -> str:
        """The last line of its error output; empty if there is none."""
        lines = self.stderr.strip().splitlines()
        return lines[-1].strip() if lines else ""

    @property
    def killed_by(self) -> signal.Signals | None:
        """The signal that killed it, if any."""
        return signal_of(self.returncode)


class RunningProcess:
    """A running program; its stderr is read continuously so that it never blocks on it."""

    def __init__(
        self, process: Process | ForkedProcess, limits: ProcessLimits, baseline: ResourceBaseline
    ):
        assert process.stdout is not None  # noqa: S101 - both are pipes, see `start`
        assert process.stderr is not None  # noqa: S101
        self.pid = process.pid
        self.stdout = process.stdout
        self.stdin = process.stdin
        """``None`` unless it was started with ``stdin``."""
        self._process = process
        self._limits = limits
        self._baseline = baseline
        self._stopped: GalaError | None = None
        self._killed = False
        self._stderr = asyncio.create_task(_tail(process.stderr))

    @property
    def ended(self) -> bool:
        """True once it has exited."""
        return self._process.returncode is not None

    async def finish(self) -> ProcessResult:
        """Wait for its exit.

        Raises the error that it was stopped with, if any, or ``ProgramKilled`` if a signal from
        outside ended it.
        """
        stderr = (await self._stderr).decode(errors="replace")
        status = await self._process.wait()
        if self._stopped:
            raise self._stopped
        forked = self._process.cpu_seconds if isinstance(self._process, ForkedProcess) else 0.0
        out_of_time = self._baseline.may_have_used(self._limits.cpu_seconds, forked)
        end = program_end(status, stderr, cpu_limit_reached=out_of_time)
        if end is ProgramEnd.KILLED and not self._killed:
            raise self._baseline.killed_error(status)
        return ProcessResult(status, stderr, end)

    async def finish_reading(self, on_line: Callable[[str], None]) -> ProcessResult:
        """Pass each line of its stdout to ``on_line``, then wait for its exit like ``finish``.

        A last line without a line break is passed only if the program succeeded: the end of the
        program may have cut it short.
        """
        rest = ""
        async for line in self.stdout:
            text = line.decode(errors="replace")
            if text.endswith("\n"):
                on_line(text.rstrip("\n"))
            else:
                rest = text
        result = await self.finish()
        if rest and result.ok:
            on_line(rest)
        return result

    def stop(self, error: GalaError) -> None:
        """Kill it at once; ``finish`` raises ``error``."""
        self._stopped = error
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def kill(self) -> None:
        """Kill it and everything that it started; do nothing if it has exited.

        Returns only once it is gone, even if the waiting task is cancelled meanwhile: when a render
        is reported as ended, its processes are.
        """
        self._killed = True
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        await uninterrupted(self._wait_for_exit())

    async def _wait_for_exit(self) -> None:
        # asyncio notices the exit only when the pipes have been read to their end.
        await _drain(self.stdout)
        await asyncio.wait({self._stderr}, timeout=_PIPE_CLOSE_SECONDS)
        self._stderr.cancel()
        await self._process.wait()
        if isinstance(self._process, ForkedProcess):
            self._process.close()


@dataclass(frozen=True, slots=True)
class _Start:
    """How a program is started: itself, and wrapped by the launcher."""

    argv: Sequence[str]
    wrapped: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    _: KW_ONLY
    stdin: bool
    line_bytes: int

    async def executed(self) -> Process:
        return await asyncio.create_subprocess_exec(
            *self.wrapped,
            cwd=self.cwd,
            env=self.environment,
            stdin=PIPE if self.stdin else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            limit=self.line_bytes,
            start_new_session=True,
        )

    def to_fork(self) -> ForkRequest:
        module, arguments = forked_program(self.argv) or (None, ())
        return ForkRequest(
            module=module,
            arguments=arguments,
            command=self.argv,
            spec=self.wrapped[_LAUNCHER_WORDS:],
            folder=self.cwd,
            environment=self.environment,
        )


class Sandbox:
    """Starts programs with resource limits and confinement."""

    def __init__(self, limits: ProcessLimits | None = None, confinement: Confinement | None = None):
        self.limits = limits or ProcessLimits()
        self.confinement = confinement or Confinement()
        self._fork_server = ForkServerClient() if can_fork() else None

    @asynccontextmanager
    async def start(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        limits: ProcessLimits | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
        stdin: bool = False,
        line_bytes: int = _MAX_LINE_BYTES,
        gpu: bool = False,
    ) -> AsyncIterator[RunningProcess]:
        """Run ``argv`` (an absolute path first) in ``cwd``; it is killed when the block ends.

        Set a time limit: ``async with asyncio.timeout(…), sandbox.start(…)``. ``limits`` replaces
        the default ones; ``environment`` is added to the clean one; ``stdin`` opens a pipe to it; a
        line of its stdout may have ``line_bytes``; with ``gpu`` it can use the graphics cards.

        Where that is possible, it is forked from a process that has Python loaded, and for some
        programs also their modules (:mod:`gala_renderer.sandbox.forked_process`).
        """
        limits = limits or self.limits
        baseline = ResourceBaseline()
        start = _Start(
            argv,
            self.wrap(argv, cwd, limits, gpu=gpu),
            cwd,
            {**_environment(cwd), **environment},
            stdin=stdin,
            line_bytes=line_bytes,
        )
        process = await self._forked(start) or await start.executed()
        running = RunningProcess(process, limits, baseline)
        watch = asyncio.create_task(_watch_disk(running, self.confinement.view_for(cwd), limits))
        try:
            yield running
        finally:
            watch.cancel()
            await running.kill()

    async def _forked(self, start: _Start) -> ForkedProcess | None:
        if self._fork_server is None:
            return None
        try:
            return await self._fork_server.start(
                start.to_fork(), stdin=start.stdin, line_bytes=start.line_bytes
            )
        except OSError as error:
            _log.warning("a program is started without the fork server: %s", error)
            return None

    def close(self) -> None:
        """End the process that programs are forked from, if there is one."""
        if self._fork_server is not None:
            self._fork_server.close()

    async def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        seconds: float,
        on_line: Callable[[str], None],
        limits: ProcessLimits | None = None,
        gpu: bool = False,
    ) -> ProcessResult:
        """Run ``argv`` to its end, passing each line of stdout to ``on_line``.

        Raises ``TimeoutError`` after ``seconds``, ``OutOfDisk``, ``RenderFailed`` if it wrote more
        than its limits allow, or ``ProgramKilled`` if a signal from outside ended it.
        """
        async with (
            asyncio.timeout(seconds),
            self.start(argv, cwd=cwd, limits=limits, gpu=gpu) as running,
        ):
            return await running.finish_reading(on_line)

    def wrap(
        self,
        argv: Sequence[str],
        cwd: Path,
        limits: ProcessLimits | None = None,
        *,
        gpu: bool = False,
    ) -> list[str]:
        """Return the command that runs ``argv`` with limits and confinement."""
        limits = limits or self.limits
        confinement = self.confinement
        if confinement.level is SandboxLevel.LANDLOCK:
            argv = _without_listing(argv)
        program = [str(_direct(Path(argv[0]))), *argv[1:]]
        spec = SandboxSpec(parent=os.getpid(), level=confinement.level, program=program)
        spec.memory = limits.memory_bytes
        spec.data = limits.data_bytes
        spec.cpu_seconds = limits.cpu_seconds
        spec.file_bytes = limits.file_bytes
        spec.processes = limits.processes
        spec.niceness = limits.niceness
        if confinement.level is not SandboxLevel.LIMITS:
            _confine(spec, confinement, cwd, gpu=gpu)
        return [sys.executable, "-I", "-S", _LAUNCHER, *spec.arguments()]


def _without_listing(argv: Sequence[str]) -> Sequence[str]:
    """Return the command that runs a module, if it is one, by ``module_program.py``."""
    if [argv[0], *argv[1:3]] != [sys.executable, "-I", "-m"]:
        return argv
    folders = os.pathsep.join(map(str, package_folders()))
    return [sys.executable, "-I", _MODULE_PROGRAM, folders, *argv[3:]]


def _direct(program: Path) -> Path:
    """Return the path without ``..``: a folder that is only passed through may not be in the view.

    A link at its end stays: Python finds its environment beside it.
    """
    return program.parent.resolve() / program.name if ".." in program.parts else program


def _confine(spec: SandboxSpec, confinement: Confinement, cwd: Path, *, gpu: bool) -> None:
    view = confinement.view_for(cwd)
    if confinement.uid is not None:
        spec.uid = confinement.uid
    if confinement.level is SandboxLevel.NAMESPACES:
        spec.processes = min(spec.processes, _NAMESPACE_PROCESSES)
    read = (*confinement.readable, *(GRAPHICS_FILES if gpu else ()))
    spec.read = [str(path) for path in read]
    spec.job_read = [str(path) for path in view.read]
    spec.write = [str(path) for path in view.write]
    spec.links = [str(path) for path in confinement.links]
    spec.devices = list(devices(gpu=gpu))


async def _watch_disk(running: RunningProcess, view: WritableView, limits: ProcessLimits) -> None:
    """Stop a program that fills the disk with many files, each below the size limit."""
    while view.write:
        await asyncio.sleep(_WATCH_SECONDS)
        error = await asyncio.to_thread(
            quota_error, view.write, at_most=limits.folder_bytes, free=limits.free_bytes
        )
        if error:
            running.stop(error)
            return


def _environment(cwd: Path) -> dict[str, str]:
    # Nothing of the renderer's own: a compromised decoder finds no secret here. Few malloc arenas,
    # because each one reserves address space, which is limited.
    return {"HOME": str(cwd), "TMPDIR": str(cwd), "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}


async def _drain(stream: asyncio.StreamReader) -> None:
    # Only one reader is allowed; a task that still waits for a line drains it too.
    with suppress(RuntimeError, TimeoutError):
        async with asyncio.timeout(_PIPE_CLOSE_SECONDS):
            while await stream.read(_CHUNK):
                pass


async def _tail(stream: asyncio.StreamReader) -> bytes:
    tail = b""
    while chunk := await stream.read(_CHUNK):
        tail = (tail + chunk)[-_STDERR_TAIL_BYTES:]
    return tail
