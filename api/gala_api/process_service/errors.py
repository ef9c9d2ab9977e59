"""The errors of the process service: the API's error format in the caller's language."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gala.errors import GalaError
from gala_api.errors.formats import ErrorFormat, problem_response
from gala_api.process_service import messages
from gala_api.process_service.language import preferred


def _respond(request: Request, status: int, error: GalaError) -> Response:
    language = preferred(request.headers.get("accept-language"))
    response = problem_response(request, status, messages.localized(error, language))
    response.headers.update({"Content-Language": language.value, "Vary": "Accept-Language"})
    return response


ERROR_FORMAT: Final = ErrorFormat(prefix=messages.PREFIX, respond=_respond)
