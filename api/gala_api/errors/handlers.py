"""Exception handlers: every error leaves the API as one response, in the format of its route."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from gala.errors import (
    ErrorCode,
    GalaError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Unavailable,
)
from gala_api.errors.formats import ErrorFormat, problem_response
from gala_api.errors.status import STATUS
from gala_api.errors.validation import invalid_fields, model_in

log = logging.getLogger(__name__)

_RETRY_AFTER: Final[Mapping[ErrorCode, int]] = {ErrorCode.ASSET_PENDING: 2}
"""Seconds until another request is worthwhile."""

_BY_STATUS: Final[Mapping[int, type[GalaError]]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
}


def install(app: Starlette, formats: Sequence[ErrorFormat] = ()) -> None:
    """Register the handlers, and the error formats of the adapters."""
    app.state.error_formats = tuple(formats)
    app.add_exception_handler(GalaError, _on_gala_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(ClientDisconnect, _on_incomplete_request)
    app.add_exception_handler(OperationalError, _on_database_error)
    app.add_exception_handler(InterfaceError, _on_database_error)
    app.add_exception_handler(PoolTimeout, _on_database_error)
    app.add_exception_handler(Exception, _on_unexpected_error)


def error_response(request: Request, error: GalaError) -> Response:
    """Return the response for an error, in the format of the request's route."""
    status = STATUS.get(error.code, 500)
    chosen = _format(request)
    response = (chosen.respond if chosen else problem_response)(request, status, error)
    response.headers.update(getattr(error, "headers", None) or {})
    if error.code in _RETRY_AFTER:
        response.headers["Retry-After"] = str(_RETRY_AFTER[error.code])
    return response


def _format(request: Request) -> ErrorFormat | None:
    if "app" not in request.scope:
        return None
    path = request.url.path
    formats: Sequence[ErrorFormat] = getattr(request.app.state, "error_formats", ())
    return next((one for one in formats if path.startswith(one.prefix)), None)


async def _on_gala_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GalaError)  # noqa: S101 - Starlette's handler type is this wide
    if STATUS.get(error.code, 500) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("%s %s: %s", request.method, request.url.path, error.message)
    return error_response(request, error)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    chosen = _format(request)
    if chosen is not None and chosen.validation_error is not None:
        return error_response(request, chosen.validation_error(error.errors()))
    field = getattr(request.scope.get("route"), "body_field", None)
    model = model_in(field.field_info.annotation) if field is not None else None
    # The first part of a location is where the value was sent, e.g. "body".
    errors = [{**one, "loc": one["loc"][1:]} for one in error.errors()]
    return error_response(request, invalid_fields(errors, model=model))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    # The framework only has a status: no such route, no such method.
    known = _BY_STATUS.get(error.status_code)
    response = error_response(request, known() if known else InvalidRequest(str(error.detail)))
    response.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(_allowed_methods(request))
    return response


def _allowed_methods(request: Request) -> list[str]:
    """Return the methods of the resource; the framework only names those of its first route."""
    return [
        method
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


async def _on_incomplete_request(request: Request, error: Exception) -> Response:
    del error
    # The server does not tell apart whether the client has gone or what it sent cannot be read,
    # such as a bad chunk size. Only in the second case, or if it was silent for too long, does the
    # client read the response.
    log.info("%s %s: the request ended within its body", request.method, request.url.path)
    return error_response(
        request,
        InvalidRequest(
            "The request ended or stopped before its body was complete, or the body is malformed.",
            field="body",
            rule="incomplete",
            hint="Send as many bytes as Content-Length says, or valid chunks.",
        ),
    )


async def _on_database_error(request: Request, error: Exception) -> Response:
    # The statement and its values are not logged: they hold what users sent.
    reason = first_line(getattr(error, "orig", error))
    log.warning("%s %s: database not available: %s", request.method, request.url.path, reason)
    return error_response(request, Unavailable("The database does not answer now; try again."))


async def _on_unexpected_error(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return error_response(request, GalaError("The API failed unexpectedly; see its log."))


def first_line(error: BaseException | None) -> str:
    """Return the first line of the error's text; drivers append advice on further lines."""
    return str(error).partition("\n")[0]
