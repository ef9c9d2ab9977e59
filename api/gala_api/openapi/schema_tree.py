"""Walking all schemas of an OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Document = dict[str, Any]
Schema = dict[str, Any]

_BY_NAME: Final = ("properties", "patternProperties", "$defs")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE: Final = ("items", "additionalProperties", "not", "contains", "propertyNames")
FORMS: Final = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})


@dataclass(frozen=True, slots=True)
class Place:
    """A schema, and a name made of the places that lead to it: ``CreateJobRequestType``."""

    name: str
    schema: Schema
    is_component: bool = False
    in_form: bool = False


def operations(document: Document) -> Iterator[Document]:
    """Yield every operation."""
    for of_path in document["paths"].values():
        yield from of_path.values()


def schemas(document: Document) -> Iterator[Place]:
    """Yield every schema of the document, the parts of a schema before the schema itself.

    Schemas may be changed while walking, but only in place.
    """
    for name, schema in list(document["components"]["schemas"].items()):
        yield from _parts(Place(name, schema, is_component=True))
    for operation in operations(document):
        name = pascal(operation["operationId"])
        for parameter in operation.get("parameters", []):
            yield from _parts(Place(name + pascal(parameter["name"]), parameter["schema"]))
        yield from _contents(name, operation.get("requestBody", {}))
        for response in operation["responses"].values():
            yield from _contents(name, response)


def _contents(name: str, holder: Mapping[str, Any]) -> Iterator[Place]:
    for header in holder.get("headers", {}).values():
        yield from _parts(Place(name, header["schema"]))
    for mime, content in holder.get("content", {}).items():
        yield from _parts(Place(name, content.get("schema", {}), in_form=mime in FORMS))


def _parts(whole: Place) -> Iterator[Place]:
    for name, schema in _children(whole.schema):
        yield from _parts(Place(whole.name + pascal(name), schema, in_form=whole.in_form))
    yield whole


def _children(schema: Schema) -> Iterator[tuple[str, Schema]]:
    for keyword in _BY_NAME:
        yield from schema.get(keyword, {}).items()
    for keyword in _LISTS:
        yield from (("", item) for item in schema.get(keyword, []))
    for keyword in _SINGLE:
        if isinstance(schema.get(keyword), dict):
            yield "", schema[keyword]


def pascal(name: str) -> str:
    """Return ``response_format``, ``response-format`` or ``responseFormat`` as ResponseFormat."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    return "".join(word[0].upper() + word[1:] for word in words)
