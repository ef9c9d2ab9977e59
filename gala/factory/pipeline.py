"""A sequence of workflows in which results are inputs of later steps."""

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

_DEFAULT_WORKERS = 4


@dataclass(frozen=True, slots=True)
class ResultOf:
    """A placeholder in a step's parameters: the result of an earlier step."""

    step: str


@dataclass(frozen=True, slots=True)
class Given:
    """A placeholder in a step's parameters: the value passed to :meth:`Pipeline.start`."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One task of a workflow; its parameters may contain :class:`ResultOf` and :class:`Given`."""

    name: str
    workflow: MediaFactory
    parameters: Mapping[str, Any] = field(default_factory=dict)


class StepFailed(GalaError):
    """A step of the pipeline failed in all its attempts."""


class Pipeline:
    """Steps that run in order; the task of a run has the result of the last step.

    Its ``metadata["steps"]`` holds every step's task id, status and failed attempts. Every step
    uses a slot in the pool of its own workflow; ``workers`` limits the runs at once. Raises
    ``ValueError`` if the steps are inconsistent.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        *,
        workers: int = _DEFAULT_WORKERS,
        timeout: float = 3600,
        callback: Callback | None = None,
    ):
        self.steps = tuple(steps)
        _check(self.steps)
        config = FactoryConfig(
            workers=workers, timeout=timeout, callback=callback, retries=0, cache=False
        )
        self._runner = TaskRunner(self.steps[-1].workflow.media_type, config)

    def start(
        self, given: Mapping[str, Any] | None = None, *, callback: Callback | None = None
    ) -> MediaTask:
        """Start a run; raise ``ValueError`` if a value that a step needs is not given."""
        values = dict(given or {})
        required = {
            one.name for step in self.steps for one in _placeholders(step.parameters, Given)
        }
        if required - values.keys():
            raise InvalidParameters(dict.fromkeys(sorted(required - values.keys()), "is not given"))

        async def do(context: TaskContext) -> MediaResult:
            return await self._run(context, values)

        return self._runner.start(values, do, callback=callback)

    def get_task(self, task_id: str) -> MediaTask | None:
        """Return the run with that id, if it is still kept."""
        return self._runner.get(task_id)

    def list_tasks(self, status: ProcessingStatus | str | None = None) -> list[MediaTask]:
        """Return the runs in the order in which they were started."""
        return self._runner.all(None if status is None else ProcessingStatus(status))

    def cancel_task(self, task_id: str) -> bool:
        """Cancel a run and its current step; return False if it does not exist or has ended."""
        return self._runner.cancel(task_id)

    async def _run(self, context: TaskContext, given: Mapping[str, Any]) -> MediaResult:
        results: dict[str, MediaResult] = {}
        summaries = self._summaries(context.task_id)
        for at, step in enumerate(self.steps):
            task = self._start_step(step, _filled(step.parameters, given, results), context, at)
            try:
                await task.ended_async()
            except asyncio.CancelledError:
                step.workflow.cancel_task(task.task_id)
                await task.ended_async()
                raise
            finally:
                summaries[step.name] = _summary(task)
            if task.result is None:
                raise StepFailed(f"{step.name}: {task.error or task.status}")
            results[step.name] = task.result
            context.progress((at + 1) / len(self.steps))
        return results[self.steps[-1].name]

    def _start_step(
        self, step: Step, parameters: dict[str, Any], context: TaskContext, at: int
    ) -> MediaTask:
        def on_change(snapshot: MediaTask) -> None:
            context.progress((at + snapshot.progress) / len(self.steps))

        try:
            return step.workflow.process(parameters, callback=on_change)
        except ValueError as error:
            raise StepFailed(f"{step.name}: {error}") from error

    def _summaries(self, task_id: str) -> dict[str, Any]:
        task = self._runner.get(task_id)
        return {} if task is None else task.metadata.setdefault("steps", {})


def _summary(task: MediaTask) -> dict[str, Any]:
    summary = {"task_id": task.task_id, "status": str(task.status), "error": task.error}
    return {**summary, "attempts": list(task.metadata.get("attempts", ()))}


def _check(steps: Sequence[Step]) -> None:
    if not steps:
        raise InvalidParameters({"steps": "at least one is required"})
    known: set[str] = set()
    for step in steps:
        if step.name in known:
            raise InvalidParameters({"steps": f"two steps have the name {step.name!r}"})
        for one in _placeholders(step.parameters, ResultOf):
            if one.step not in known:
                problem = f"{step.name!r} needs {one.step!r}, which is not an earlier step"
                raise InvalidParameters({"steps": problem})
        known.add(step.name)


def _placeholders(value: Any, kind: type[Any]) -> list[Any]:
    if isinstance(value, kind):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [one for part in value for one in _placeholders(part, kind)] if _is_list(value) else []


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
