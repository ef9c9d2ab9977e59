"""What the API answers, as objects: assets, jobs, their events, quotas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from gala.job import ENDED, JobFailure, JobPhase, JobStatus, LogLevel
from gala.media import AssetKind, AssetStatus


class ApiResource(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Asset(ApiResource):
    """A piece of media; of one that is not ``ready``, nothing is known of its bytes."""

    id: str
    kind: AssetKind
    status: AssetStatus = AssetStatus.READY
    error: JobFailure | None = None
    """Why it has failed."""
    provider: str | None = None
    object_key: str | None = None
    mime: str | None = None
    size_bytes: int | None = None
    checksum: str | None = None
    """SHA-256 of the bytes, hexadecimal."""
    label: str | None = None
    filename: str | None = None
    job_id: str | None = None
    """The job that made it or will make it."""
    created_at: datetime


class JobOutput(ApiResource):
    """What one variant of a job made."""

    model_config = ConfigDict(frozen=True, extra="allow")

    variant: int = 0

    @property
    def asset_ids(self) -> dict[str, str]:
        """The assets by role: ``video``, ``thumbnail``, …"""
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
    error: JobFailure | None = None
    outputs: tuple[JobOutput, ...] = ()
    logs: tuple[JobLog, ...] = ()
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def ended(self) -> bool:
        return self.status in ENDED


class Limits(ApiResource):
    """What an owner may use; ``None`` is unlimited. Days are those of UTC."""

    jobs_at_once: int | None = None
    jobs_per_day: int | None = None
    minutes_per_day: int | None = None
    bytes_stored: int | None = None


class Usage(ApiResource):
    """What an owner uses now, of what can be limited."""

    jobs_at_once: int
    jobs_per_day: int
    minutes_per_day: float
    bytes_stored: int
    renews_at: datetime


class Quota(ApiResource):
    """An owner's limits; ``usage`` is empty in lists."""

    owner_id: str
    own: Limits
    """What was set for this owner; the server's defaults hold for the rest."""
    limits: Limits
    """What holds."""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that happened to a job: ``kind`` is ``status``, ``progress`` or ``log``."""

    id: str
    kind: str
    data: Mapping[str, Any]
