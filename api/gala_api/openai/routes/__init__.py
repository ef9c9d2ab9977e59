"""The routes under ``/v1``, for OpenAI's SDK and for clients that were written for it."""

from __future__ import annotations

from typing import Final

from gala_api.openai.routes import models, speech, transcription

ROUTERS: Final = tuple(part.router for part in (speech, models, transcription))
