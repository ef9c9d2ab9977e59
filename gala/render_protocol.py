"""Messages between worker and renderer.

``POST /render`` takes a :class:`RenderRequest` and responds with newline-delimited JSON: one
:data:`RenderEvent` per line, the last of them either ``done`` or ``error``. While a render runs,
the renderer sends at least one event every :data:`SILENCE_SECONDS`; after a longer silence the
worker considers the renderer lost. ``DELETE /render/<job_id>/<attempt>`` stops a render and
responds with 204 once its processes have ended. Paths are relative to the attempt's folder,
``<DATA_ROOT>/jobs/<job_id>/<attempt>``: inputs are under ``in/``, outputs under ``out/``.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from gala.ids import Prefix, pattern
from gala.job import JobFailure, LogLevel
from gala.media import MAX_DURATION_MS, Format, MediaFacts, SpokenBy

SILENCE_SECONDS: Final = 5.0
"""The longest pause between two events of a healthy render, in seconds."""

NDJSON: Final = "application/x-ndjson"


def attempt_folder(job_id: str, attempt: int) -> PurePosixPath:
    """Return the folder of an attempt's files, relative to ``DATA_ROOT``."""
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
    """An input file in the attempt's folder; ``mime`` was detected from its content."""

    path: Annotated[str, _inside("in")]
    mime: str
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    """SHA-256 of the content as verified by the worker; ``None`` if it was not computed."""


class RenderRequest(_Message):
    """One attempt to render: all that the renderer receives of a job."""

    job_id: str = Field(pattern=pattern(Prefix.JOB))
    attempt: int = Field(ge=1)
    type: str
    params: dict[str, Any]
    inputs: dict[str, tuple[StagedInput, ...]] = {}
    format: Format | None = None
    duration_ms: int | None = Field(default=None, ge=1, le=MAX_DURATION_MS)
    deadline_seconds: float = Field(gt=0, description="Seconds from now to the attempt's deadline.")
    describe: bool = False
    """Report what the media files contain: ``Output.media``, and ``inspected`` events."""


class Progress(_Message):
    """Progress of the render: ``fraction`` is 0 to 1 and never decreases. Also a keep-alive."""

    event: Literal["progress"] = "progress"
    fraction: float = Field(ge=0, le=1)
    step: str | None = None


class Log(_Message):
    """A line for the job's log."""

    event: Literal["log"] = "log"
    level: LogLevel
    msg: str


class Output(_Message):
    """A complete output file; ``role`` is one of the render type's outputs."""

    event: Literal["output"] = "output"
    role: str
    path: Annotated[str, _inside("out")]
    mime: str
    size: int = Field(ge=0, description="Bytes.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    media: MediaFacts | None = None
    """Reported of media files if the request has ``describe``, and sometimes without."""
    speech: tuple[SpokenBy, ...] = ()
    """The engines and voices that speak in it, each once, in the order of their first words."""


class Inspected(_Message):
    """What an input contains, if the render had to find out and the request has ``describe``."""

    event: Literal["inspected"] = "inspected"
    path: Annotated[str, _inside("in")]
    media: MediaFacts


class Done(_Message):
    """The last event of a successful render; all outputs were announced before it."""

    event: Literal["done"] = "done"


class Error(_Message):
    """The last event of a failed render."""

    event: Literal["error"] = "error"
    failure: JobFailure


RenderEvent = Annotated[
    Progress | Log | Output | Inspected | Done | Error, Field(discriminator="event")
]
EVENTS: Final[TypeAdapter[RenderEvent]] = TypeAdapter(RenderEvent)
