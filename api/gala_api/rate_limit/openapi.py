"""What the contract says about rates: every operation that wants an identity counts."""

from __future__ import annotations

from typing import Any, Final

from gala.errors import ErrorCode
from gala_api.errors.formats import PROBLEM_JSON
from gala_api.openapi.error_responses import errors

Document = dict[str, Any]

_HEADERS: Final = {
    "Retry-After": {
        "description": "When to come back, in seconds.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "RateLimit-Policy": {
        "description": 'The limit: `"default";q=600;w=60`, 600 requests in 60 seconds.',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": 'What is left of it: `"default";r=0;t=12`, more in 12 seconds.',
        "schema": {"type": "string"},
    },
}


def add_rates(document: Document) -> None:
    """Say of each operation that has a ``security`` how it answers who asks too often."""
    for path in document["paths"].values():
        for method, operation in path.items():
            if "security" in operation:
                responses = {**operation["responses"], "429": _refusal(operation)}
                if method == "head":
                    responses["429"].pop("content")
                operation["responses"] = dict(sorted(responses.items()))


def _refusal(operation: Document) -> Document:
    """As a problem, or in the route's own dialect, which its 401 shows."""
    content = operation["responses"]["401"].get("content", {})
    if content and PROBLEM_JSON not in content:
        return {"description": "Too many requests.", "headers": _HEADERS, "content": content}
    told: Document = errors(ErrorCode.RATE_LIMITED, needs_database=False)[429]
    return {**told, "headers": _HEADERS}
