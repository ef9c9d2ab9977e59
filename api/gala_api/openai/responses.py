"""The error responses of the routes under ``/v1``, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from gala.errors import ErrorCode
from gala_api.openai.errors import status_of
from gala_api.openai.schemas import OpenAIError


def errors(*codes: ErrorCode) -> dict[int | str, dict[str, Any]]:
    """Return the error responses of a route: these errors and the common ones, by status."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in sorted({*codes, ErrorCode.UNAVAILABLE, ErrorCode.INTERNAL_ERROR}):
        declared = responses.setdefault(status_of(code), {"model": OpenAIError, "description": ""})
        name = f"`{code.lower()}`"
        declared["description"] = " or ".join(filter(None, [declared["description"], name]))
    return dict(sorted(responses.items(), key=lambda item: int(item[0])))
