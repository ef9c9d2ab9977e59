"""The status of background work, for clients that ask for tasks instead of files."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from gala.media_server.ids import FileStatus
from gala.permissions import Permission
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.routers import Router
from gala_api.media_server import openapi
from gala_api.media_server.file_status import file_status

router = Router(prefix="/api/v1/tasks", tags=["Media server"])


class TaskStatusResponse(BaseModel):
    """The status of the work that creates a file."""

    model_config = ConfigDict(frozen=True)

    status: FileStatus
    file_id: str | None = None
    url: str | None = Field(default=None, description="Of a finished file: where to download it.")
    error: str | None = Field(default=None, description="Of failed work: the reason.")


@router.get(
    "/{task_id}/status",
    summary="Get the status of background work",
    operation_id="mediaTaskStatus",
    response_model_exclude_none=True,
    dependencies=[allowed(Permission.ASSETS_READ)],
    responses=openapi.errors(),
)
def task_status(task_id: str, services: ServicesDep, owner: OwnerDep) -> TaskStatusResponse:
    """Return the status of a task; its id is the `file_id` of the file that it creates."""
    found = file_status(services, owner, task_id)
    if found.status is FileStatus.NOT_FOUND:
        return TaskStatusResponse(status=found.status)
    ready = found.status is FileStatus.READY
    address = f"{services.settings.base_url}/api/v1/media/storage/{task_id}" if ready else None
    return TaskStatusResponse(status=found.status, file_id=task_id, url=address, error=found.error)
