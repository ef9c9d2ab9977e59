"""The OpenAPI descriptions of the media server's forms and responses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from gala_api.media_server.forms import FormModel
from gala_api.openapi.part import OpenApiPart
from gala_api.schemas.common import Sent

FILE: Final = {"type": "string", "format": "binary"}
_COMPONENT: Final = "#/components/schemas/{model}"


class MediaServerError(Sent):
    """An error of the media server's routes."""

    error: str


class MediaServerFieldError(Sent):
    """What is wrong with one field of a form."""

    loc: list[str | int]
    msg: str
    type: str


class MediaServerFormError(Sent):
    """What is wrong with a form."""

    detail: list[MediaServerFieldError]


OPENAPI_PART: Final = OpenApiPart(
    tag="Media server",
    description="For clients of the media server 0.3.5: its paths, forms and answers, unchanged."
    " New clients use Jobs and Assets.",
    for_other_clients=True,
    models=(MediaServerError, MediaServerFormError),
)


def form(
    model: type[FormModel], *, files: Collection[str] = (), required_files: Collection[str] = ()
) -> dict[str, Any]:
    """Return a route's request body: the form in both encodings, files in multipart only."""
    schema = model.model_json_schema(ref_template=_COMPONENT)
    definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    fields: dict[str, Any] = schema["properties"]
    required: list[str] = schema.get("required", [])
    for name in required:
        if fields[name].get("type") == "string":
            fields[name].setdefault("minLength", 1)  # an empty field counts as absent
    file_fields = dict.fromkeys((*files, *required_files), FILE)
    multipart = _body({**fields, **file_fields}, [*required, *required_files])
    content = {"multipart/form-data": {"schema": multipart | definitions}}
    if not required_files:
        urlencoded = _body(fields, required) | definitions
        content["application/x-www-form-urlencoded"] = {"schema": urlencoded}
    return {"requestBody": {"required": True, "content": content}}


def _body(properties: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error responses of a route: these statuses and the common ones."""
    found: dict[int | str, dict[str, Any]] = {}
    for status in (*statuses, 401, 403, 429, 500, 503):
        model = MediaServerFormError if status == 422 else MediaServerError
        schema = {"$ref": _COMPONENT.format(model=model.__name__)}
        content = {"application/json": {"schema": schema}}
        found[status] = {"description": "An error.", "content": content}
    return found
