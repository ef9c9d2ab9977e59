"""What the contract says of the media server's forms and answers."""

from __future__ import annotations

from typing import Any, Final

from gala_api.media_server.forms import FormModel

FILE: Final = {"type": "string", "format": "binary"}
_ERROR: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}},
}
_DETAIL: Final = {
    "type": "object",
    "required": ["detail"],
    "properties": {
        "detail": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["loc", "msg", "type"],
                "properties": {
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "msg": {"type": "string"},
                    "type": {"type": "string"},
                },
            },
        }
    },
}


def form(model: type[FormModel], **files: dict[str, Any]) -> dict[str, Any]:
    """The request body of a route: the form in either encoding, ``files`` in multipart only."""
    schema = model.model_json_schema()
    properties = {**schema["properties"], **files}
    body = {"type": "object", "properties": properties, "required": schema.get("required", [])}
    kinds = ["multipart/form-data"]
    if not any(field in schema.get("required", []) for field in files):
        kinds.append("application/x-www-form-urlencoded")
    return {
        "requestBody": {"required": True, "content": {kind: {"schema": body} for kind in kinds}}
    }


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How the media server tells of what went wrong."""
    return {
        status: {
            "description": "What went wrong.",
            "content": {"application/json": {"schema": _DETAIL if status == 422 else _ERROR}},
        }
        for status in (*statuses, 401, 403, 429, 500, 503)
    }
