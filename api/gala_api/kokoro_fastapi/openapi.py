"""What Kokoro-FastAPI's routes add to the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from gala.errors import ErrorCode
from gala_api.errors.status import STATUS
from gala_api.kokoro_fastapi.errors import status_of
from gala_api.kokoro_fastapi.schemas import ErrorResponse, InvalidBodyResponse
from gala_api.openapi.part import OpenApiPart

OPENAPI_PART: Final = OpenApiPart(
    tag="Captioned speech",
    description="For clients of Kokoro-FastAPI: speech with the time of every word.",
    for_other_clients=True,
)
_ERRORS: Final = (
    ErrorCode.VALIDATION_ERROR,
    ErrorCode.NOT_FOUND,
    ErrorCode.PAYLOAD_TOO_LARGE,
    ErrorCode.UNSUPPORTED_MEDIA,
    ErrorCode.RATE_LIMITED,
    ErrorCode.INTERNAL_ERROR,
    ErrorCode.ENGINE_MISSING,
    ErrorCode.UNAVAILABLE,
)


def errors() -> dict[int | str, dict[str, Any]]:
    """Return the error responses of the route, by status."""
    found: dict[int | str, dict[str, Any]] = {
        status_of(code, STATUS[code]): {"model": ErrorResponse, "description": f"`{code.lower()}`"}
        for code in _ERRORS
    }
    return {**found, 422: {"model": InvalidBodyResponse, "description": "Invalid fields."}}
