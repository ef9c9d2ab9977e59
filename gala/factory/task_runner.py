"""Runs the tasks of a workflow: concurrency, retries, cancellation, caching."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from gala.errors import DeadlineExceeded, ErrorCode, GalaError
from gala.factory.callbacks import CallbackDispatcher, running_loop
from gala.factory.concurrency import ResourcePool
from gala.factory.config import FactoryConfig
from gala.factory.event_loop import factory_loop
from gala.factory.metrics import WorkflowMetrics
from gala.factory.models import Callback, MediaResult, MediaTask, MediaType, ProcessingStatus, now
from gala.factory.result_cache import TaskResultCache, fingerprint
from gala.generation.task_context import TaskContext

Do: TypeAlias = Callable[[TaskContext], Awaitable[MediaResult]]
_MIN_PROGRESS: Final = 0.01
"""Smaller changes of the progress are not reported."""


class TaskRunner:
    """The tasks of one workflow, which are modified only in the factory's event loop."""

    def __init__(self, media_type: MediaType, config: FactoryConfig):
        self.metrics = WorkflowMetrics()
        self.pool = config.pool or ResourcePool(config.workers)
        self._media_type = media_type
        self._config = config
        self._cache = TaskResultCache()
        self._tasks: dict[str, MediaTask] = {}
        self._running: dict[str, asyncio.Task[MediaResult]] = {}
        self._lock = threading.Lock()
        self._folder = config.output_dir and config.output_dir.absolute()

    @property
    def folder(self) -> Path:
        """The folder of the results, created when it is first needed."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="gala-factory-"))
                # Results outlive their workflow.
                atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._folder

    def start(
        self,
        parameters: Mapping[str, Any],
        do: Do,
        *,
        callback: Callback | None = None,
        same: Any = None,
    ) -> MediaTask:
        """Start a task. ``same`` is everything that its result depends on; ``None``: no cache."""
        task = self._new(parameters)
        callbacks = [one for one in (self._config.callback, callback) if one]
        dispatcher = CallbackDispatcher(callbacks, running_loop(), self.metrics)
        factory_loop().call(self._begin, task, do, same, dispatcher)
        return task

    def start_failed(
        self, parameters: Mapping[str, Any], reason: str, callback: Callback | None = None
    ) -> MediaTask:
        """Return a task that fails with ``reason``."""

        async def do(_: TaskContext) -> MediaResult:
            raise _InvalidRow(reason)

        return self.start(parameters, do, callback=callback)

    def get(self, task_id: str) -> MediaTask | None:
        """Return the task with that id."""
        with self._lock:
            return self._tasks.get(task_id)

    def all(self, status: ProcessingStatus | None = None) -> list[MediaTask]:
        """Return the tasks in the order in which they were started."""
        with self._lock:
            tasks = list(self._tasks.values())
        return [task for task in tasks if status is None or task.status is status]

    def cancel(self, task_id: str) -> bool:
        """Request cancellation; return False if the task does not exist or has ended."""
        task = self.get(task_id)
        if task is None or task.ended:
            return False
        factory_loop().call(self._stop, task_id)
        return True

    def _new(self, parameters: Mapping[str, Any]) -> MediaTask:
        task = MediaTask(
            task_id=uuid.uuid4().hex, media_type=self._media_type, parameters=dict(parameters)
        )
        with self._lock:
            self._tasks[task.task_id] = task
            ended = [name for name, one in self._tasks.items() if one.ended]
            for name in ended[: max(0, len(ended) - self._config.keep_tasks)]:
                del self._tasks[name]
            self.metrics.started += 1
        return task

    def _begin(self, task: MediaTask, do: Do, same: Any, dispatcher: CallbackDispatcher) -> None:
        running = asyncio.create_task(self._run(task, do, same, dispatcher))
        self._running[task.task_id] = running
        running.add_done_callback(lambda done: self._on_end(task, done, dispatcher))
        dispatcher.notify(task)

    def _stop(self, task_id: str) -> None:
        running = self._running.get(task_id)
        if running is not None:
            running.cancel()

    async def _run(
        self, task: MediaTask, do: Do, same: Any, dispatcher: CallbackDispatcher
    ) -> MediaResult:
        async with self.pool.slot():
            _set_status(task, dispatcher, ProcessingStatus.PROCESSING)
            start = time.monotonic()
            try:
                return await self._cached(task, do, same, dispatcher)
            finally:
                self.metrics.seconds += time.monotonic() - start

    async def _cached(
        self, task: MediaTask, do: Do, same: Any, dispatcher: CallbackDispatcher
    ) -> MediaResult:
        if same is None or not self._config.cache:
            return await self._run_attempts(task, do, dispatcher)
        key = await asyncio.to_thread(fingerprint, same)
        found = await asyncio.to_thread(self._cache.copy, key, self.folder, task.task_id)
        if found is not None:
            task.metadata["cached"] = True
            self.metrics.cached += 1
            return found
        made = await self._run_attempts(task, do, dispatcher)
        self._cache.keep(key, made)
        return made

    async def _run_attempts(
        self, task: MediaTask, do: Do, dispatcher: CallbackDispatcher
    ) -> MediaResult:
        """Make attempts until one succeeds or fails permanently."""
        wait = self._config.retry_wait
        for left in range(self._config.retries, -1, -1):
            try:
                return await self._attempt(task, do, dispatcher)
            except GalaError as error:
                failure = {"error": error.message, "code": str(error.code), "at": now().isoformat()}
                task.metadata.setdefault("attempts", []).append(failure)
                if not (error.retryable and left):
                    raise
            self.metrics.retried += 1
            _set_status(task, dispatcher, ProcessingStatus.PROCESSING)
            await asyncio.sleep(wait)
            wait *= 2
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(
        self, task: MediaTask, do: Do, dispatcher: CallbackDispatcher
    ) -> MediaResult:
        def on_progress(fraction: float) -> None:
            if fraction >= task.progress + _MIN_PROGRESS and not task.ended:
                task.progress = min(fraction, 1.0)
                _set_status(task, dispatcher, task.status)

        seconds = self._config.timeout
        try:
            async with asyncio.timeout(seconds):
                return await do(TaskContext(task.task_id, self.folder, on_progress))
        except TimeoutError as error:
            raise DeadlineExceeded(f"The work took longer than {seconds:g} seconds.") from error

    def _delete_files(self, task_id: str) -> None:
        """Delete the files of a task that has no result."""
        if self._folder is not None:
            for path in self._folder.glob(f"{task_id}.*"):
                path.unlink(missing_ok=True)

    def _on_end(
        self, task: MediaTask, running: asyncio.Task[MediaResult], dispatcher: CallbackDispatcher
    ) -> None:
        del self._running[task.task_id]
        error = None if running.cancelled() else running.exception()
        if running.cancelled() or error is not None:
            self._delete_files(task.task_id)
        if running.cancelled():
            self.metrics.cancelled += 1
            _set_status(task, dispatcher, ProcessingStatus.CANCELLED)
        elif error is not None:
            self.metrics.failed += 1
            task.error = _sentence(error)
            task.metadata["error_code"] = _code(error)
            _set_status(task, dispatcher, ProcessingStatus.FAILED)
        else:
            self.metrics.completed += 1
            task.result, task.progress = running.result(), 1.0
            if task.result.ignored:
                task.metadata["ignored"] = list(task.result.ignored)
            _set_status(task, dispatcher, ProcessingStatus.COMPLETED)
        task.end()


class _InvalidRow(GalaError):
    """The parameters are invalid."""

    code = ErrorCode.VALIDATION_ERROR


def _set_status(task: MediaTask, dispatcher: CallbackDispatcher, status: ProcessingStatus) -> None:
    task.status, task.updated_at = status, now()
    dispatcher.notify(task)


def _sentence(error: BaseException) -> str:
    if not isinstance(error, GalaError):
        return f"The task failed unexpectedly: {error!r}"
    return error.message if error.hint is None else f"{error.message} ({error.hint})"


def _code(error: BaseException) -> str:
    return str(error.code if isinstance(error, GalaError) else GalaError.code)
