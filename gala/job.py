"""The vocabulary of a job, written once for database, API, worker and command line."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gala.errors import ErrorCode, GalaError


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


ENDED: Final = frozenset({JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED})
LIVE: Final = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})

ALLOWED_MOVES: Final[Mapping[JobStatus, frozenset[JobStatus]]] = {
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED}),
    JobStatus.RUNNING: frozenset(
        {JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.QUEUED}
    ),
    JobStatus.FAILED: frozenset({JobStatus.QUEUED}),
    JobStatus.DONE: frozenset(),
    JobStatus.CANCELLED: frozenset(),
}
"""From each status, the statuses that may follow; a trigger in the database enforces the same."""


class JobPhase(StrEnum):
    """What is being done for a job right now; ``ended`` after its last attempt."""

    WAITING = "waiting"
    STAGING = "staging"
    RENDERING = "rendering"
    UPLOADING = "uploading"
    RECORDING = "recording"
    ENDED = "ended"


class AttemptOutcome(StrEnum):
    """How one attempt of a job ended; ``RUNNING`` until then."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CRASHED = "CRASHED"
    CANCELLED = "CANCELLED"
    RELEASED = "RELEASED"


class Lane(StrEnum):
    """Which queue a job waits in."""

    INTERACTIVE = "interactive"
    BATCH = "batch"


class LogLevel(StrEnum):
    """How serious a line of a job's log is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def writable(text: str) -> str:
    """The text as Postgres can keep it: with neither NUL nor half a surrogate pair.

    Messages may quote anything: a file's name, what a program printed, a server's answer.
    """
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


_Text = Annotated[str, BeforeValidator(writable)]


class JobFailure(BaseModel):
    """Why an attempt or a job failed, in words that tell the user what to do."""

    model_config = ConfigDict(frozen=True)

    code: ErrorCode = Field(description="Stable code to match on.")
    message: _Text = Field(description="What happened, for people.")
    step: _Text | None = Field(default=None, description="The step that failed, e.g. `rendering`.")
    retryable: bool = Field(default=False, description="Whether another attempt may succeed.")
    hint: _Text | None = Field(default=None, description="What to do about it.")

    @classmethod
    def from_error(cls, error: GalaError, *, step: str) -> JobFailure:
        """The record of an error raised while doing ``step``."""
        return cls(
            code=error.code,
            message=error.message,
            step=step,
            retryable=error.retryable,
            hint=error.hint,
        )
