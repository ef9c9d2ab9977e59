"""Server-sent events in OpenAI's format: only ``data:``, with the type inside."""

from __future__ import annotations

from typing import Any, Final

from pydantic_core import to_json

EVENT_STREAM: Final = "text/event-stream"
EVENT_SCHEMA: Final = {
    "type": "object",
    "required": ["data"],
    "properties": {"data": {"type": "string", "contentMediaType": "application/json"}},
}
"""The schema of one event in the OpenAPI document."""


def event(data: dict[str, Any]) -> bytes:
    """Return one event."""
    return b"data: %s\n\n" % to_json(data)
