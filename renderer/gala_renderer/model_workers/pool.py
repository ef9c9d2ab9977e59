"""Processes with a model loaded, kept warm: it is loaded once and answers many requests.

A pool starts its processes at the first request, never more than it may, ends them when nobody
asked for a while, and starts another when one dies. Each answers one request at a time, runs
behind the same seam as FFmpeg, and is gone when this process is.

The other side is a module with one function::

    def serve(options: Mapping[str, Any]) -> Handler:
        model = load(options["folder"])          # once; heavy imports belong in here
        def handle(request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
            for at, piece in enumerate(pieces):
                talk.check()                     # raises if the request was cancelled
                talk.tell({"progress": at})      # becomes an ``on_event`` over here
            return {"answer": 42}                # what ``ask`` gives back
        return handle

(`Handler` and `Talk` are in :mod:`gala_renderer.model_workers.child`. A handler may be an object with an
attribute ``about``, which the pool's status shows.) Everything is JSON; a message is
below 16 MiB, so long results are told piece by piece. Errors of :mod:`gala.errors` that ``serve``
or ``handle`` raise are raised by ``ask``, and so is a missing package, as ``EngineMissing``.
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
from gala_renderer.sandbox.runner import ProcessLimits, RunningProcess, Sandbox

_log = logging.getLogger(__name__)

# CUDA reserves address space for the whole card, and a warm process may work for weeks. (The
# kernel counts in nanoseconds: a larger number of seconds overflows.)
WORKER_LIMITS: Final = ProcessLimits(memory_bytes=2**50, cpu_seconds=2**30)
_CANCEL_SECONDS: Final = 3.0
_LOAD_SECONDS: Final = 300.0
_LINE_MAX: Final = 16 * 1024**2
_OFFLINE: Final = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_XET": "1"}

# A model asks for the same large blocks again and again: glibc would give each back to the system.
_KEPT_BYTES: Final = str(512 * 1024**2)
_MEMORY: Final = {
    "MALLOC_MMAP_THRESHOLD_": _KEPT_BYTES,
    "MALLOC_TRIM_THRESHOLD_": _KEPT_BYTES,
}
# Much works at once on the same cores: a thread without work sleeps, it does not spin. Measured
# with Kokoro on two cores that others were using, too: a fifth of the CPU, and done sooner.
_THREADS: Final = {"OMP_WAIT_POLICY": "PASSIVE"}

OnEvent = Callable[[Mapping[str, Any]], None]


class ProcessLost(errors.RenderFailed):
    """The process with the model ended in the middle of the work; another one will start."""

    retryable = True


@dataclass(slots=True, eq=False)
class _Worker:
    """One process, ready for a request."""

    running: RunningProcess
    stack: AsyncExitStack
    folder: Path
    expiry: asyncio.TimerHandle | None = None

    async def say(self, message: Mapping[str, Any]) -> None:
        stdin = self.running.stdin
        assert stdin is not None  # noqa: S101 - started with a pipe
        with suppress(ConnectionError):
            # If it is gone, the missing answer tells.
            stdin.write(json.dumps(message).encode() + b"\n")
            await stdin.drain()

    async def hear(self) -> Mapping[str, Any]:
        """Its next message; raises ``ProcessLost`` if there will be none."""
        line = await self.running.stdout.readline()
        if not line.endswith(b"\n"):
            finished = await self.running.finish()
            why = finished.killed_by.name if finished.killed_by else finished.complaint
            raise ProcessLost(f"The process with the model ended ({why or 'it said nothing'}).")
        message: Mapping[str, Any] = json.loads(line)
        return message


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStatus:
    """How a pool is: processes that are up, how many of them work, how many were ever started."""

    up: int
    busy: int
    started: int
    about: Mapping[str, Any] = field(default_factory=dict)
    """What the last process told of itself when it was ready (its device, say)."""


class WorkerPool:
    """At most ``most`` processes that run ``module`` (see above) with ``options``.

    ``idle_seconds`` without a request end a process. ``environment`` is added to the clean one
    that every program gets; the libraries in it are told never to use the network.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        module: str,
        options: Mapping[str, Any],
        *,
        most: int = 1,
        idle_seconds: float = 900.0,
        environment: Mapping[str, str] = MappingProxyType({}),
        limits: ProcessLimits = WORKER_LIMITS,
    ):
        self._sandbox = sandbox
        self._module = module
        self._command = [
            sys.executable, "-I", "-m", "gala_renderer.model_workers.child", module, json.dumps(options)
        ]  # fmt: skip
        self._gpu = options.get("device", "cpu") != "cpu"
        self._idle_seconds = idle_seconds
        self._environment = {**_OFFLINE, **_MEMORY, **_THREADS, **environment}
        self._limits = limits
        self._turns = asyncio.Semaphore(most)
        self._idle: list[_Worker] = []
        self._up: set[_Worker] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._started = 0
        self._about: Mapping[str, Any] = {}
        self._closed = False

    @property
    def status(self) -> PoolStatus:
        """How it is now."""
        up = sum(not warm.running.ended for warm in self._up)
        busy = len(self._up) - len(self._idle)
        return PoolStatus(up=up, busy=busy, started=self._started, about=self._about)

    async def ask(
        self,
        request: Mapping[str, Any],
        *,
        on_event: OnEvent = lambda _: None,
        reads: Files = MappingProxyType({}),
        writes: Files = MappingProxyType({}),
    ) -> Mapping[str, Any]:
        """Have a request answered, when it is its turn.

        The process sees no job's folder: the files of ``reads`` are copied to it, those of
        ``writes`` fetched from it; the request tells it, by the same names, where they are.

        Cancelling the task cancels the work: politely first, and if that takes longer than three
        seconds, by killing the process. Raises what the other side raised, or ``ProcessLost``.
        """
        async with self._turns:
            warm = await self._take()
            try:
                request = {**request, **_places(warm.folder, {**reads, **writes})}
                await asyncio.to_thread(copy_in, warm.folder, reads)
                await warm.say({"request": request})
                answer = await _answered(warm, on_event)
                if "failed" not in answer:
                    await asyncio.to_thread(copy_out, warm.folder, writes)
            except asyncio.CancelledError:
                await _to_the_end(self._call_off(warm))
                raise
            except BaseException:
                await _to_the_end(self._end(warm))
                raise
            finally:
                # A process that was called off may still be asked something, but not of these.
                remove_files(warm.folder, {**reads, **writes})
            self._keep(warm)
            return _result(answer)

    async def close(self) -> None:
        """End every process; requests under way fail."""
        self._closed = True
        for warm in list(self._up):
            await self._end(warm)
        if self._ending:
            await asyncio.wait(self._ending)

    async def _take(self) -> _Worker:
        while self._idle:
            warm = self._idle.pop()
            if warm.expiry:
                warm.expiry.cancel()
            if not warm.running.ended:
                return warm
            await self._end(warm)
        return await self._start()

    async def _start(self) -> _Worker:
        if self._closed:
            raise errors.Unavailable("The renderer is shutting down.")
        warm = await self._launch()
        try:
            async with asyncio.timeout(_LOAD_SECONDS):
                self._about = _result(await _answered(warm, lambda _: None))
        except TimeoutError as error:
            await _to_the_end(self._end(warm))
            raise ProcessLost(f"The model took more than {_LOAD_SECONDS:.0f} s to load.") from error
        except BaseException:
            await _to_the_end(self._end(warm))
            raise
        _log.info("%s is warm: %s", self._module, dict(self._about))
        return warm

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
                    line_bytes=_LINE_MAX,
                    gpu=self._gpu,
                )
            )
        except BaseException:
            await _to_the_end(stack.aclose())
            raise
        warm = _Worker(running, stack, Path(folder))
        self._up.add(warm)
        self._started += 1
        return warm

    def _keep(self, warm: _Worker) -> None:
        if self._closed or warm.running.ended:
            self._end_soon(warm)
            return
        loop = asyncio.get_running_loop()
        warm.expiry = loop.call_later(self._idle_seconds, self._expire, warm)
        self._idle.append(warm)

    def _expire(self, warm: _Worker) -> None:
        self._idle.remove(warm)
        self._end_soon(warm)

    def _end_soon(self, warm: _Worker) -> None:
        task = asyncio.get_running_loop().create_task(self._end(warm))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _call_off(self, warm: _Worker) -> None:
        await warm.say({"cancel": True})
        try:
            async with asyncio.timeout(_CANCEL_SECONDS):
                await _answered(warm, lambda _: None)
        except (TimeoutError, ProcessLost, ValueError):
            # It does not stop, is gone, or talks nonsense.
            await self._end(warm)
        else:
            self._keep(warm)

    async def _end(self, warm: _Worker) -> None:
        self._up.discard(warm)
        if warm in self._idle:
            self._idle.remove(warm)
        if warm.expiry:
            warm.expiry.cancel()
        await warm.stack.aclose()


async def _answered(warm: _Worker, on_event: OnEvent) -> Mapping[str, Any]:
    while True:
        message = await warm.hear()
        if "event" not in message:
            return message
        on_event(message["event"])


def _places(folder: Path, files: Files) -> dict[str, str]:
    return {name: str(exchange_path(folder, name, path)) for name, path in files.items()}


def _result(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if "failed" not in answer:
        result: Mapping[str, Any] = answer["done"]
        return result
    failed = answer["failed"]
    kind = getattr(errors, failed["kind"], errors.RenderFailed)
    raise kind(failed["message"], **failed["details"])


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for it even if we are cancelled (again) meanwhile; the caller raises afterwards."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()
