"""What a media factory takes and gives."""

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
    """What a workflow makes."""

    IMAGE = "image"
    VIDEO = "video"
    VOICE = "voice"


class ProcessingStatus(StrEnum):
    """How far a task is; the last three are ends."""

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
    """What a task made: a file of this machine, or an asset of the server that worked.

    ``size`` is in bytes. ``ignored`` are the parameters that the service could not be told.
    """

    path: Path | None = None
    mime: str | None = None
    size: int | None = None
    asset_id: str | None = None
    job_id: str | None = None
    ignored: tuple[str, ...] = ()


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def _under_way() -> Future[None]:
    ended: Future[None] = Future()
    # Who waits may stop waiting, but does not end the work by that.
    ended.set_running_or_notify_cancel()
    return ended


@dataclass(slots=True, kw_only=True)
class MediaTask:
    """A piece of work, as far as it is: what the factory gave changes while it runs.

    ``progress`` is 0 to 1. ``error`` is one sentence. ``metadata`` tells ``attempts`` (each that
    failed, with its reason), ``error_code``, ``cached``, ``ignored`` (names of parameters that the
    service could not be told) and, of a pipeline, ``steps``.
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
    _over: Future[None] = field(default_factory=_under_way, repr=False, compare=False)

    @property
    def ended(self) -> bool:
        """Whether its status is final, and nothing of it runs any more."""
        return self.status in ENDED

    def wait(self, timeout_seconds: float | None = None) -> Self:
        """Block until it has ended, however; raises ``TimeoutError``."""
        self._over.result(timeout_seconds)
        return self

    async def ended_async(self) -> Self:
        """The same for an event loop."""
        await asyncio.wrap_future(self._over)
        return self

    def snapshot(self) -> MediaTask:
        """It as it is now, which does not change any more."""
        return replace(self, metadata=copy.deepcopy(self.metadata))

    def end(self) -> None:
        """Wake who waits; for the factory alone."""
        self._over.set_result(None)


Callback: TypeAlias = Callable[[MediaTask], Awaitable[None] | None]
"""Is told of every change with a snapshot; plain or ``async``."""
