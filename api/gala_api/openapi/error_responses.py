"""Declare the error responses of routes for OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from gala.errors import ErrorCode, GalaError
from gala_api.errors.formats import PROBLEM_JSON
from gala_api.errors.status import STATUS
from gala_api.http.errors import UnsatisfiableRange
from gala_api.schemas.common import Problem

Responses = dict[int | str, dict[str, Any]]

_MESSAGES: Final = {
    ErrorCode.VALIDATION_ERROR: "params.text: This field is required.",
    ErrorCode.UNAUTHORIZED: "This API key was revoked.",
    ErrorCode.FORBIDDEN: "This requires the permission jobs:write; your role viewer lacks it.",
    ErrorCode.QUOTA_EXCEEDED: "At most 10 of your jobs may wait or run at once; 10 do.",
    ErrorCode.RATE_LIMITED: "Too many requests: at most 600 in 60 seconds.",
    ErrorCode.ASSET_IN_USE: "A template refers to this asset.",
    ErrorCode.INVALID_JOB_STATE: "The job is DONE; only a FAILED job can be retried.",
    ErrorCode.UNSUPPORTED_MEDIA: "The body is text/plain; send JSON.",
    ErrorCode.PAYLOAD_TOO_LARGE: "The JSON body is larger than 1048576 bytes.",
    ErrorCode.UNAVAILABLE: "The database does not answer now; try again.",
    ErrorCode.INTERNAL_ERROR: "The API failed unexpectedly; see its log.",
}
_DETAILS: Final[dict[ErrorCode, dict[str, Any]]] = {
    ErrorCode.VALIDATION_ERROR: {"field": "params.text", "rule": "missing"},
    ErrorCode.UNAUTHORIZED: {"reason": "revoked"},
    ErrorCode.FORBIDDEN: {"permission": "jobs:write"},
    ErrorCode.QUOTA_EXCEEDED: {
        "quota": "jobs_at_once",
        "limit": 10,
        "used": 10,
        "hint": "Wait until a job has ended, or cancel one.",
    },
    ErrorCode.RATE_LIMITED: {
        "limit": 600,
        "window_seconds": 60,
        "retry_after_seconds": 12,
        "hint": "Try again in 12 seconds.",
    },
    ErrorCode.ASSET_IN_USE: {"hint": "Delete or change it first, or wait until the job has ended."},
    ErrorCode.INVALID_JOB_STATE: {"status": "DONE"},
    ErrorCode.TEMPLATE_NAME_EXISTS: {"field": "name"},
    ErrorCode.IDEMPOTENCY_MISMATCH: {
        "field": "Idempotency-Key",
        "hint": "Send the same body again, or a new key.",
    },
    ErrorCode.UNSUPPORTED_MEDIA: {"hint": "Add the header 'Content-Type: application/json'."},
    ErrorCode.PAYLOAD_TOO_LARGE: {"max_bytes": 1048576},
}


def errors(*codes: ErrorCode, needs_database: bool = True) -> Responses:
    """Return the responses of these errors, and of those that every route can have."""
    always = [ErrorCode.INTERNAL_ERROR, *([ErrorCode.UNAVAILABLE] if needs_database else [])]
    found: Responses = {}
    for code in sorted({*codes, *always}, key=lambda code: (STATUS[code], code)):
        declared = found.setdefault(STATUS[code], _response())
        declared["content"][PROBLEM_JSON]["examples"][code.value] = {"value": _example(code)}
        declared["description"] = " or ".join(
            f"`{name}`" for name in declared["content"][PROBLEM_JSON]["examples"]
        )
    return dict(sorted(found.items(), key=lambda item: int(item[0])))


def _response() -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {"description": "", "content": {PROBLEM_JSON: {"schema": schema, "examples": {}}}}


def _example(code: ErrorCode) -> dict[str, Any]:
    status, message = STATUS[code], _MESSAGES.get(code) or _default_message(code)
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
        "instance": "/jobs",
        "error": {"code": code.value, "message": message, "details": _DETAILS.get(code, {})},
    }


def _default_message(code: ErrorCode) -> str:
    """Return the docstring of the error class that has this code."""
    classes = (UnsatisfiableRange, *_descendants(GalaError))
    return next(one.__doc__ or "" for one in classes if vars(one).get("code") == code)


def _descendants(kind: type[GalaError]) -> Iterator[type[GalaError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)
