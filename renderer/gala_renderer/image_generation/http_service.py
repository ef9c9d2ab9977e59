"""Image generation by the operator's HTTP service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from gala.generation.http_service import Endpoint
from gala.generation.image_requests import Dialect, ImageRequest, service_requests
from gala.generation.task_context import TaskContext
from gala.media import MediaClass
from gala_renderer.engine.plan import Report
from gala_renderer.image_generation.protocol import ImageResult


class ServiceImageGenerator:
    """Uses the service at ``url``; a job cannot name another one."""

    def __init__(self, url: str, key: SecretStr | None, *, dialect: Dialect, model: str | None):
        self._endpoint = Endpoint(
            url,
            key,
            title="The image service",
            url_setting="IMAGE_SERVICE_URL",
            key_setting="IMAGE_SERVICE_KEY",
        )
        self._dialect = dialect
        self._model = model
        self.version = f"{url} {dialect} {model}"

    def require(self, picture: ImageRequest) -> None:
        """Accept any request; the service validates it."""

    async def generate(self, picture: ImageRequest, folder: Path, report: Report) -> ImageResult:
        """Request the image and wait for it; cancelling closes the connection."""
        work = TaskContext("painted", folder, report)
        complete_request = replace(picture, model=picture.model or self._model)
        requests = service_requests(complete_request, self._dialect)
        received = await self._endpoint.make(work, requests, MediaClass.IMAGE)
        ignored = received.request.ignored
        warnings = (
            [f"the image service supports no {' and no '.join(ignored)}: ignored"]
            if ignored
            else []
        )
        return ImageResult(received.path, received.mime, tuple(warnings))

    async def close(self) -> None:
        """Do nothing: no connection is kept open."""
