"""The media server's routes, under ``/api/v1``."""

from __future__ import annotations

from fastapi import APIRouter

from gala_api.media_server.routes import ambient, audio, images_and_pcm, storage, tasks, video

router = APIRouter(prefix="/api/v1")
for _part in (storage, audio, video, ambient, images_and_pcm, tasks):
    router.include_router(_part.router)
