"""The errors of Kokoro-FastAPI's routes, as its clients read them: one member ``detail``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gala.errors import ErrorCode, GalaError, InvalidRequest
from gala_api.errors.formats import ErrorFormat, details_of

_OWN_STATUS: Final[Mapping[ErrorCode, int]] = {
    ErrorCode.ENGINE_MISSING: HTTPStatus.NOT_IMPLEMENTED,
}
COMBINE: Final = "/v1/audio/voices/combine"


class InvalidBody(InvalidRequest):
    """Fields are missing or invalid; answered with the status 422 and a list of problems."""

    def __init__(self, errors: Iterable[Mapping[str, Any]]):
        """``errors`` are Pydantic's; each ``loc`` starts with the location of the field."""
        self.problems = [
            {"type": error["type"], "loc": list(error["loc"]), "msg": error["msg"]}
            for error in errors
        ]
        super().__init__(self.problems[0]["msg"])


def status_of(code: ErrorCode, status: int) -> int:
    """Return the HTTP status of an error on these routes; ``status`` is that of the API."""
    return _OWN_STATUS.get(code, status)


def _respond(_request: Request, status: int, error: GalaError) -> Response:
    if isinstance(error, InvalidBody):
        return JSONResponse({"detail": error.problems}, HTTPStatus.UNPROCESSABLE_ENTITY)
    status = status_of(error.code, status)
    hint = details_of(error).get("hint")
    server_error = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    detail = {
        "error": str(error.code).lower(),
        "message": f"{error.message} {hint}" if hint else error.message,
        "type": "server_error" if server_error else "invalid_request_error",
    }
    return JSONResponse({"detail": detail}, status)


ERROR_FORMATS: Final = tuple(
    ErrorFormat(prefix=prefix, respond=_respond, validation_error=InvalidBody)
    for prefix in ("/dev/", COMBINE)
)
