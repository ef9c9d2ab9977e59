"""The routes under ``/v1``, for OpenAI's SDK and for clients that were written for it."""

from __future__ import annotations

from fastapi import APIRouter

from gala_api.openai.routes import models, speech, transcription

router = APIRouter(prefix="/v1")
for _part in (speech, models, transcription):
    router.include_router(_part.router)
