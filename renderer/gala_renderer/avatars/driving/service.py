"""The protocol of services that animate portraits, and its client.

``POST /animate``, a form with the files ``portrait`` (PNG) or ``idle`` (MP4: the person at rest)
and ``audio`` (WAV, mono, 16 kHz) and the fields ``width``, ``height`` and ``fps``. The answer is a
video of exactly this size and rate, as long as the audio, in which the person speaks; or JSON with
a link to it on the same server.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.errors import EngineMissing, RenderFailed
from gala.generation.http_service import Endpoint, GeneratedFile
from gala.generation.image_requests import ServiceRequest
from gala.generation.task_context import TaskContext
from gala.media import MediaClass
from gala_renderer.engine.plan import Report
from gala_renderer.settings import RendererSettings

_ROUTE: Final = "/animate"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimationRequest:
    """A person who is to speak: sides in pixels, frames per second, and the voice."""

    shown: Path
    """A picture, or a video if ``is_idle``."""
    audio: Path
    width: int
    height: int
    fps: int
    is_idle: bool = False
    """Whether the person is shown at rest in a video, and not in a picture."""


class AvatarService:
    """The service that the operator configured; a job cannot name another one."""

    def __init__(self, settings: RendererSettings):
        self._settings = settings

    async def animate(
        self, request: AnimationRequest, name: str, folder: Path, report: Report
    ) -> GeneratedFile:
        """Return the video that the service sent, to be checked; it is untrusted.

        Raise ``EngineMissing`` if none is configured, ``RenderFailed`` if it takes too long, and
        the errors of :meth:`Endpoint.make`. Cancelling closes the connection.
        """
        settings = self._settings
        if settings.avatar_service_url is None:
            raise EngineMissing("No animation service is configured here (AVATAR_SERVICE_URL).")
        endpoint = Endpoint(
            settings.avatar_service_url,
            settings.avatar_service_key,
            title="The animation service",
            url_setting="AVATAR_SERVICE_URL",
            key_setting="AVATAR_SERVICE_KEY",
        )
        try:
            async with asyncio.timeout(settings.avatar_service_seconds):
                return await endpoint.make(
                    TaskContext(name, folder, report), [_form(request)], MediaClass.VIDEO
                )
        except TimeoutError as error:
            seconds = settings.avatar_service_seconds
            raise RenderFailed(
                f"The animation service took longer than {seconds:g} seconds"
            ) from error


def _form(request: AnimationRequest) -> ServiceRequest:
    return ServiceRequest(
        _ROUTE,
        {"width": request.width, "height": request.height, "fps": request.fps},
        files={
            "idle" if request.is_idle else "portrait": request.shown,
            "audio": request.audio,
        },
    )
