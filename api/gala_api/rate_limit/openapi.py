"""Rate limits in the OpenAPI document: every operation with ``security`` is counted."""

from __future__ import annotations

from typing import Any, Final

from gala.errors import ErrorCode
from gala_api.errors.formats import PROBLEM_JSON
from gala_api.openapi.error_responses import errors

Document = dict[str, Any]

_HEADERS: Final = {
    "Retry-After": {
        "description": "Seconds to wait before the next request.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "RateLimit-Policy": {
        "description": 'The limit: `"default";q=600;w=60`, 600 requests in 60 seconds.',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": 'What remains of it: `"default";r=0;t=12`, more in 12 seconds.',
        "schema": {"type": "string"},
    },
}


def add_rates(document: Document) -> None:
    """Add the response 429 to each operation that has a ``security``."""
    for path in document["paths"].values():
        for method, operation in path.items():
            if "security" in operation:
                responses = {**operation["responses"], "429": _too_many_requests(operation)}
                if method == "head":
                    responses["429"].pop("content")
                operation["responses"] = dict(sorted(responses.items()))


def _too_many_requests(operation: Document) -> Document:
    """Return 429 as a problem, or in the route's own format, which its 401 shows."""
    content = operation["responses"]["401"].get("content", {})
    if content and PROBLEM_JSON not in content:
        return {"description": "Too many requests.", "headers": _HEADERS, "content": content}
    response: Document = errors(ErrorCode.RATE_LIMITED, needs_database=False)[429]
    return {**response, "headers": _HEADERS}
