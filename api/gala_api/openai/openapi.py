"""What the routes under ``/v1`` add to the OpenAPI document."""

from __future__ import annotations

from typing import Final

from gala_api.openapi.part import OpenApiPart

OPENAPI_PART: Final = OpenApiPart(
    tag="Speech", description="Speaking and listening, as OpenAI's clients ask for it."
)
