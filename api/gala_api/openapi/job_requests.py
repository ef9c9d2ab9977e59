"""The schemas of requests for jobs, with what the installed render types declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gala.ids import Prefix, pattern
from gala.net.urls import MAX_URL_CHARACTERS
from gala.render_types import RenderType, all_types
from gala_api.jobs.inputs import MAX_FILES
from gala_api.jobs.resolve import DEFAULT_TYPE
from gala_api.openapi.schema_tree import Schema

_NULL: Final = {"type": "null"}


def add_render_types(components: dict[str, Schema]) -> None:
    """Say in the schemas of requests which types, params and inputs there are."""
    types = all_types()
    components["RenderTypeName"] = {
        "type": "string",
        "enum": list(types),
        "description": "The name of a render type.",
    }
    components["TemplateParams"] = {
        "type": "object",
        "additionalProperties": True,
        "description": "Params that the template's schema declares.",
    }
    components["CreateJobRequestInputs"] = {
        "type": "object",
        "properties": _inputs(types),
        "additionalProperties": _NULL,
        "description": "Inputs by name.",
    }
    for request in ("CreateJobRequest", "CreateTemplateRequest", "UpdateTemplateRequest"):
        _name_types(components[request]["properties"]["type"])
    body = components["CreateJobRequest"]["properties"]
    body["params"]["anyOf"] = [*(_reference(name) for name in _params(types)), _NULL]
    body["inputs"]["anyOf"] = [_reference("CreateJobRequestInputs"), _NULL]


def _params(types: Mapping[str, RenderType]) -> list[str]:
    """Return the names of all schemas of params.

    Those of the type that a job has by default come first: some clients find the schema of an
    object by trying, and take the first that fits.
    """
    usual = types[DEFAULT_TYPE].params.__name__
    names = dict.fromkeys([usual, *(one.params.__name__ for one in types.values())])
    return [*names, "TemplateParams"]


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _name_types(schema: Schema) -> None:
    text = schema["anyOf"][0] if "anyOf" in schema else schema
    for keyword in ("type", "minLength", "maxLength", "pattern"):
        del text[keyword]
    text |= _reference("RenderTypeName")


def _inputs(types: Mapping[str, RenderType]) -> dict[str, Any]:
    """Return every input of every type, as an asset and as a URL."""
    asset = {"type": "string", "pattern": pattern(Prefix.ASSET)}
    url = {"type": "string", "minLength": 1, "maxLength": MAX_URL_CHARACTERS}
    found: dict[str, Any] = {}
    for render_type in types.values():
        for name, spec in render_type.inputs.items():
            fields = {render_type.input_field(name): asset, render_type.url_field(name): url}
            for field, one in fields.items():
                form = {"type": "array", "items": one, "maxItems": MAX_FILES} if spec.many else one
                found.setdefault(field, {"anyOf": [form, _NULL], "description": spec.summary})
    return found
