"""The media server's routes, under ``/api/v1``."""

from __future__ import annotations

from fastapi import APIRouter

from gala_api.routes.media import audio, storage, utils, video

router = APIRouter(prefix="/api/v1")
for _part in (storage, audio, video, utils):
    router.include_router(_part.router)
