"""How errors are written in responses: RFC 9457, or the format of an adapter's clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gala.errors import GalaError

PROBLEM_JSON: Final = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFormat:
    """The errors of all routes under one path prefix, as an adapter's clients read them."""

    prefix: str
    respond: Callable[[Request, int, GalaError], Response]
    """Return the response for an error whose HTTP status in this API is the second argument."""
    validation_error: Callable[[Sequence[Mapping[str, Any]]], GalaError] | None = None
    """Make an error of Pydantic's list of problems; an InvalidRequest is made if unset."""


def problem_response(request: Request, status: int, error: GalaError) -> Response:
    """Return the error as RFC 9457 has it, with the member ``error`` that clients of v0 read."""
    details = details_of(error)
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "instance": request.url.path,
        # A job that failed while its caller waited: other responses have its id at the top, too.
        **({"job_id": details["job_id"]} if "job_id" in details else {}),
        "error": {"code": error.code, "message": error.message, "details": details},
    }
    return JSONResponse(problem, status, media_type=PROBLEM_JSON)


def details_of(error: GalaError) -> dict[str, Any]:
    """Return the error's details with its hint among them."""
    return {**error.details, **({"hint": error.hint} if error.hint else {})}
