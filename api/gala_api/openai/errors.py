"""The errors of the routes under ``/v1``, as OpenAI's clients read them.

OpenAI's SDKs repeat every request that is answered with 5xx, unless ``x-should-retry`` says
otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gala.errors import ErrorCode, GalaError
from gala_api.errors.formats import ErrorFormat, details_of
from gala_api.errors.status import STATUS

_TYPES: Final[Mapping[int, str]] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_OWN_STATUS: Final[Mapping[ErrorCode, int]] = {
    # 503 would promise that a later request can succeed.
    ErrorCode.ENGINE_MISSING: HTTPStatus.NOT_IMPLEMENTED,
}


def status_of(code: ErrorCode) -> int:
    """Return the HTTP status of an error code on the routes under ``/v1``."""
    return _OWN_STATUS.get(code, STATUS[code])


def _respond(_request: Request, status: int, error: GalaError) -> Response:
    status = _OWN_STATUS.get(error.code, status)
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
    return JSONResponse({"error": body}, status, headers=_retry_advice(status, error))


def _retry_advice(status: int, error: GalaError) -> dict[str, str] | None:
    # A defect of GALA may be a matter of the moment; the SDK's own rule applies to it.
    final = not error.retryable and error.code is not ErrorCode.INTERNAL_ERROR
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and final:
        return {"x-should-retry": "false"}
    return None


ERROR_FORMAT: Final = ErrorFormat(prefix="/v1/", respond=_respond)
