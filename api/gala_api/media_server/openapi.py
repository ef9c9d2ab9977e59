"""The OpenAPI descriptions of the media server's forms and responses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from gala_api.media_server.forms import FormModel
from gala_api.openapi.part import OpenApiPart

OPENAPI_PART: Final = OpenApiPart(
    tag="Media server", description="The API of the media server 0.3.5."
)

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


def form(
    model: type[FormModel], *, files: Collection[str] = (), required_files: Collection[str] = ()
) -> dict[str, Any]:
    """Return a route's request body: the form in both encodings, files in multipart only."""
    schema = model.model_json_schema()
    fields: dict[str, Any] = schema["properties"]
    required: list[str] = schema.get("required", [])
    file_fields = dict.fromkeys((*files, *required_files), FILE)
    content = {
        "multipart/form-data": _body({**fields, **file_fields}, [*required, *required_files])
    }
    if not required_files:
        content["application/x-www-form-urlencoded"] = _body(fields, required)
    return {"requestBody": {"required": True, "content": content}}


def _body(properties: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    return {"schema": {"type": "object", "properties": properties, "required": required}}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error responses of a route: these statuses and the common ones."""
    return {
        status: {
            "description": "An error.",
            "content": {"application/json": {"schema": _DETAIL if status == 422 else _ERROR}},
        }
        for status in (*statuses, 401, 403, 429, 500, 503)
    }
