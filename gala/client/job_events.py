"""What a job's events and its final state mean to a caller that waits for it."""

from __future__ import annotations

from gala.client.models import Job, JobEvent
from gala.errors import GalaError, RenderFailed, error_of


def failure_of(job: Job) -> GalaError:
    """Return the error of a job that has ended without being DONE, with the job's own code."""
    if job.error is None:
        return RenderFailed(f"The job {job.id} is {job.status}.")
    details = {} if job.error.field is None else {"field": job.error.field}
    return error_of(job.error.code, job.error.message, hint=job.error.hint, details=details)


def step_of(event: JobEvent) -> str | None:
    """Return the current step in lower case; ``None`` if the event does not name one."""
    step = event.data.get("phase") or event.data.get("status")
    return str(step).lower() if step and event.kind != "log" else None
