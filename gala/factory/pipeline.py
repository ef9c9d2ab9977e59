"""Several workflows one after the other, where one's result feeds the next."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gala.errors import GalaError
from gala.factory.base import MediaFactory
from gala.factory.config import FactoryConfig
from gala.factory.models import Callback, MediaResult, MediaTask, ProcessingStatus
from gala.factory.task_runner import TaskRunner
from gala.factory.validation import InvalidParameters
from gala.generation.task_context import TaskContext

_USUAL_WORKERS = 4


@dataclass(frozen=True, slots=True)
class ResultOf:
    """In a step's parameters: the result of an earlier step."""

    step: str


@dataclass(frozen=True, slots=True)
class Given:
    """In a step's parameters: what the pipeline is started with under that name."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One workflow's task; its parameters may hold :class:`ResultOf` and :class:`Given`."""

    name: str
    workflow: MediaFactory
    parameters: Mapping[str, Any] = field(default_factory=dict)


class StepFailed(GalaError):
    """A step of the pipeline failed, after all its attempts."""


class Pipeline:
    """Steps in their order; the task of a run has the last step's result.

    Its ``metadata["steps"]`` tells every step's task, status and attempts that failed. Every step
    takes its place in the pool of its own workflow; ``workers`` bounds the runs at once.
    Raises ``ValueError`` for steps that do not fit together.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        *,
        workers: int = _USUAL_WORKERS,
        timeout: float = 3600,
        callback: Callback | None = None,
    ):
        self.steps = tuple(steps)
        _check(self.steps)
        config = FactoryConfig(
            workers=workers, timeout=timeout, callback=callback, retries=0, cache=False
        )
        self._desk = TaskRunner(self.steps[-1].workflow.media_type, config)

    def start(
        self, given: Mapping[str, Any] | None = None, *, callback: Callback | None = None
    ) -> MediaTask:
        """Begin a run; raises ``ValueError`` if something that a step needs is not given."""
        values = dict(given or {})
        wanted = {one.name for step in self.steps for one in _found(step.parameters, Given)}
        if wanted - values.keys():
            raise InvalidParameters(dict.fromkeys(sorted(wanted - values.keys()), "is not given"))

        async def do(work: TaskContext) -> MediaResult:
            return await self._run(work, values)

        return self._desk.start(values, do, callback=callback)

    def get_task(self, task_id: str) -> MediaTask | None:
        """A run, by its id."""
        return self._desk.get(task_id)

    def list_tasks(self, status: ProcessingStatus | str | None = None) -> list[MediaTask]:
        """The runs in their order."""
        return self._desk.all(None if status is None else ProcessingStatus(status))

    def cancel_task(self, task_id: str) -> bool:
        """Stop a run and the step that it is in; false if there is nothing to stop."""
        return self._desk.cancel(task_id)

    async def _run(self, work: TaskContext, given: Mapping[str, Any]) -> MediaResult:
        results: dict[str, MediaResult] = {}
        told = self._told(work.task_id)
        for at, step in enumerate(self.steps):
            task = self._begun(step, _filled(step.parameters, given, results), work, at)
            try:
                await task.ended_async()
            except asyncio.CancelledError:
                step.workflow.cancel_task(task.task_id)
                await task.ended_async()
                raise
            finally:
                told[step.name] = _summary(task)
            if task.result is None:
                raise StepFailed(f"{step.name}: {task.error or task.status}")
            results[step.name] = task.result
            work.progress((at + 1) / len(self.steps))
        return results[self.steps[-1].name]

    def _begun(
        self, step: Step, parameters: dict[str, Any], work: TaskContext, at: int
    ) -> MediaTask:
        def on_change(news: MediaTask) -> None:
            work.progress((at + news.progress) / len(self.steps))

        try:
            return step.workflow.process(parameters, callback=on_change)
        except ValueError as error:
            raise StepFailed(f"{step.name}: {error}") from error

    def _told(self, task_id: str) -> dict[str, Any]:
        task = self._desk.get(task_id)
        return {} if task is None else task.metadata.setdefault("steps", {})


def _summary(task: MediaTask) -> dict[str, Any]:
    told = {"task_id": task.task_id, "status": str(task.status), "error": task.error}
    return {**told, "attempts": list(task.metadata.get("attempts", ()))}


def _check(steps: Sequence[Step]) -> None:
    if not steps:
        raise InvalidParameters({"steps": "at least one is required"})
    known: set[str] = set()
    for step in steps:
        if step.name in known:
            raise InvalidParameters({"steps": f"there are two of the name {step.name!r}"})
        for one in _found(step.parameters, ResultOf):
            if one.step not in known:
                said = f"{step.name!r} needs {one.step!r}, which is no earlier step"
                raise InvalidParameters({"steps": said})
        known.add(step.name)


def _found(value: Any, kind: type[Any]) -> list[Any]:
    if isinstance(value, kind):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [one for part in value for one in _found(part, kind)] if _is_list(value) else []


def _filled(value: Any, given: Mapping[str, Any], results: Mapping[str, MediaResult]) -> Any:
    if isinstance(value, ResultOf):
        return results[value.step]
    if isinstance(value, Given):
        return given[value.name]
    if isinstance(value, Mapping):
        return {name: _filled(one, given, results) for name, one in value.items()}
    return [_filled(one, given, results) for one in value] if _is_list(value) else value


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
