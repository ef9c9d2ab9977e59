"""Access control in the OpenAPI document, derived from the dependencies of the routes."""

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
        "description": "An API key (`gala_…`) or a token (JWT). Not needed with AUTH_MODE=none.",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "An API key, for clients that cannot send `Authorization`.",
    },
}
_CHALLENGE: Final = {
    "WWW-Authenticate": {
        "description": "The scheme and, for a rejected credential, the reason (RFC 6750).",
        "schema": {"type": "string"},
    }
}


def add_access(document: Document, app: FastAPI) -> None:
    """Add to each operation the permission it requires, and its responses 401 and 403."""
    document["components"]["securitySchemes"] = _SCHEMES
    for path, method, access in _required_access(app):
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is not None:
            scopes = [] if access.permission is None else [str(access.permission)]
            operation["security"] = [{scheme: scopes} for scheme in _SCHEMES]
            if isinstance(access, LinkOrAccess):
                # The signature in the link is enough.
                operation["security"].append({})
            _add_responses(operation, bodiless=method == "HEAD")


def _required_access(app: FastAPI) -> Iterator[tuple[str, str, Access]]:
    """Yield path, method and access of each route that is not public."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            access = access_of(context.original_route.dependencies)
            if access is not None:
                for method in sorted(context.methods or ()):
                    yield str(context.path_format), method, access


def _add_responses(operation: Document, *, bodiless: bool) -> None:
    responses = operation["responses"]
    for status, response in _error_responses(responses).items():
        shown = {
            key: value for key, value in response.items() if not (bodiless and key == "content")
        }
        responses[status] = _merge(shown, responses.get(status))
    responses["401"]["headers"] = _CHALLENGE
    operation["responses"] = dict(sorted(responses.items()))


def _error_responses(responses: Document) -> Document:
    """Return 401 and 403 as problems, or in the route's own format, which its 500 shows."""
    content = responses.get("500", {}).get("content", {})
    if content and PROBLEM_JSON not in content:
        return {
            "401": {"description": "No valid API key or token.", "content": content},
            "403": {
                "description": "The key or token does not have the permission.",
                "content": content,
            },
        }
    responses_by_status = errors(ErrorCode.UNAUTHORIZED, ErrorCode.FORBIDDEN, needs_database=False)
    return {str(status): responses_by_status[status] for status in (401, 403)}


def _merge(response: Document, declared: Document | None) -> Document:
    """Return the response, with the examples that the route declared for the same status."""
    more = (declared or {}).get("content", {}).get(PROBLEM_JSON)
    if more is None or "content" not in response:
        return response
    found = response["content"][PROBLEM_JSON]["examples"]
    found |= more["examples"]
    return {**response, "description": " or ".join(f"`{code}`" for code in sorted(found))}
