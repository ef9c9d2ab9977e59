"""Reading OpenAPI documents in tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gala_api.app import create_app
from gala_api.openapi.document import contract

METHODS = ("get", "head", "post", "put", "patch", "delete")
ROOT = Path(__file__).parents[3]


@cache
def ours() -> dict[str, Any]:
    """The OpenAPI document of the app."""
    return contract(create_app())


def kept() -> str:
    """The OpenAPI document in the repository."""
    return (ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """Return a document by the loader in C, which is six times as fast, where there is one."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), loader)
    return document


def kept_as_json(folder: Path) -> Path:
    """Write the document in the repository as JSON, which programs of others read faster."""
    path = folder / "openapi.json"
    path.write_text(json.dumps(read(ROOT / "docs" / "openapi.yaml")), encoding="utf-8")
    return path


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and operation; skip operations nested under a path by mistake."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Return the node with its reference resolved and its ``allOf`` merged."""
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    if "allOf" in node:
        parts = [resolved(document, part) for part in node["allOf"]]
        properties = {k: v for part in parts for k, v in part.get("properties", {}).items()}
        required = [name for part in parts for name in part.get("required", [])]
        return {"type": "object", "properties": properties, "required": required}
    return node


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the value that is not null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]
    if len(kinds) == 1:
        return {**schema, **kinds[0]}
    types = schema.get("type")
    if isinstance(types, list) and len(types) == 2 and "null" in types:
        return {**schema, "type": next(one for one in types if one != "null")}
    return schema


def type_of(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Return the type of the values that are not null; also that of all members of a union."""
    schema = resolved(document, without_null(schema))
    kinds = [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]
    types = {type_of(document, kind) for kind in kinds}
    return types.pop() if len(types) == 1 else schema.get("type")


def json_schema(document: dict[str, Any], response: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema of a response's JSON body, or None."""
    content = resolved(document, response).get("content", {})
    for mime in ("application/json", "application/problem+json"):
        if mime in content:
            schema: dict[str, Any] = content[mime]["schema"]
            return schema
    return None
