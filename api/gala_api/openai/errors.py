"""The errors of the routes under ``/v1``, as OpenAI's clients read them."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gala.errors import GalaError
from gala_api.errors.formats import ErrorFormat, details_of

_TYPES: Final[Mapping[int, str]] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def _respond(_request: Request, status: int, error: GalaError) -> Response:
    default_type = (
        "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    )
    hint = details_of(error).get("hint")
    body = {
        "message": f"{error.message} {hint}" if hint else error.message,
        "type": _TYPES.get(status, default_type),
        "param": error.details.get("field"),
        "code": str(error.code).lower(),
    }
    return JSONResponse({"error": body}, status)


ERROR_FORMAT: Final = ErrorFormat(prefix="/v1/", respond=_respond)
