"""Programs that :mod:`gala_renderer.sandbox.fork_server` forks, for the renderer's event loop."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
from asyncio import StreamReader, StreamReaderProtocol, StreamWriter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala_renderer.sandbox.process_title import PADDING
from gala_renderer.sandbox.uninterrupted import uninterrupted

_SERVER: Final = "gala_renderer.sandbox.fork_server"
_PACKAGE: Final = Path(__file__).parents[1]
_FORKED: Final = frozenset(
    {
        "gala_renderer.avatars.frame_program",
        "gala_renderer.avatars.preparation_program",
        "gala_renderer.captions.reading.program",
        "gala_renderer.cutting.splice_program",
        "gala_renderer.ffmpeg.ken_burns_program",
        "gala_renderer.pictures.program",
        "gala_renderer.probe.program",
        "gala_renderer.speech.espeak.program",
        "gala_renderer.timeline.drawing.program",
        "gala_renderer.transcription.sphinx_program",
        "gala_renderer.transcription.synthetic_alignment",
    }
)
"""Programs that are started often and without threads; ``main`` is called with the arguments."""
_OPTIONS: Final = ("-I", "-S")
# OpenBLAS would start threads when NumPy is imported; they do not survive a fork.
_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
_LOST: Final = -signal.SIGKILL
"""The status of a program whose server was killed: the kernel kills it, too."""


def forked_program(argv: Sequence[str]) -> tuple[str, Sequence[str]] | None:
    """Return the module of a program that can be forked, and its arguments; else None."""
    if argv[0] != sys.executable:
        return None
    first = next((at for at, word in enumerate(argv) if at and word not in _OPTIONS), len(argv))
    words = argv[first:]
    named = words[:1] == ["-m"]
    module = words[1] if named else _module_of(words[0]) if words else ""
    return (module, words[1 + named :]) if module in _FORKED else None


def _module_of(file: str) -> str:
    path = Path(file)
    if not path.is_relative_to(_PACKAGE):
        return ""
    return ".".join((_PACKAGE.name, *path.relative_to(_PACKAGE).with_suffix("").parts))


def can_fork() -> bool:
    """Return True if programs can be forked here: Linux 5.3 or newer."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkRequest:
    """A program to fork: its module is imported, and ``module.main(*arguments)`` called.

    Without a module, the program of the spec is executed.
    """

    module: str | None
    arguments: Sequence[str]
    command: Sequence[str]
    """What ``ps`` shows."""
    spec: Sequence[str]
    """The arguments of the launcher that would confine it."""
    folder: Path
    environment: Mapping[str, str]


class ForkedProcess:
    """A program that was forked, with the attributes of an ``asyncio`` process."""

    def __init__(self, pid: int, connected: _Connected):
        self.pid = pid
        self.stdin = connected.stdin
        self.stdout: StreamReader | None = connected.stdout
        self.stderr: StreamReader | None = connected.stderr
        self.returncode: int | None = None
        """Its exit status, negative for a signal; None while it runs."""
        self.cpu_seconds = 0.0
        """CPU time that it and its children took, known at its end."""
        self._connected = connected
        self._end: asyncio.Task[None] | None = None

    def watch(self, report: StreamReader) -> None:
        """Set the return code when the report has it."""
        self._end = asyncio.create_task(self._read_end(report))

    async def wait(self) -> int:
        """Wait for its end and return its exit status."""
        if self._end is not None:
            await asyncio.shield(self._end)
        return _LOST if self.returncode is None else self.returncode

    def close(self) -> None:
        """Close our ends of its streams."""
        self._connected.close()

    async def _read_end(self, report: StreamReader) -> None:
        words = (await report.readline()).split()
        if len(words) == len(("ended", "status", "seconds")):
            self.cpu_seconds = float(words[2])
            self.returncode = os.waitstatus_to_exitcode(int(words[1]))
        else:
            self.returncode = _LOST


class ForkServerClient:
    """Has a server started at the first program, and again if it has ended."""

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._owner = 0

    async def start(self, request: ForkRequest, *, stdin: bool, line_bytes: int) -> ForkedProcess:
        """Start the program; raise ``OSError`` if that is impossible.

        If the task is cancelled, it is gone when this returns.
        """
        starting = asyncio.ensure_future(self._start(request, stdin=stdin, line_bytes=line_bytes))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await uninterrupted(_kill_started(starting))
            raise

    def close(self) -> None:
        """End the server, and with it every program."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
            if self._owner == os.getpid():
                self._server.kill()
                self._server.wait()
            self._server = None

    async def _start(self, request: ForkRequest, *, stdin: bool, line_bytes: int) -> ForkedProcess:
        streams = _Streams(stdin=stdin)
        with streams as theirs, _MemoryFile(request) as content:
            self._send([content, *theirs])
        connected, report = await streams.connect(line_bytes)
        words = (await report.readline()).split()
        if words[:1] != [b"started"]:
            connected.close()
            number = int(words[1]) if words[:1] == [b"refused"] else 0
            raise OSError(number, os.strerror(number) if number else "the fork server has ended")
        process = ForkedProcess(int(words[1]), connected)
        process.watch(report)
        return process

    def _send(self, descriptors: Sequence[int]) -> None:
        try:
            socket.send_fds(self._running(), [b"x"], descriptors)
        except (BrokenPipeError, ConnectionResetError):
            self.close()
            socket.send_fds(self._running(), [b"x"], descriptors)

    def _running(self) -> socket.socket:
        if self._control is not None and self._owner == os.getpid():
            return self._control
        # A child of a fork needs a server of its own.
        self.close()
        self._owner = os.getpid()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-I", "-m", _SERVER, str(self._owner), PADDING],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(_ENVIRONMENT),
                cwd="/",
                start_new_session=True,
            )
        return self._control


class _Streams:
    """The two ends of a program's streams and of its report; a block closes the program's."""

    def __init__(self, *, stdin: bool):
        self.input: io.FileIO | None = None
        if stdin:
            read, write = os.pipe()
            self.input = io.FileIO(write, "wb")
        else:
            read = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        self.theirs = [read]
        self.output: list[io.FileIO] = []
        for _ in ("stdout", "stderr", "report"):
            reader, writer = os.pipe()
            self.theirs.append(writer)
            self.output.append(io.FileIO(reader, "rb"))

    def __enter__(self) -> list[int]:
        return self.theirs

    def __exit__(self, *_: object) -> None:
        for descriptor in self.theirs:
            os.close(descriptor)

    async def connect(self, line_bytes: int) -> tuple[_Connected, StreamReader]:
        """Return our ends for the event loop, and the reader of the report."""
        connected = _Connected()
        if self.input is not None:
            connected.stdin = await connected.writer(self.input)
        stdout, stderr, report = [await connected.reader(one, line_bytes) for one in self.output]
        connected.stdout, connected.stderr = stdout, stderr
        return connected, report


class _Connected:
    """Our ends of a program's streams, and their transports."""

    stdin: StreamWriter | None = None
    stdout: StreamReader
    stderr: StreamReader

    def __init__(self) -> None:
        self._transports: list[asyncio.BaseTransport] = []

    async def reader(self, pipe: io.FileIO, line_bytes: int) -> StreamReader:
        loop = asyncio.get_running_loop()
        reader = StreamReader(line_bytes)
        transport, _ = await loop.connect_read_pipe(lambda: StreamReaderProtocol(reader), pipe)
        self._transports.append(transport)
        return reader

    async def writer(self, pipe: io.FileIO) -> StreamWriter:
        loop = asyncio.get_running_loop()
        # Only this protocol of the standard library waits until what was written has left.
        transport, protocol = await loop.connect_write_pipe(
            lambda: StreamReaderProtocol(StreamReader()), pipe
        )
        self._transports.append(transport)
        return StreamWriter(transport, protocol, None, loop)

    def close(self) -> None:
        for transport in self._transports:
            transport.close()


class _MemoryFile:
    """A request in a file in memory, as it can be larger than a message may be."""

    def __init__(self, request: ForkRequest):
        self.descriptor = os.memfd_create("gala-request")
        with open(self.descriptor, "w", encoding="utf-8", closefd=False) as file:
            json.dump(
                {
                    "module": request.module,
                    "arguments": list(request.arguments),
                    "command": list(request.command),
                    "spec": list(request.spec),
                    "folder": str(request.folder),
                    "environment": dict(request.environment),
                },
                file,
            )

    def __enter__(self) -> int:
        return self.descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)


async def _kill_started(starting: asyncio.Future[ForkedProcess]) -> None:
    with suppress(OSError):  # it could not be started, or has ended
        process = await starting
        try:
            os.killpg(process.pid, signal.SIGKILL)
        finally:
            await process.wait()
            process.close()
