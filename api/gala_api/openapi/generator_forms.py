"""Writing schemas in the forms that generators of clients take.

All of them mean the same as what Pydantic writes, which valid OpenAPI allows but NSwag,
openapi-python-client, openapi-typescript or hey-api turn into empty classes or leave out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from gala_api.openapi.schema_tree import Document, Place, Schema, schemas

_NULL: Final = {"type": "null"}
_SIMPLE: Final = frozenset({"string", "integer", "number", "boolean", "array", "null"})
_ABOUT_ALL: Final = frozenset({"const", "not", "anyOf", "oneOf", "allOf", "$ref"})
"""Keywords that are about values of every type."""
_ANNOTATIONS: Final = ("description", "default", "examples", "deprecated")


def adapt(document: Document) -> Document:
    """Return the document with all schemas in the forms that generators take."""
    # Through JSON, as no two places may share a schema that is changed in place.
    document = json.loads(json.dumps(document))
    components = document["components"]["schemas"]
    _move_definitions(document)
    for place in schemas(document):
        _drop_object_default(place.schema)
        _require_character(place.schema)
        _name_enum(place, components)
        _allow_null(place, components)
        _merge_types(place.schema)
    return document


def _move_definitions(document: Document) -> None:
    """Move the ``$defs`` of schemas to ``components``, where their references look for them."""
    components = document["components"]["schemas"]
    for place in list(schemas(document)):
        for name, schema in place.schema.pop("$defs", {}).items():
            if components.setdefault(name, schema) != schema:
                raise ValueError(f"two schemas are called {name}")


def _drop_object_default(schema: Schema) -> None:
    """Drop a default that is an object: it repeats what the schema's own fields have."""
    if isinstance(schema.get("default"), dict):
        del schema["default"]


def _require_character(schema: Schema) -> None:
    """Say by ``minLength`` what a pattern says about an empty text."""
    if "minLength" not in schema and not re.search(schema.get("pattern", ""), ""):
        schema["minLength"] = 1


def _name_enum(place: Place, components: dict[str, Schema]) -> None:
    """Give an enumeration a name; one of a single value becomes a constant."""
    schema = place.schema
    if "enum" not in schema or place.is_component:
        return
    if len(schema["enum"]) == 1:
        (schema["const"],) = schema.pop("enum")
    else:
        _move(place, components)


def _move(place: Place, components: dict[str, Schema]) -> None:
    """Move a schema to ``components``; its annotations stay where it is used."""
    schema = place.schema
    named = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
    name = _free_name(place.name, named, components)
    components[name] = named
    for key in named:
        del schema[key]
    schema["$ref"] = f"#/components/schemas/{name}"


def _free_name(name: str, schema: Schema, components: dict[str, Schema]) -> str:
    free, number = name, 1
    while components.get(free, schema) != schema:
        number += 1
        free = f"{name}{number}"
    return free


def _allow_null(place: Place, components: dict[str, Schema]) -> None:
    """Write null as one of a list of types where pydantic writes it as a schema of its own.

    Beside nothing but references it stays one. A form's field can be absent or empty, but not null.
    """
    schema = place.schema
    kinds = [kind for kind in schema.get("anyOf", []) if kind != _NULL]
    if len(kinds) == len(schema.get("anyOf", [])):
        return
    if place.in_form:
        if "default" in schema and schema["default"] is None:
            del schema["default"]
        schema["anyOf"] = kinds
        return
    for kind in kinds:
        if "const" in kind:
            _move(Place(place.name, kind), components)
    for kind in kinds:
        if "type" in kind:
            kind["type"] = [*_types(kind), "null"]
            schema["anyOf"] = kinds
            return


def _merge_types(schema: Schema) -> None:
    """Write a union of simple types as a list of types, and that of one schema as the schema."""
    kinds = schema.get("anyOf", [])
    if not kinds or (len(kinds) > 1 and not _are_simple(kinds)):
        return
    types = sorted((one for kind in kinds for one in _types(kind)), key="null".__eq__)
    keywords = {key: value for kind in kinds for key, value in kind.items() if key != "type"}
    del schema["anyOf"]
    schema |= {key: value for key, value in keywords.items() if key not in schema}
    if types:
        schema["type"] = types if len(types) > 1 else types[0]


def _are_simple(kinds: Sequence[Schema]) -> bool:
    """Return True if the schemas are of different types, and each keyword is about one of them."""
    types = [one for kind in kinds for one in _types(kind)]
    return (
        set(types) <= _SIMPLE
        and len(types) == len(set(types))
        and not {"integer", "number"} <= set(types)
        and all("type" in kind and not kind.keys() & _ABOUT_ALL for kind in kinds)
        and all(one.keys() & other.keys() == {"type"} for one, other in combinations(kinds, 2))
    )


def _types(schema: Schema) -> list[str]:
    kinds = schema.get("type", [])
    return list(kinds) if isinstance(kinds, list) else [kinds]
