"""What the routes under ``/v1`` add to the OpenAPI document."""

from __future__ import annotations

from typing import Final

from gala_api.openapi.part import OpenApiPart

OPENAPI_PART: Final = OpenApiPart(
    tag="Speech", description="Speech and transcription, compatible with OpenAI's audio API."
)
