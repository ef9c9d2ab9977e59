"""Resources of the API as objects: assets, jobs, job events, models, quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from gala.job import ENDED, JobFailure, JobPhase, JobStatus, LogLevel
from gala.media import AssetKind, AssetStatus, Format, SpokenBy


class ApiResource(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Asset(ApiResource):
    """A media file; fields that describe its bytes are ``None`` until it is ``ready``."""

    id: str
    kind: AssetKind
    status: AssetStatus = AssetStatus.READY
    error: JobFailure | None = None
    """The reason if its status is ``failed``."""
    provider: str | None = None
    object_key: str | None = None
    mime: str | None = None
    size_bytes: int | None = None
    checksum: str | None = None
    """SHA-256 of the bytes, hexadecimal."""
    label: str | None = None
    filename: str | None = None
    job_id: str | None = None
    """The job that produces the asset."""
    created_at: datetime
    duration_ms: int | None = None
    """This, ``width``, ``height`` and ``fps`` of an upload are known once a job has used it."""
    width: int | None = None
    """Pixels as shown, after rotation."""
    height: int | None = None
    fps: float | None = None
    speech: tuple[SpokenBy, ...] | None = None
    """The engines and voices that speak in it, each once."""
    content_url: str | None = None


class OutputFile(ApiResource):
    """One output of a job; what does not apply to it is ``None``."""

    asset_id: str
    mime: str
    size_bytes: int
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    speech: tuple[SpokenBy, ...] | None = None
    """The engines and voices that speak in it, each once."""
    content_url: str


class JobOutput(ApiResource):
    """The outputs of one variant of a job."""

    model_config = ConfigDict(frozen=True, extra="allow")

    variant: int = 0
    files: Mapping[str, OutputFile] = {}
    """The outputs by role: ``video``, ``thumbnail``, …; without those that were deleted."""

    @property
    def asset_ids(self) -> dict[str, str]:
        """Asset ids by role: ``video``, ``thumbnail``, …"""
        suffix = "_asset_id"
        members = (self.model_extra or {}).items()
        return {k.removesuffix(suffix): v for k, v in members if k.endswith(suffix) and v}


class JobLog(ApiResource):
    """A line of a job's log."""

    ts: datetime
    level: LogLevel
    msg: str


class Job(ApiResource):
    """A job; ``outputs`` and ``logs`` are empty in lists."""

    id: str
    name: str | None = None
    type: str
    status: JobStatus
    phase: JobPhase
    progress: float
    attempt: int
    cancel_requested: bool = False
    error: JobFailure | None = None
    waiting_reason: str | None = None
    """Why a QUEUED job is not run now, if it does not just wait its turn; None in lists."""
    outputs: tuple[JobOutput, ...] = ()
    logs: tuple[JobLog, ...] = ()
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Return True if the job is DONE, FAILED or CANCELLED."""
        return self.status in ENDED


class UploadedBy(ApiResource):
    """Who brought a model's body, and when."""

    owner_id: str
    key_id: str | None = None
    """The API key that was used, if any."""
    at: datetime


class ModelPreviews(ApiResource):
    """Previews of a model as a presenter."""

    status: str
    """``ready``, or ``pending``: they are made when one of them is asked for."""
    found_url: str | None = None
    """None if there is no picture in which something was found."""
    neutral_url: str
    clip_url: str
    warnings: tuple[str, ...] = ()
    """What may look less than well."""


class Model(ApiResource):
    """An avatar: pictures, voice and framing of a persona."""

    id: str
    stage_name: str
    tags: tuple[str, ...] = ()
    preset: Mapping[str, Any] = {}
    asset_ids: tuple[str, ...] = ()
    consent: str | None = None
    """The uploader's note about the consent of the person shown."""
    uploaded_by: UploadedBy | None = None
    previews: ModelPreviews | None = None
    created_at: datetime


class Limits(ApiResource):
    """Limits of an owner; ``None`` means unlimited. Days are UTC days."""

    jobs_at_once: int | None = None
    jobs_per_day: int | None = None
    minutes_per_day: int | None = None
    bytes_stored: int | None = None


class Usage(ApiResource):
    """Current usage of an owner, for each limit; days restart at ``renews_at``."""

    jobs_at_once: int
    jobs_per_day: int
    minutes_per_day: float
    bytes_stored: int
    renews_at: datetime


class Quota(ApiResource):
    """An owner's limits; ``usage`` is empty in lists."""

    owner_id: str
    own: Limits
    """Limits set for this owner; the server's defaults apply to the others."""
    limits: Limits
    """The limits in force."""
    usage: Usage | None = None


class Pronunciation(ApiResource):
    """How a text is spoken: as the words of ``say``, or as the sounds of ``ipa``."""

    text: str
    say: str | None = None
    ipa: str | None = None
    language: str | None = None
    """The only language it applies to; None: all."""


class TemplateSummary(ApiResource):
    """A template in a list: without its composition."""

    id: str
    type: str
    name: str
    duration_ms: int | None = None
    format: Format | None = None
    params_schema: Mapping[str, Any]
    defaults: Mapping[str, Any]
    description: str | None = None
    preview_asset_id: str | None = None
    version: int = 1
    builtin: bool = False
    has_composition: bool = False
    """Whether it is more than default params of its type."""
    created_at: datetime


class Template(TemplateSummary):
    """A named way to use a render type."""

    composition: Mapping[str, Any] | None = None
    """Of ``timeline``: the film, with variables."""


class TemplateVersionSummary(ApiResource):
    """A version of a template in a list: without its composition."""

    template_id: str
    version: int
    type: str
    duration_ms: int | None = None
    format: Format | None = None
    params_schema: Mapping[str, Any]
    defaults: Mapping[str, Any]
    has_composition: bool = False
    created_at: datetime


class TemplateVersion(TemplateVersionSummary):
    """What a template was from one change to the next."""

    composition: Mapping[str, Any] | None = None


class BrandKitSummary(ApiResource):
    """A brand kit in a list."""

    name: str
    logo: str | None = None
    colors: Mapping[str, Any]
    fields: Sequence[str]
    """What the kit sets."""
    created_at: datetime
    updated_at: datetime


class StoredBrandKit(ApiResource):
    """A brand kit under its name."""

    name: str
    kit: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class JobEvent:
    """An event of a job; ``kind`` is ``status``, ``progress`` or ``log``."""

    id: str
    kind: str
    data: Mapping[str, Any]
