"""Tasks of the media factory, their results and statuses."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self, TypeAlias


class MediaType(StrEnum):
    """The kind of media that a workflow makes."""

    IMAGE = "image"
    VIDEO = "video"
    VOICE = "voice"


class ProcessingStatus(StrEnum):
    """The status of a task; the last three are final."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED: Final = frozenset(
    {ProcessingStatus.COMPLETED, ProcessingStatus.FAILED, ProcessingStatus.CANCELLED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaResult:
    """The result of a task: a file on this machine, or an asset on the server that did the work.

    ``size`` is in bytes. ``ignored`` are parameters that the service does not support.
    """

    path: Path | None = None
    mime: str | None = None
    size: int | None = None
    asset_id: str | None = None
    job_id: str | None = None
    ignored: tuple[str, ...] = ()


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def _pending_future() -> Future[None]:
    ended: Future[None] = Future()
    # So that cancelling a wait for it does not cancel the future itself.
    ended.set_running_or_notify_cancel()
    return ended


@dataclass(slots=True, kw_only=True)
class MediaTask:
    """A task and its current state, which the factory updates while the task runs.

    ``progress`` is 0 to 1. ``error`` is one sentence. ``metadata`` holds ``attempts`` (the failed
    ones, with their reasons), ``error_code``, ``cached``, ``ignored`` (names of parameters that the
    service does not support) and, for a pipeline, ``steps``.
    """

    task_id: str
    media_type: MediaType
    status: ProcessingStatus = ProcessingStatus.PENDING
    parameters: Mapping[str, Any]
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    result: MediaResult | None = None
    error: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    progress: float = 0.0
    _over: Future[None] = field(default_factory=_pending_future, repr=False, compare=False)

    @property
    def ended(self) -> bool:
        """Return True if the status is final and all of the work has stopped."""
        return self.status in ENDED

    def wait(self, timeout_seconds: float | None = None) -> Self:
        """Block until the task has ended, successfully or not; raise ``TimeoutError``."""
        self._over.result(timeout_seconds)
        return self

    async def ended_async(self) -> Self:
        """Like :meth:`wait`, without blocking the event loop."""
        await asyncio.wrap_future(self._over)
        return self

    def snapshot(self) -> MediaTask:
        """Return a copy of the current state, which does not change any more."""
        return replace(self, metadata=copy.deepcopy(self.metadata))

    def end(self) -> None:
        """Release all waiting callers; called only by the factory."""
        self._over.set_result(None)


Callback: TypeAlias = Callable[[MediaTask], Awaitable[None] | None]
"""Called for every change with a snapshot of the task; plain or ``async``."""
