"""The border: every error leaves here, with its status, in the dialect of its route."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from gala import ids
from gala.errors import (
    ErrorCode,
    GalaError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Unavailable,
)
from gala.permissions import OWNER_PATTERN
from gala.render_types.base import VISIBLE_TEXT
from gala.validation import locate
from gala_api.errors import formats
from gala_api.media_server.errors import InvalidForm
from gala_api.process_service import messages
from gala_api.process_service.language import preferred
from gala_api.schemas.common import EVENT_NUMBER, LINE, NO_CONTROLS

log = logging.getLogger(__name__)

STATUS: Final[Mapping[ErrorCode, int]] = {
    ErrorCode.VALIDATION_ERROR: 400,
    ErrorCode.UNAUTHORIZED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.QUOTA_EXCEEDED: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.ASSET_NOT_FOUND: 404,
    ErrorCode.JOB_NOT_FOUND: 404,
    ErrorCode.TEMPLATE_NOT_FOUND: 404,
    ErrorCode.MODEL_NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.CONFLICT: 409,
    ErrorCode.INVALID_JOB_STATE: 409,
    ErrorCode.ASSET_IN_USE: 409,
    ErrorCode.ASSET_PENDING: 409,
    ErrorCode.MODEL_IN_USE: 409,
    ErrorCode.TEMPLATE_NAME_EXISTS: 409,
    ErrorCode.PRECONDITION_FAILED: 412,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.UNSUPPORTED_MEDIA: 415,
    ErrorCode.RANGE_NOT_SATISFIABLE: 416,
    ErrorCode.UNPROCESSABLE_MEDIA: 422,
    ErrorCode.IDEMPOTENCY_MISMATCH: 422,
    ErrorCode.URL_REFUSED: 422,
    ErrorCode.FETCH_FAILED: 422,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.RENDER_FAILED: 500,
    ErrorCode.STORAGE_FAILED: 502,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.ENGINE_MISSING: 503,
    ErrorCode.RENDERER_LOST: 503,
    ErrorCode.WORKER_LOST: 503,
    ErrorCode.DEADLINE_EXCEEDED: 504,
    ErrorCode.OUT_OF_DISK: 507,
}
"""The one table of which error has which HTTP status."""

_RETRY_AFTER: Final[Mapping[ErrorCode, int]] = {ErrorCode.ASSET_PENDING: 2}
"""After how many seconds to ask again."""

_BY_STATUS: Final[Mapping[int, type[GalaError]]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
}


def problem(request: Request, error: GalaError) -> Response:
    """The answer that tells of an error, in the dialect of the route that was asked."""
    path, status = request.url.path, STATUS.get(error.code, 500)
    if messages.speaks(path):
        language = preferred(request.headers.get("accept-language"))
        answer = formats.told(path, status, messages.in_words(error, language))
        answer.headers.update({"Content-Language": language.value, "Vary": "Accept-Language"})
    else:
        answer = formats.told(path, status, error)
    answer.headers.update(getattr(error, "headers", None) or {})
    if error.code in _RETRY_AFTER:
        answer.headers["Retry-After"] = str(_RETRY_AFTER[error.code])
    return answer


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def remedy(meant: str | None, known: Iterable[str]) -> str:
    """What to do about a name that is not known: take the nearest, or choose."""
    return f"did you mean {meant!r}?" if meant else f"there are: {', '.join(known)}."


def invalid(
    found: Sequence[Mapping[str, Any]],
    *,
    prefix: Sequence[str] = (),
    model: type[BaseModel] | None = None,
) -> InvalidRequest:
    """Tell what is wrong with a field, by its path, its rule and, for a slip, the right name.

    ``found`` is what Pydantic's ``errors()`` lists, all for the same ``model``. The first problem
    is told in full; ``details.problems`` lists all of them (at most 20).
    """
    problems = [_problem(raw, prefix, model) for raw in found[:20]]
    first = problems[0]
    # A mistyped name explains a missing one better than the other way round.
    for candidate in problems:
        if candidate["rule"] == "extra_forbidden" and "did_you_mean" in candidate:
            first = candidate
            break
    more = {"problems": problems} if len(problems) > 1 else {}
    extra = {key: value for key, value in first.items() if key not in {"field", "message"}}
    return InvalidRequest(
        f"{first['field']}: {first['message']}", field=first["field"], **extra, **more
    )


def _problem(
    raw: Mapping[str, Any], prefix: Sequence[str], model: type[BaseModel] | None
) -> dict[str, Any]:
    path, said = locate(raw)
    where = [part[:80] for part in path]
    rule = str(raw["type"])
    told: dict[str, Any] = {
        "field": ".".join([*prefix, *where]) or "body",
        "rule": rule,
        "message": _message(raw, rule, said),
    }
    if rule == "extra_forbidden":
        known = _names_beside(model, where)
        meant = nearest(where[-1], known)
        told["message"] = f"There is no field of this name. Known here: {', '.join(known)}."
        if meant:
            told["did_you_mean"] = ".".join([*prefix, *where[:-1], meant])
            told["message"] = f"There is no field of this name; did you mean {meant!r}?"
    return told


_MESSAGES: Final = {
    "missing": "This field is required.",
    "model_attributes_type": "An object is required.",
    "dict_type": "An object is required.",
    "list_type": "A list is required.",
}
_PATTERNS: Final = {
    NO_CONTROLS: "Control characters are not allowed.",
    LINE: "A line to be seen is required, without control characters.",
    VISIBLE_TEXT: (
        "Text to be seen is required, without control characters other than tabs and line breaks."
    ),
    EVENT_NUMBER: "An event's id is a number.",
    OWNER_PATTERN: "An owner is 1 to 128 letters, digits and . _ : @ | + -.",
    **{
        ids.pattern(prefix): f"This does not look like {prefix}_01JD3Z4V8QJ6X2M0T5B7C9D1EF."
        for prefix in ids.Prefix
    },
}
"""What to say instead of a regular expression."""


def _message(raw: Mapping[str, Any], rule: str, said: str) -> str:
    by_pattern = _PATTERNS.get(raw.get("ctx", {}).get("pattern", ""))
    message = by_pattern or _MESSAGES.get(rule) or said
    return message if message.endswith(".") else f"{message}."


def _names_beside(model: type[BaseModel] | None, where: Sequence[str]) -> list[str]:
    for part in where[:-1]:
        if model is None or part not in model.model_fields:
            return []
        model = _model_of(model.model_fields[part].annotation)
    return list(model.model_fields) if model else []


def _model_of(annotation: Any) -> type[BaseModel] | None:
    candidates = [annotation, *getattr(annotation, "__args__", ())]
    for candidate in candidates:
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


async def _on_gala_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GalaError)  # noqa: S101 - Starlette's handler type is this wide
    if STATUS.get(error.code, 500) >= 500:
        log.warning("%s %s: %s", request.method, request.url.path, error.message)
    return problem(request, error)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    if request.url.path.startswith(formats.MEDIA_SERVER):
        return problem(request, InvalidForm(error.errors()))
    field = getattr(request.scope.get("route"), "body_field", None)
    model = _model_of(field.field_info.annotation) if field is not None else None
    located = [{**raw, "loc": raw["loc"][1:]} for raw in error.errors()]
    return problem(request, invalid(located, model=model))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    # The framework only knows statuses: no such route, no such method.
    known = _BY_STATUS.get(error.status_code)
    told = known() if known else InvalidRequest(str(error.detail))
    response = problem(request, told)
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        response.headers["Allow"] = ", ".join(_allowed(request))
    return response


def _allowed(request: Request) -> list[str]:
    """The methods of the resource; the framework only tells those of its first route."""
    return [
        method
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


def first_line(error: BaseException | None) -> str:
    """What an error says in short; drivers add advice over several lines."""
    return str(error).partition("\n")[0]


async def _on_database_away(request: Request, error: Exception) -> Response:
    # The statement and its values stay out of the log: they hold what users sent.
    reason = first_line(getattr(error, "orig", error))
    log.warning("%s %s: database away: %s", request.method, request.url.path, reason)
    return problem(request, Unavailable("The database does not answer now; try again."))


async def _on_own_error(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(request, GalaError("GALA met an error of its own; its log has the details."))


def install(app: FastAPI) -> None:
    """Let every error of the app leave through this border."""
    app.add_exception_handler(GalaError, _on_gala_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(OperationalError, _on_database_away)
    app.add_exception_handler(InterfaceError, _on_database_away)
    app.add_exception_handler(Exception, _on_own_error)
