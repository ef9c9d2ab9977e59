"""Pools of worker processes, each of which loads a model once and answers many requests.

A pool starts workers on demand, up to its limit, ends them after a time without requests, and
replaces one that dies. Each worker answers one request at a time, runs in the same sandbox as
FFmpeg, and ends with the renderer.

The worker's side is a module with one function::

    def serve(options: Mapping[str, Any]) -> Handler:
        model = load(options["folder"])          # once; put heavy imports here
        def handle(request: Mapping[str, Any], channel: RequestChannel) -> Mapping[str, Any]:
            for at, piece in enumerate(pieces):
                channel.raise_if_cancelled()
                channel.send_event({"progress": at})   # passed to ``on_event`` here
            return {"answer": 42}                # the result of ``request``
        return handle

(``Handler`` and ``RequestChannel`` are in :mod:`gala_renderer.model_workers.child`. A handler may
be an object with an attribute ``about``, which the pool's status shows.) Messages are JSON, 16 MiB
at most: send long results in pieces, as events. Errors of :mod:`gala.errors` that ``serve`` or
``handle`` raise are raised by ``request``, and a missing package is raised as ``EngineMissing``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from gala import errors
from gala_renderer.model_workers.file_exchange import (
    Files,
    copy_in,
    copy_out,
    exchange_path,
    remove_files,
)
from gala_renderer.sandbox.program_end import ProgramKilled
from gala_renderer.sandbox.runner import ProcessLimits, RunningProcess, Sandbox

_log = logging.getLogger(__name__)

# CUDA reserves address space for the whole card, and a worker may run for weeks. (The kernel counts
# CPU time in nanoseconds: a larger number of seconds overflows.)
WORKER_LIMITS: Final = ProcessLimits(memory_bytes=2**50, cpu_seconds=2**30)
_CANCEL_SECONDS: Final = 3.0
_LOAD_SECONDS: Final = 300.0
_MAX_LINE_BYTES: Final = 16 * 1024**2
_OFFLINE: Final = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_XET": "1"}

# A model allocates the same large blocks repeatedly: glibc would return each to the system.
_MALLOC_BYTES: Final = str(512 * 1024**2)
_MEMORY: Final = {
    "MALLOC_MMAP_THRESHOLD_": _MALLOC_BYTES,
    "MALLOC_TRIM_THRESHOLD_": _MALLOC_BYTES,
}
# Many processes share the cores: idle OpenMP threads sleep instead of spinning. Measured with
# Kokoro on two busy cores: a fifth of the CPU time, and done sooner.
_THREADS: Final = {"OMP_WAIT_POLICY": "PASSIVE"}

OnEvent = Callable[[Mapping[str, Any]], None]


class ProcessLost(errors.RenderFailed):
    """The worker ended by itself during the request; another one will be started."""

    retryable = True


@dataclass(slots=True, eq=False)
class _Worker:
    """One worker process."""

    running: RunningProcess
    stack: AsyncExitStack
    folder: Path
    expiry: asyncio.TimerHandle | None = None

    async def send(self, message: Mapping[str, Any]) -> None:
        stdin = self.running.stdin
        assert stdin is not None  # noqa: S101 - started with a pipe
        with suppress(ConnectionError):
            # If it is gone, reading the response raises the error.
            stdin.write(json.dumps(message).encode() + b"\n")
            await stdin.drain()

    async def receive(self) -> Mapping[str, Any]:
        """Return its next message; raise ``ProcessLost`` or ``ProgramKilled`` if it has ended."""
        line = await self.running.stdout.readline()
        if not line.endswith(b"\n"):
            result = await self.running.finish()
            reason = result.killed_by.name if result.killed_by else result.last_error
            raise ProcessLost(f"The model worker ended ({reason or 'it gave no reason'}).")
        message: Mapping[str, Any] = json.loads(line)
        return message


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStatus:
    """State of a pool: workers that run, how many of them are busy, how many were ever started."""

    up: int
    busy: int
    started: int
    about: Mapping[str, Any] = field(default_factory=dict)
    """What the last worker reported when it was ready, such as its device."""


class WorkerPool:
    """At most ``max_workers`` workers that run ``module`` (see above) with ``options``.

    A worker ends after ``idle_seconds`` without a request. ``environment`` is added to the clean
    one of every program; it also disables network access of the model libraries.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        module: str,
        options: Mapping[str, Any],
        *,
        max_workers: int = 1,
        idle_seconds: float = 900.0,
        environment: Mapping[str, str] = MappingProxyType({}),
        limits: ProcessLimits = WORKER_LIMITS,
    ):
        self._sandbox = sandbox
        self._module = module
        child = "gala_renderer.model_workers.child"
        self._command = [sys.executable, "-I", "-m", child, module, json.dumps(options)]
        self._gpu = options.get("device", "cpu") != "cpu"
        self._idle_seconds = idle_seconds
        self._environment = {**_OFFLINE, **_MEMORY, **_THREADS, **environment}
        self._limits = limits
        self._slots = asyncio.Semaphore(max_workers)
        self._idle: list[_Worker] = []
        self._up: set[_Worker] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._started = 0
        self._about: Mapping[str, Any] = {}
        self._closed = False

    @property
    def status(self) -> PoolStatus:
        """The current state."""
        up = sum(not worker.running.ended for worker in self._up)
        busy = len(self._up) - len(self._idle)
        return PoolStatus(up=up, busy=busy, started=self._started, about=self._about)

    async def request(
        self,
        message: Mapping[str, Any],
        *,
        on_event: OnEvent = lambda _: None,
        reads: Files = MappingProxyType({}),
        writes: Files = MappingProxyType({}),
    ) -> Mapping[str, Any]:
        """Send a request to a free worker, waiting for one if necessary; return the response.

        Workers see no job's folder: the files of ``reads`` are copied to the worker, those of
        ``writes`` from it. The request gets their paths under the same names.

        Cancelling the task cancels the work; if the worker does not stop within three seconds, it
        is killed. Raises what the worker raised, or ``ProcessLost`` or ``ProgramKilled``.
        """
        async with self._slots:
            worker = await self._acquire()
            asked = False
            files = {**reads, **writes}
            try:
                message = {**message, **_exchange_paths(worker.folder, files)}
                await _completed(asyncio.to_thread(copy_in, worker.folder, reads))
                asked = True
                await worker.send({"request": message})
                response = await _response(worker, on_event)
                asked = False
                if "failed" not in response:
                    await _completed(asyncio.to_thread(copy_out, worker.folder, writes))
            except asyncio.CancelledError:
                if asked:
                    await _uncancelled(self._cancel(worker))
                # Before another request can get the worker, and copy files of the same names.
                remove_files(worker.folder, files)
                self._release(worker)
                raise
            except BaseException:
                await _uncancelled(self._end(worker))
                raise
            remove_files(worker.folder, files)
            self._release(worker)
            return _result(response)

    async def close(self) -> None:
        """End every worker; requests in progress fail."""
        self._closed = True
        for worker in list(self._up):
            await self._end(worker)
        if self._ending:
            await asyncio.wait(self._ending)

    async def _acquire(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.expiry:
                worker.expiry.cancel()
            if not worker.running.ended:
                return worker
            await self._end(worker)
        return await self._start()

    async def _start(self) -> _Worker:
        if self._closed:
            raise errors.Unavailable("The renderer is shutting down.")
        worker = await self._launch()
        try:
            async with asyncio.timeout(_LOAD_SECONDS):
                self._about = _result(await _response(worker, lambda _: None))
        except TimeoutError as error:
            await _uncancelled(self._end(worker))
            raise ProcessLost(f"The model took more than {_LOAD_SECONDS:.0f} s to load.") from error
        except BaseException:
            await _uncancelled(self._end(worker))
            raise
        _log.info("%s is ready: %s", self._module, dict(self._about))
        return worker

    async def _launch(self) -> _Worker:
        stack = AsyncExitStack()
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gala-warm-"))
            running = await stack.enter_async_context(
                self._sandbox.start(
                    self._command,
                    cwd=Path(folder),
                    limits=self._limits,
                    environment=self._environment,
                    stdin=True,
                    line_bytes=_MAX_LINE_BYTES,
                    gpu=self._gpu,
                )
            )
        except BaseException:
            await _uncancelled(stack.aclose())
            raise
        worker = _Worker(running, stack, Path(folder))
        self._up.add(worker)
        self._started += 1
        return worker

    def _release(self, worker: _Worker) -> None:
        if self._closed or worker.running.ended:
            self._end_soon(worker)
            return
        loop = asyncio.get_running_loop()
        worker.expiry = loop.call_later(self._idle_seconds, self._expire, worker)
        self._idle.append(worker)

    def _expire(self, worker: _Worker) -> None:
        self._idle.remove(worker)
        self._end_soon(worker)

    def _end_soon(self, worker: _Worker) -> None:
        task = asyncio.get_running_loop().create_task(self._end(worker))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _cancel(self, worker: _Worker) -> None:
        """Stop what the worker does, or else the worker."""
        await worker.send({"cancel": True})
        try:
            async with asyncio.timeout(_CANCEL_SECONDS):
                await _response(worker, lambda _: None)
        except (TimeoutError, ProcessLost, ProgramKilled, ValueError):
            # It does not stop, has ended, or sends no valid JSON.
            await self._end(worker)

    async def _end(self, worker: _Worker) -> None:
        self._up.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if worker.expiry:
            worker.expiry.cancel()
        await worker.stack.aclose()


async def _response(worker: _Worker, on_event: OnEvent) -> Mapping[str, Any]:
    while True:
        message = await worker.receive()
        if "event" not in message:
            return message
        on_event(message["event"])


def _exchange_paths(folder: Path, files: Files) -> dict[str, str]:
    return {name: str(exchange_path(folder, name, path)) for name, path in files.items()}


def _result(response: Mapping[str, Any]) -> Mapping[str, Any]:
    if "failed" not in response:
        result: Mapping[str, Any] = response["done"]
        return result
    failed = response["failed"]
    kind = getattr(errors, failed["kind"], errors.RenderFailed)
    raise kind(failed["message"], **failed["details"])


async def _completed(work: Coroutine[Any, Any, None]) -> None:
    """Wait for ``work``, to its end even if this task is cancelled; then raise that."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await _ended(task)
        raise


async def _uncancelled(work: Coroutine[Any, Any, None]) -> None:
    """Wait for ``work`` even if this task is cancelled meanwhile; the caller raises afterwards."""
    task = asyncio.ensure_future(work)
    await _ended(task)
    task.result()


async def _ended(task: asyncio.Future[None]) -> None:
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({task})
