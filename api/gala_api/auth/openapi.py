"""What the contract says about access, read from what each route demands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from gala.errors import ErrorCode
from gala_api.assets.signed_links import LinkOrAccess
from gala_api.auth.access import Access, access_of
from gala_api.errors.formats import PROBLEM_JSON
from gala_api.openapi.error_responses import errors

Document = dict[str, Any]

_SCHEMES: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (`gala_…`) or a token (JWT). Not asked for with AUTH_MODE=none.",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "An API key, for callers that cannot send `Authorization`.",
    },
}
_CHALLENGE: Final = {
    "WWW-Authenticate": {
        "description": "What is asked for and, of a credential that was refused, why (RFC 6750).",
        "schema": {"type": "string"},
    }
}


def add_access(document: Document, app: FastAPI) -> None:
    """Say of each operation what it demands, and how it answers who may not pass."""
    document["components"]["securitySchemes"] = _SCHEMES
    for path, method, demanded in _demands(app):
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is not None:
            words = [] if demanded.permission is None else [str(demanded.permission)]
            operation["security"] = [{scheme: words} for scheme in _SCHEMES]
            if isinstance(demanded, LinkOrAccess):
                # The link itself is what is shown.
                operation["security"].append({})
            _declare_refusals(operation, bodiless=method == "HEAD")


def _demands(app: FastAPI) -> Iterator[tuple[str, str, Access]]:
    """Path, method and demand of each route that is not for everybody."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            demanded = access_of(context.original_route.dependencies)
            if demanded is not None:
                for method in sorted(context.methods or ()):
                    yield str(context.path_format), method, demanded


def _declare_refusals(operation: Document, *, bodiless: bool) -> None:
    responses = operation["responses"]
    for status, refusal in _refusals(responses).items():
        said = {key: told for key, told in refusal.items() if not (bodiless and key == "content")}
        responses[status] = _both(said, responses.get(status))
    responses["401"]["headers"] = _CHALLENGE
    operation["responses"] = dict(sorted(responses.items()))


def _refusals(responses: Document) -> Document:
    """The refusals as problems, or in the route's own dialect, which its 500 shows."""
    content = responses.get("500", {}).get("content", {})
    if content and PROBLEM_JSON not in content:
        return {
            "401": {"description": "Not a key or token that is known.", "content": content},
            "403": {"description": "The key or token does not allow this.", "content": content},
        }
    told = errors(ErrorCode.UNAUTHORIZED, ErrorCode.FORBIDDEN, needs_database=False)
    return {str(status): told[status] for status in (401, 403)}


def _both(refusal: Document, declared: Document | None) -> Document:
    """The refusal, with the examples of what the route itself has declared for that status."""
    more = (declared or {}).get("content", {}).get(PROBLEM_JSON)
    if more is None or "content" not in refusal:
        return refusal
    known = refusal["content"][PROBLEM_JSON]["examples"]
    known |= more["examples"]
    return {**refusal, "description": " or ".join(f"`{code}`" for code in sorted(known))}
