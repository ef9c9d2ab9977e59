"""The media server's routes, under ``/api/v1``."""

from __future__ import annotations

from typing import Final

from gala_api.media_server.routes import ambient, audio, images_and_pcm, storage, tasks, video

ROUTERS: Final = tuple(
    part.router for part in (storage, audio, video, ambient, images_and_pcm, tasks)
)
