"""The compiled composition of a job: what its renderer wrote, else a plan made now."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy import select

from gala.db.engine import transaction
from gala.db.tables import Asset, Job, JobOutput
from gala.errors import NotFound
from gala.media import Format
from gala.render_types.timeline import COMPILED, TYPE
from gala.timeline.plan import TimelinePlan
from gala_api.assets.service import storage_errors
from gala_api.dependencies import Services
from gala_api.schemas.jobs import JobOutputRequest
from gala_api.schemas.timeline import PlanTimelineRequest
from gala_api.timeline_plans import make_plan

_MAX_BYTES = 50_000_000


def compiled_timeline(services: Services, job: Job) -> TimelinePlan:
    """Return the compiled composition of a job.

    Raise NotFound if the job is of another type, or what :func:`make_plan` raises, as
    AssetNotFound for an asset that was deleted since.
    """
    if job.type != TYPE.name:
        raise NotFound(
            f"The job is of type {job.type}; only jobs of type {TYPE.name} have a composition."
        )
    written = _written(services, job.id)
    if written is not None:
        return written
    found = Format.model_validate(job.format) if job.format else None
    output = JobOutputRequest(format=found)
    return make_plan(PlanTimelineRequest(params=job.params, output=output), services, job.owner_id)


def _written(services: Services, job_id: str) -> TimelinePlan | None:
    """Return what the renderer wrote; None if there is nothing that can be read.

    So it is while the job is not done, and if the asset was deleted.
    """
    with transaction(services.sessions) as session:
        row = session.execute(
            select(Asset.provider, Asset.object_key, Asset.size_bytes)
            .join(JobOutput, JobOutput.asset_id == Asset.id)
            .where(JobOutput.job_id == job_id, JobOutput.role == COMPILED)
        ).first()
    if row is None or row.size_bytes > _MAX_BYTES:
        return None
    with storage_errors():
        stream = services.storages.get(row.provider).open(row.object_key)
        try:
            content = b"".join(stream)
        finally:
            stream.close()
    try:
        return TimelinePlan.model_validate_json(content)
    except ValidationError:
        # Another release wrote it.
        return None
