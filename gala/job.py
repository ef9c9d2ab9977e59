"""States, phases and failures of a job, shared by database, API, worker and command line."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gala.errors import ErrorCode, GalaError


class JobStatus(StrEnum):
    """State of a job."""

    QUEUED = "QUEUED"
    """The job waits for a worker of its lane and, after a failure, for the back-off to end.

    A worker's claim moves it to RUNNING, a request to cancel moves it to CANCELLED at once. No
    process holds it: if its wake-up is lost with Redis or a worker, a sweeper sends another one.
    """
    RUNNING = "RUNNING"
    """One worker holds the job's lease, which every heartbeat extends, and runs one attempt.

    That worker moves it to DONE, FAILED or CANCELLED, or back to QUEUED: for a retryable failure
    below the limit, and when the worker shuts down. If the worker dies, the lease expires: a
    sweeper counts a crash and moves the job to QUEUED, to FAILED after too many crashes, or to
    CANCELLED if that was requested. A worker that was only paused finds its lease token out of
    date and can no longer write.
    """
    DONE = "DONE"
    """All outputs are stored and recorded as assets, in the transaction that set this state. Final.

    If the worker dies after that commit, only its local files remain; a sweeper removes them.
    """
    FAILED = "FAILED"
    """The error was not retryable, or the last permitted attempt failed; ``error`` says why.

    Only a retry by the user moves it on: to QUEUED, with the same id and new counts of failures and
    crashes. No process holds it.
    """
    CANCELLED = "CANCELLED"
    """The user cancelled the job. Final.

    A running job gets here once its processes have ended; until then it is RUNNING with
    ``cancel_requested`` set. If its worker dies first, the expiry of the lease has the same result.
    """


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
"""The statuses that may follow each status; a trigger in the database enforces the same."""


class JobPhase(StrEnum):
    """The step that a job is at; ``ended`` after its last attempt."""

    WAITING = "waiting"
    STAGING = "staging"
    RENDERING = "rendering"
    UPLOADING = "uploading"
    RECORDING = "recording"
    ENDED = "ended"


class AttemptOutcome(StrEnum):
    """The outcome of one attempt; ``RUNNING`` until it ends.

    ``CRASHED``: the lease expired. ``RELEASED``: the worker shut down and returned the job.
    """

    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CRASHED = "CRASHED"
    CANCELLED = "CANCELLED"
    RELEASED = "RELEASED"


class Lane(StrEnum):
    """The queue that a job waits in: short jobs and long ones have workers of their own."""

    INTERACTIVE = "interactive"
    BATCH = "batch"


class LogLevel(StrEnum):
    """Severity of a line in a job's log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def writable(text: str) -> str:
    """Return the text with NUL and lone surrogates replaced: Postgres cannot store them.

    Messages may quote any input: a file name, a program's output, a server's response.
    """
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


MAX_FAILURE_CHARACTERS: Final = 4000
"""The length of each text of a failure, which lists of jobs include."""


def _bounded(text: str) -> str:
    text = writable(text)
    if len(text) <= MAX_FAILURE_CHARACTERS:
        return text
    return f"{text[: MAX_FAILURE_CHARACTERS - 1]}…"


_Text = Annotated[str, BeforeValidator(_bounded)]


class JobFailure(BaseModel):
    """Why an attempt or a job failed, and what the user can do about it."""

    model_config = ConfigDict(frozen=True)

    code: ErrorCode = Field(description="Stable code to match on.")
    message: _Text = Field(description="What happened, for people.")
    step: _Text | None = Field(default=None, description="The step that failed, e.g. `rendering`.")
    retryable: bool = Field(default=False, description="Whether another attempt may succeed.")
    hint: _Text | None = Field(default=None, description="What to do about it.")
    field: _Text | None = Field(
        default=None, description="The field of the request that is the reason, by its path."
    )

    @classmethod
    def from_error(cls, error: GalaError, *, step: str) -> JobFailure:
        """Return the record of an error that was raised during ``step``."""
        return cls(
            code=error.code,
            message=error.message,
            step=step,
            retryable=error.retryable,
            hint=error.hint,
            field=error.details.get("field"),
        )
