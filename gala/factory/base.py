"""What every workflow is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from gala.factory.config import config_of
from gala.factory.models import Callback, MediaTask, MediaType, ProcessingStatus
from gala.factory.task_runner import Do, TaskRunner


class MediaFactory(ABC):
    """Base of workflows: it keeps their tasks.

    A workflow names its ``media_type`` and has the five methods below; its ``process`` gives
    ``self.start(params, do)``, where ``do`` is a coroutine function that takes a
    :class:`~gala.generation.task_context.Work` and gives a :class:`~gala.factory.models.MediaResult`.
    ``config`` is that of :class:`~gala.factory.config.FactoryConfig`; raises ``ValueError``.
    """

    media_type: ClassVar[MediaType]

    def __init__(self, config: Mapping[str, Any] | None = None):
        self.config = config_of(config)
        self._desk = TaskRunner(self.media_type, self.config)
        self._setup()

    @abstractmethod
    def _setup(self) -> None:
        """Prepare what all tasks need; called once."""

    @abstractmethod
    def validate_parameters(self, params: Mapping[str, Any]) -> bool:
        """``True``; raises ``ValueError`` naming what is wrong."""

    @abstractmethod
    def process(self, params: Mapping[str, Any], *, callback: Callback | None = None) -> MediaTask:
        """Begin a task, and give it at once; raises ``ValueError`` naming what is wrong."""

    @abstractmethod
    def _get_supported_formats(self) -> list[str]:
        """Suffixes of what it makes, without the dot."""

    @abstractmethod
    def _get_features(self) -> list[str]:
        """What it can do, in words."""

    def start(
        self,
        params: Mapping[str, Any],
        do: Do,
        *,
        callback: Callback | None = None,
        same: Any = None,
    ) -> MediaTask:
        """Begin ``do`` as a task.

        ``same`` is all that the result depends on, for the cache; ``None`` is never cached.
        """
        return self._desk.start(params, do, callback=callback, same=same)

    def get_task(self, task_id: str) -> MediaTask | None:
        """The task of that id, if it is remembered."""
        return self._desk.get(task_id)

    def list_tasks(self, status: ProcessingStatus | str | None = None) -> list[MediaTask]:
        """The tasks in the order in which they were given."""
        return self._desk.all(None if status is None else ProcessingStatus(status))

    def cancel_task(self, task_id: str) -> bool:
        """Stop a task; false if there is nothing to stop.

        It is ``cancelled`` as soon as nothing of it runs any more: ``task.wait()``.
        """
        return self._desk.cancel(task_id)

    def get_capabilities(self) -> dict[str, Any]:
        """``media_type``, ``supported_formats`` and ``features``."""
        return {
            "media_type": self.media_type.value,
            "supported_formats": self._get_supported_formats(),
            "features": self._get_features(),
        }

    def get_metrics(self) -> dict[str, float]:
        """Counts of tasks, ``seconds`` of work, and what runs and waits in the pool now."""
        pool = self._desk.pool
        return {**asdict(self._desk.metrics), "running": pool.running, "waiting": pool.waiting}

    def batch_process(
        self, rows: Sequence[Mapping[str, Any]], *, callback: Callback | None = None
    ) -> list[MediaTask]:
        """A task for each row, in their order; a row that is wrong is a task that failed."""
        more: dict[str, Any] = {} if callback is None else {"callback": callback}
        tasks = []
        for row in rows:
            try:
                tasks.append(self.process(row, **more))
            except ValueError as error:
                shown = row if isinstance(row, Mapping) else {"row": row}
                tasks.append(self._desk.refuse(shown, str(error), callback))
        return tasks

    def close(self) -> None:
        """Stop every task, and wait until they have ended."""
        for task in self.list_tasks():
            self.cancel_task(task.task_id)
        for task in self.list_tasks():
            task.wait()
