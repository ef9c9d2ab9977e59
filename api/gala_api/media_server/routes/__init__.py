"""The media server's routes, under ``/api/v1``."""

from __future__ import annotations

from fastapi import APIRouter

from gala_api.media_server.routes import audio, images_and_pcm, storage, video

router = APIRouter(prefix="/api/v1")
for _part in (storage, audio, video, images_and_pcm):
    router.include_router(_part.router)
