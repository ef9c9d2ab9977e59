"""The base class of workflows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from gala.factory.config import config_of
from gala.factory.models import Callback, MediaTask, MediaType, ProcessingStatus
from gala.factory.task_runner import Do, TaskRunner


class MediaFactory(ABC):
    """Base class of workflows, which manages their tasks.

    A workflow sets its ``media_type`` and implements the five abstract methods. Its ``process``
    returns ``self.start(params, do)``, where ``do`` is a coroutine function that takes a
    :class:`gala.factory.Work` and returns a :class:`~gala.factory.models.MediaResult`. ``config``
    has the keys of :class:`~gala.factory.config.FactoryConfig`; raises ``ValueError``.
    """

    media_type: ClassVar[MediaType]

    def __init__(self, config: Mapping[str, Any] | None = None):
        self.config = config_of(config)
        self._runner = TaskRunner(self.media_type, self.config)
        self._setup()

    @abstractmethod
    def _setup(self) -> None:
        """Prepare what all tasks share; called once."""

    @abstractmethod
    def validate_parameters(self, params: Mapping[str, Any]) -> bool:
        """Return ``True``, or raise ``ValueError`` naming the invalid parameters."""

    @abstractmethod
    def process(self, params: Mapping[str, Any], *, callback: Callback | None = None) -> MediaTask:
        """Start a task and return it immediately; raise ``ValueError`` for invalid parameters."""

    @abstractmethod
    def _get_supported_formats(self) -> list[str]:
        """Return the suffixes of possible results, without the dot."""

    @abstractmethod
    def _get_features(self) -> list[str]:
        """Return the names of the workflow's features."""

    def start(
        self,
        params: Mapping[str, Any],
        do: Do,
        *,
        callback: Callback | None = None,
        same: Any = None,
    ) -> MediaTask:
        """Start ``do`` as a task.

        ``same`` is the cache key: everything that the result depends on. ``None`` disables caching.
        """
        return self._runner.start(params, do, callback=callback, same=same)

    def get_task(self, task_id: str) -> MediaTask | None:
        """Return the task with that id, if it is still kept."""
        return self._runner.get(task_id)

    def list_tasks(self, status: ProcessingStatus | str | None = None) -> list[MediaTask]:
        """Return the tasks in the order in which they were started."""
        return self._runner.all(None if status is None else ProcessingStatus(status))

    def cancel_task(self, task_id: str) -> bool:
        """Cancel a task; return False if it does not exist or has ended.

        Its status is ``cancelled`` once all of its work has stopped: ``task.wait()``.
        """
        return self._runner.cancel(task_id)

    def get_capabilities(self) -> dict[str, Any]:
        """Return ``media_type``, ``supported_formats`` and ``features``."""
        return {
            "media_type": self.media_type.value,
            "supported_formats": self._get_supported_formats(),
            "features": self._get_features(),
        }

    def get_metrics(self) -> dict[str, float]:
        """Return task counts, ``seconds`` of work, and how many tasks run and wait in the pool."""
        pool = self._runner.pool
        return {**asdict(self._runner.metrics), "running": pool.running, "waiting": pool.waiting}

    def batch_process(
        self, rows: Sequence[Mapping[str, Any]], *, callback: Callback | None = None
    ) -> list[MediaTask]:
        """Start a task for each row, in order; an invalid row becomes a failed task."""
        options: dict[str, Any] = {} if callback is None else {"callback": callback}
        tasks = []
        for row in rows:
            try:
                tasks.append(self.process(row, **options))
            except ValueError as error:
                parameters = row if isinstance(row, Mapping) else {"row": row}
                tasks.append(self._runner.start_failed(parameters, str(error), callback))
        return tasks

    def close(self) -> None:
        """Cancel all tasks, and wait until they have ended."""
        for task in self.list_tasks():
            self.cancel_task(task.task_id)
        for task in self.list_tasks():
            task.wait()
