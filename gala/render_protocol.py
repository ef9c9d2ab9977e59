"""What worker and renderer say to each other.

``POST /render`` takes a :class:`RenderRequest` and answers with newline-delimited JSON, one
:data:`RenderEvent` a line, ending with exactly one ``done`` or ``error``. While work goes on, at
least one event comes every :data:`SILENCE_SECONDS`; a longer silence means that the renderer is
lost. ``DELETE /render/<job_id>/<attempt>`` stops a render and answers 204 once its processes are
gone. Paths are relative to the attempt's folder, ``<DATA_ROOT>/jobs/<job_id>/<attempt>``; inputs
lie under ``in/``, outputs under ``out/``.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from gala.errors import ErrorCode
from gala.ids import Prefix, pattern
from gala.job import LogLevel
from gala.media import MAX_DURATION_MS, Format

SILENCE_SECONDS: Final = 5.0
"""The longest pause between two events of a healthy render, in seconds."""

NDJSON: Final = "application/x-ndjson"


def attempt_folder(job_id: str, attempt: int) -> PurePosixPath:
    """Where an attempt's files lie, relative to ``DATA_ROOT``."""
    return PurePosixPath("jobs") / job_id / str(attempt)


def _inside(folder: str) -> AfterValidator:
    def check(value: str) -> str:
        path = PurePosixPath(value)
        if "\0" in value or path.is_absolute() or ".." in path.parts or path.parts[:1] != (folder,):
            raise ValueError(f"must be a relative path under {folder}/")
        return value

    return AfterValidator(check)


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StagedInput(_Message):
    """One file that the worker laid ready; its MIME type was told from its bytes."""

    path: Annotated[str, _inside("in")]
    mime: str
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    """Of the file's bytes, as the worker verified it."""


class RenderRequest(_Message):
    """One attempt to render: everything the renderer may know of a job."""

    job_id: str = Field(pattern=pattern(Prefix.JOB))
    attempt: int = Field(ge=1)
    type: str
    params: dict[str, Any]
    inputs: dict[str, tuple[StagedInput, ...]] = {}
    format: Format | None = None
    duration_ms: int | None = Field(default=None, ge=1, le=MAX_DURATION_MS)
    deadline_seconds: float = Field(gt=0, description="Seconds from now until the attempt ends.")


class Progress(_Message):
    """How far the work is, 0 to 1, never falling; also the sign of life."""

    event: Literal["progress"] = "progress"
    fraction: float = Field(ge=0, le=1)
    step: str | None = None


class Log(_Message):
    """A line for the job's log."""

    event: Literal["log"] = "log"
    level: LogLevel
    msg: str


class Output(_Message):
    """A finished, closed file; ``role`` is one of the type's outputs."""

    event: Literal["output"] = "output"
    role: str
    path: Annotated[str, _inside("out")]
    mime: str
    size: int = Field(ge=0, description="Bytes.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Done(_Message):
    """All outputs were sent."""

    event: Literal["done"] = "done"


class Error(_Message):
    """The render failed; nothing more comes."""

    event: Literal["error"] = "error"
    code: ErrorCode
    message: str
    step: str | None = None
    retryable: bool = False
    hint: str | None = None


RenderEvent = Annotated[Progress | Log | Output | Done | Error, Field(discriminator="event")]
EVENTS: Final[TypeAdapter[RenderEvent]] = TypeAdapter(RenderEvent)
