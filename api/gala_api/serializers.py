"""Convert database rows to response models."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gala.brand_kits import BrandKit
from gala.db import tables
from gala.db.pending_assets import PendingState
from gala.ids import BUILTIN_OWNER
from gala.job import JobFailure
from gala.media import Format, MediaFacts
from gala.render_types import find_type
from gala_api.assets.url_import_request import with_request_names
from gala_api.jobs import inputs
from gala_api.schemas import assets, brand_kits, jobs, models, templates

_LOG_LINES = 500
_ATTEMPTS = 100
# v0 calls the thumbnail's key `thumb_object_key`.
_KEY_FIELDS = {"thumbnail": "thumb_object_key"}


def asset(row: tables.Asset, base_url: str) -> assets.Asset:
    """Return the response model of an asset of the API at ``base_url``."""
    return assets.Asset(
        id=row.id,
        kind=row.kind,
        provider=row.provider,
        object_key=row.object_key,
        mime=row.mime,
        size_bytes=row.size_bytes,
        checksum=row.sha256,
        label=row.label,
        filename=row.filename,
        job_id=row.job_id,
        created_at=row.created_at,
        content_url=_content_url(row, base_url),
        **_media_facts(row),
    )


def _content_url(row: tables.Asset, base_url: str) -> str:
    return f"{base_url}/assets/{row.id}/content"


def _media_facts(row: tables.Asset) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*MediaFacts.model_fields, "speech")}


def pending_asset(found: PendingState) -> assets.Asset:
    """Return the response model of an asset that its job has not produced."""
    row, error = found.row, found.error
    if error is not None:
        error = error.model_copy(update={"message": with_request_names(error.message)})
    return assets.Asset(
        id=row.id,
        kind=row.kind,
        status=found.status,
        error=error,
        label=row.label,
        filename=row.filename,
        job_id=row.job_id,
        created_at=row.created_at,
    )


def model(row: tables.Model, kinds: Collection[str], base_url: str) -> models.Model:
    """Return the response model of an avatar that has previews of these kinds."""
    uploaded = None
    if row.uploaded_at is not None:
        uploaded = models.UploadedBy(
            owner_id=row.owner_id, key_id=row.uploaded_by, at=row.uploaded_at
        )
    return models.Model(
        id=row.id,
        stage_name=row.stage_name,
        tags=row.tags,
        preset=row.preset,
        asset_ids=row.asset_ids,
        consent=row.consent,
        uploaded_by=uploaded,
        previews=_previews(row, kinds, base_url),
        created_at=row.created_at,
    )


def _previews(row: tables.Model, kinds: Collection[str], base_url: str) -> models.ModelPreviews:
    url = f"{base_url}/models/{row.id}/preview?kind="
    is_ready = "neutral" in kinds
    return models.ModelPreviews(
        status=models.PreviewStatus.READY if is_ready else models.PreviewStatus.PENDING,
        found_url=None if is_ready and "found" not in kinds else f"{url}found",
        neutral_url=f"{url}neutral",
        clip_url=f"{url}clip",
        warnings=row.body_warnings,
    )


def template(row: tables.Template) -> templates.Template:
    """Return the response model of a template."""
    summary = template_summary(row, has_composition=row.composition is not None)
    return templates.Template(**dict(summary), composition=row.composition)


def template_summary(row: tables.Template, *, has_composition: bool) -> templates.TemplateSummary:
    """Return the response model of a template in a list."""
    return templates.TemplateSummary(
        id=row.id,
        type=row.type,
        name=row.name,
        duration_ms=row.duration_ms,
        format=_format(row.format),
        params_schema=row.params_schema,
        defaults=row.defaults,
        description=row.description,
        preview_asset_id=row.preview_asset_id,
        version=row.version,
        builtin=row.owner_id == BUILTIN_OWNER,
        has_composition=has_composition,
        created_at=row.created_at,
    )


def template_version(row: tables.TemplateVersion) -> templates.TemplateVersion:
    """Return the response model of a version of a template."""
    summary = version_summary(row, has_composition=row.composition is not None)
    return templates.TemplateVersion(**dict(summary), composition=row.composition)


def version_summary(
    row: tables.TemplateVersion, *, has_composition: bool
) -> templates.TemplateVersionSummary:
    """Return the response model of a version in a list."""
    return templates.TemplateVersionSummary(
        template_id=row.template_id,
        version=row.version,
        type=row.type,
        duration_ms=row.duration_ms,
        format=_format(row.format),
        params_schema=row.params_schema,
        defaults=row.defaults,
        has_composition=has_composition,
        created_at=row.created_at,
    )


def brand_kit_summary(row: tables.StoredBrandKit) -> brand_kits.BrandKitSummary:
    """Return the response model of a brand kit in a list."""
    kit = BrandKit.parse(row.kit)
    return brand_kits.BrandKitSummary(
        name=row.name,
        logo=kit.logo,
        colors=kit.colors,
        fields=[name for name in BrandKit.model_fields if row.kit.get(name)],
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def brand_kit(row: tables.StoredBrandKit) -> brand_kits.StoredBrandKit:
    """Return the response model of a brand kit."""
    return brand_kits.StoredBrandKit(
        name=row.name,
        kit=BrandKit.parse(row.kit),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _format(stored: dict[str, Any] | None) -> Format | None:
    return None if stored is None else Format.model_validate(stored)


def job(row: tables.Job) -> jobs.Job:
    """Return the response model of a job in lists."""
    return jobs.Job(
        id=row.id,
        name=row.name,
        type=row.type,
        status=row.status,
        template_id=row.template_id,
        template_version=row.template_version,
        template_params=row.template_params,
        model_ids=row.model_ids,
        inputs=inputs.as_fields(find_type(row.type), row.inputs),
        params=row.params,
        output=jobs.JobOutputFormat(format=_format(row.format), duration_ms=row.duration_ms),
        session_id=row.session_id,
        creation_id=row.creation_id,
        metadata=row.client_metadata,
        progress=row.progress,
        phase=row.phase,
        attempt=row.attempt,
        cancel_requested=row.cancel_requested,
        error=None if row.error is None else JobFailure.model_validate(row.error),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def job_detail(session: Session, row: tables.Job, base_url: str) -> jobs.JobDetail:
    """Return the response model of a job with its outputs, log and attempts."""
    if row.attempt == 0 and row.event_seq <= 1:
        # Of a job that was only submitted, there is nothing to query.
        return jobs.JobDetail(**job(row).model_dump(), outputs=[], logs=[], attempts=[])
    return jobs.JobDetail(
        **job(row).model_dump(),
        outputs=_outputs(session, row.id, base_url),
        logs=_logs(session, row.id),
        attempts=_attempts(session, row.id),
    )


def _outputs(session: Session, job_id: str, base_url: str) -> list[jobs.JobOutput]:
    rows = session.execute(
        select(tables.JobOutput, tables.Asset)
        .outerjoin(tables.Asset, tables.Asset.id == tables.JobOutput.asset_id)
        .where(tables.JobOutput.job_id == job_id)
        .order_by(tables.JobOutput.variant, tables.JobOutput.role)
    )
    by_variant: dict[int, dict[str, Any]] = {}
    for row, made in rows:
        output = by_variant.setdefault(row.variant, {"variant": row.variant, "files": {}})
        output[f"{row.role}_asset_id"] = row.asset_id
        output[_KEY_FIELDS.get(row.role, f"{row.role}_object_key")] = row.object_key
        if made is not None:
            output["files"][row.role] = _output_file(made, base_url)
    return [jobs.JobOutput.model_validate(output) for output in by_variant.values()]


def _output_file(row: tables.Asset, base_url: str) -> jobs.OutputFile:
    return jobs.OutputFile(
        asset_id=row.id,
        mime=row.mime,
        size_bytes=row.size_bytes,
        content_url=_content_url(row, base_url),
        **_media_facts(row),
    )


def _logs(session: Session, job_id: str) -> list[jobs.JobLog]:
    latest: Sequence[tables.JobEvent] = session.scalars(
        select(tables.JobEvent)
        .where(tables.JobEvent.job_id == job_id, tables.JobEvent.kind == "log")
        .order_by(tables.JobEvent.seq.desc())
        .limit(_LOG_LINES)
    ).all()
    return [_log(row) for row in reversed(latest)]


def _log(row: tables.JobEvent) -> jobs.JobLog:
    data = row.data
    return jobs.JobLog(ts=row.ts, level=data["level"], msg=data["msg"], attempt=data["attempt"])


def _attempts(session: Session, job_id: str) -> list[jobs.JobAttempt]:
    latest: Sequence[tables.JobAttempt] = session.scalars(
        select(tables.JobAttempt)
        .where(tables.JobAttempt.job_id == job_id)
        .order_by(tables.JobAttempt.number.desc())
        .limit(_ATTEMPTS)
    ).all()
    return [jobs.JobAttempt.model_validate(row) for row in reversed(latest)]
