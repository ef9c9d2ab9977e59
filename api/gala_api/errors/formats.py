"""How an error looks to different clients: one meaning, three dialects, chosen by the path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from gala.errors import ErrorCode, GalaError
from gala_api.media_server.errors import InvalidForm, in_form_words

PROBLEM_JSON: Final = "application/problem+json"
MEDIA_SERVER: Final = "/api/v1/"
"""Where the routes of the media server 0.3.5 are."""
OPENAI: Final = "/v1/"
"""Where the routes are that OpenAI's clients call."""

ERROR_CODE_HEADER: Final = "Gala-Error-Code"
"""What tells the media server's clients more than its one member: GALA's own code."""

# The media server's clients know 400, 404 and 500; 422 is a form's, with a body of its own.
_PLAIN_REFUSALS: Final = frozenset(
    {HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY}
)
_OPENAI_TYPES: Final[Mapping[int, str]] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def told(path: str, status: int, error: GalaError) -> Response:
    """The answer that tells of the error to whoever asks for this path."""
    if isinstance(error, InvalidForm):
        return JSONResponse({"detail": error.problems}, HTTPStatus.UNPROCESSABLE_ENTITY)
    details = dict(error.details)
    if error.hint:
        details["hint"] = error.hint
    for prefix, speak in _DIALECTS.items():
        if path.startswith(prefix):
            return speak(path, status, error, details)
    return JSONResponse(_problem(path, status, error, details), status, media_type=PROBLEM_JSON)


def _problem(
    path: str, status: int, error: GalaError, details: Mapping[str, Any]
) -> dict[str, Any]:
    """RFC 9457, with the member that v0's clients read."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "instance": path,
        # Work that failed while its caller waited: where it stands in every other answer, too.
        **({"job_id": details["job_id"]} if "job_id" in details else {}),
        "error": {"code": error.code, "message": error.message, "details": details},
    }


def _media_server(path: str, status: int, error: GalaError, details: Mapping[str, Any]) -> Response:
    hint = details.get("hint")
    said = f"{error.message} {hint}" if hint else error.message
    if error.code is ErrorCode.UNAUTHORIZED:
        said = "Unauthorized"
    told = HTTPStatus.BAD_REQUEST if status in _PLAIN_REFUSALS else status
    headers = {ERROR_CODE_HEADER: error.code}
    return JSONResponse({"error": in_form_words(said, path)}, told, headers=headers)


def _openai(_path: str, status: int, error: GalaError, details: Mapping[str, Any]) -> Response:
    usual = (
        "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    )
    hint = details.get("hint")
    told = {
        "message": f"{error.message} {hint}" if hint else error.message,
        "type": _OPENAI_TYPES.get(status, usual),
        "param": details.get("field"),
        "code": str(error.code).lower(),
    }
    return JSONResponse({"error": told}, status)


_DIALECTS: Final[Mapping[str, Callable[[str, int, GalaError, Mapping[str, Any]], Response]]] = {
    MEDIA_SERVER: _media_server,
    OPENAI: _openai,
}
