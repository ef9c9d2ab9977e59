"""Requests and responses about jobs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from gala.job import AttemptOutcome, JobFailure, JobPhase, JobStatus, LogLevel
from gala.media import AspectRatio, Format, SpokenBy
from gala.targets import TargetName
from gala_api.schemas.common import (
    JsonObject,
    Line,
    Metadata,
    Moment,
    Received,
    Reference,
    Sent,
    Url,
)


class JobOutputRequest(Received):
    """The format of the output; absent fields are taken from the template.

    The `output` of an existing job is accepted as it is.
    """

    # Enumerations arrive as strings.
    model_config = ConfigDict(extra="forbid", strict=False)

    aspect_ratio: AspectRatio | None = Field(default=None, examples=["9:16"])
    format: Format | None = None
    target: TargetName | None = Field(
        default=None,
        description="Where the film is shown: it decides size, loudness and safe areas, and how"
        " long a film may be. `GET /targets` has the figures.",
        examples=["tiktok"],
    )
    duration_ms: int | None = Field(
        default=None,
        description="Ignored: the length follows from the template, the params and the inputs. It"
        " is accepted so that a job's `output` can be sent back.",
    )


class BatchRequest(Received):
    """Several variants of one job. Not supported yet: any other number than one is rejected."""

    count: int = Field(default=1, ge=1, le=1000)
    variants: list[JsonObject] = Field(default=[], max_length=1000)


class CreateJobRequest(Received):
    """A new job. The smallest has only `params.text`."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"name": "hello-e2e", "params": {"text": "GALA E2E"}}]},
    )

    name: Line | None = Field(default=None, examples=["hello-e2e"])
    type: Line | None = Field(
        default=None, description="A render type: a shorthand for its built-in template."
    )
    template_id: Reference | None = Field(
        default=None,
        description="A template's id, or its name.",
        examples=["tpl_01JD3Z4V8QJ6X2M0T5B7C9D1EF"],
    )
    template_version: int | None = Field(
        default=None,
        ge=1,
        le=2**31 - 1,
        description="A version of the template; by default the latest.",
    )
    brand: Reference | None = Field(
        default=None,
        description="Name of a brand kit: its voice, pronunciations and look of captions apply"
        " where the job sets none, and compositions have it as `{{brand.…}}`.",
        examples=["acme"],
    )
    model_ids: list[Reference] = Field(
        default=[], max_length=20, examples=[["mdl_01JD3Z4V8QJ6X2M0T5B7C9D1EF"]]
    )
    inputs: JsonObject = Field(
        default={},
        description="Inputs by name, as assets (`bg_asset_id`) or as URLs that are fetched when the"
        " job runs (`bg_url`); null is the same as absent.",
    )
    params: JsonObject = Field(default={}, examples=[{"text": "GALA E2E"}])
    output: JobOutputRequest = JobOutputRequest()
    session_id: Line | None = Field(
        default=None,
        description="The caller's own id of a group of jobs; a filter of `GET /jobs`.",
        examples=["user-session-123"],
    )
    creation_id: Line | None = Field(
        default=None, description="The caller's own id of this job; included in notifications."
    )
    metadata: Metadata | None = Field(
        default=None,
        description="Any data of the caller, up to 16 KiB as JSON; included in notifications.",
    )
    callback_url: Url | None = Field(
        default=None,
        description="URL for a signed notification when the job has ended (Standard Webhooks).",
        examples=["https://example.com/hooks/gala"],
    )
    batch: BatchRequest = BatchRequest()


class JobOutputFormat(Sent):
    """The resolved format of the output."""

    format: Format | None = Field(
        description="Null if the output has the format of its source, or is audio."
    )
    duration_ms: int | None


class Job(Sent):
    """A job and its progress."""

    id: str = Field(examples=["job_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    name: str | None
    type: str
    status: JobStatus
    template_id: str
    template_version: int | None = Field(description="Null for jobs of earlier releases.")
    template_params: JsonObject | None = Field(
        description="The params that were sent, if the template has a composition; `params` is then"
        " the composition that it became."
    )
    model_ids: list[str]
    inputs: dict[str, str | list[str]]
    params: JsonObject
    output: JobOutputFormat
    session_id: str | None
    creation_id: str | None
    metadata: JsonObject | None
    omitted: list[Literal["inputs", "params", "template_params", "metadata"]] = Field(
        default=[],
        description="In lists: the fields that were left empty because they are longer than 4 KiB"
        " as JSON. `GET /jobs/{jobId}` has them.",
    )
    progress: Annotated[float, Field(ge=0, le=1)]
    phase: JobPhase
    attempt: int = Field(description="Attempts so far; 0 before the first.")
    cancel_requested: bool
    error: JobFailure | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class OutputFile(Sent):
    """One output of a job, as `GET /assets/{assetId}` describes it."""

    asset_id: str
    mime: str = Field(examples=["video/mp4"])
    size_bytes: int = Field(ge=0)
    duration_ms: int | None = Field(ge=0, description="Length of a video or sound.")
    width: int | None = Field(ge=1, description="Pixels as shown, after rotation.")
    height: int | None = Field(ge=1)
    fps: float | None = Field(gt=0, description="Frames per second, on average.")
    speech: list[SpokenBy] | None = Field(
        default=None,
        description="The engines and voices that speak in it, each once; null if it has no speech"
        " that this job made.",
    )
    content_url: str = Field(description="URL of the bytes, for callers with access.")


class JobOutput(Sent):
    """The outputs of one variant of a job; null if there is none, or its asset was deleted."""

    model_config = ConfigDict(extra="allow")

    variant: int = 0
    video_asset_id: str | None = None
    thumbnail_asset_id: str | None = None
    captions_asset_id: str | None = None
    video_object_key: str | None = None
    thumb_object_key: str | None = None
    captions_object_key: str | None = None
    files: dict[str, OutputFile] = Field(
        description="The outputs by role (`video`, `thumbnail`, …), without deleted ones."
    )


class JobLog(Sent):
    """A line of a job's log."""

    ts: Moment
    level: LogLevel
    msg: str
    attempt: int


class JobAttempt(Sent):
    """One attempt, with its own error."""

    number: int
    worker: str
    outcome: AttemptOutcome
    error: JobFailure | None
    started_at: Moment
    finished_at: Moment | None


class JobDetail(Job):
    """A job with its outputs, log and attempts."""

    waiting_reason: str | None = Field(
        default=None,
        description="Why a QUEUED job is not run now, if it does not just wait its turn, e.g. too"
        " little disk space. It goes on by itself once the reason is gone.",
    )
    outputs: list[JobOutput]
    logs: list[JobLog] = Field(description="The latest 500 lines.")
    attempts: list[JobAttempt] = Field(description="The latest 100 attempts.")


class JobResponse(Sent):
    """One job."""

    job: Job


class JobDetailResponse(Sent):
    """One job in full."""

    job: JobDetail


class JobsListResponse(Sent):
    """Jobs, newest first."""

    jobs: list[Job]
    next_cursor: str | None = Field(
        default=None, description="The `cursor` of the next page; null on the last page."
    )
