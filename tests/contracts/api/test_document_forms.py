"""The document is written in forms that generators of clients take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from gala_api.openapi.generator_forms import adapt
from tests.contracts.api.documents import operations, ours

FREE = {"example", "examples", "default", "enum", "const"}
"""Keywords whose values are any JSON."""


def nodes(node: Any, path: str = "#", *, names: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield every object of a document with its path; ``names`` if its keys are free to choose."""
    if isinstance(node, dict):
        if not names:
            yield path, node
        for key, value in node.items():
            if names or key not in FREE:
                of_names = not names and key in {"properties", "schemas", "headers", "responses"}
                yield from nodes(value, f"{path}/{key}", names=of_names)
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from nodes(item, f"{path}/{number}")


@cache
def every() -> list[tuple[str, Any]]:
    """Return every object of our document with its path."""
    return list(nodes(ours()))


def test_every_reference_leads_to_something() -> None:
    found = [(path, node["$ref"]) for path, node in every() if "$ref" in node]
    assert len(found) > 100
    for path, reference in found:
        target: Any = ours()
        assert reference.startswith("#/components/"), path
        for part in reference.removeprefix("#/").split("/"):
            assert part in target, (path, reference)
            target = target[part]


def test_null_is_a_schema_of_its_own_beside_references_only() -> None:
    for path, node in every():
        kinds = node.get("anyOf", [])
        if {"type": "null"} in kinds:
            others = [kind for kind in kinds if kind != {"type": "null"}]
            assert all("$ref" in kind for kind in others), path


def test_no_default_is_an_object() -> None:
    assert not [path for path, node in every() if isinstance(node.get("default"), dict)]


def test_classes_are_named_by_their_names_and_not_by_titles() -> None:
    titled = [path for path, node in every() if isinstance(node.get("title"), str)]
    assert titled == ["#/info"]


def test_enumerations_have_names() -> None:
    inline = [path for path, node in every() if isinstance(node.get("enum"), list)]
    assert all(re.fullmatch(r"#/components/schemas/\w+", path) for path in inline)


def test_error_bodies_have_names() -> None:
    for _, path, operation in operations(ours()):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                for content in response.get("content", {}).values():
                    assert set(content["schema"]) == {"$ref"}, (path, status)


def test_a_text_that_may_not_be_empty_says_so() -> None:
    for path, node in every():
        if isinstance(node.get("pattern"), str) and not re.search(node["pattern"], ""):
            assert node["minLength"] >= 1, path


@pytest.mark.parametrize("name", ["callback_url", "template_id", "name", "session_id"])
def test_texts_of_a_job_may_not_be_empty(name: str) -> None:
    assert ours()["components"]["schemas"]["CreateJobRequest"]["properties"][name]["minLength"] == 1


def takes_null(schema: dict[str, Any]) -> bool:
    kinds = schema.get("type", [])
    is_anything = not {"type", "anyOf", "oneOf", "allOf", "enum", "const", "$ref"} & schema.keys()
    return (
        is_anything
        or "null" in ([kinds] if isinstance(kinds, str) else kinds)
        or any(takes_null(kind) for kind in schema.get("anyOf", []))
    )


def received() -> dict[str, dict[str, Any]]:
    """Return the named schemas of all that the API reads as JSON."""
    found: dict[str, dict[str, Any]] = {}
    bodies = [
        operation.get("requestBody", {}).get("content", {}).get("application/json")
        for _, _, operation in operations(ours())
    ]
    waiting = [node for body in bodies if body for _, node in nodes(body)]
    while waiting:
        name = waiting.pop().get("$ref", "").rpartition("/")[2]
        if name and name not in found:
            found[name] = ours()["components"]["schemas"][name]
            waiting += [node for _, node in nodes(found[name])]
    return found


def test_every_field_that_may_be_left_out_of_a_body_may_be_null() -> None:
    assert {"CreateJobRequest", "HelloParams", "CreateSpeechRequest"} <= received().keys()
    refusing = [
        f"{name}.{field}"
        for name, schema in received().items()
        for field, one in schema.get("properties", {}).items()
        if field not in schema.get("required", []) and not takes_null(one)
    ]
    assert refusing == [], "derive the model from gala.json_model.JsonModel"


def test_operations_have_different_names_also_for_those_who_ignore_case() -> None:
    names = [operation["operationId"].lower() for _, _, operation in operations(ours())]
    assert len(names) == len(set(names))


def test_the_server_is_the_one_that_the_document_comes_from() -> None:
    assert [server["url"] for server in ours()["servers"]] == ["/"]


def test_the_states_of_a_process_are_told_apart_by_one_field() -> None:
    state = ours()["components"]["schemas"]["ProcessStatus"]
    assert state["discriminator"]["propertyName"] == "status"
    references = {kind["$ref"] for kind in state["oneOf"]}
    assert set(state["discriminator"]["mapping"].values()) == references
    (content,) = ours()["paths"]["/process/status/{jobId}"]["get"]["responses"]["200"][
        "content"
    ].values()
    assert content["schema"] == {"$ref": "#/components/schemas/ProcessStatus"}


def document(schema: dict[str, Any], kind: str = "application/json") -> dict[str, Any]:
    """Return a document of one operation, whose body has a field ``one`` of that schema."""
    body = {"type": "object", "properties": {"one": schema}}
    operation = {
        "operationId": "makeIt",
        "requestBody": {"content": {kind: {"schema": body}}},
        "responses": {},
    }
    whole = {"Named": {"type": "string", "enum": ["a", "b"]}, "Other": {"type": "object"}}
    return {"paths": {"/it": {"post": operation}}, "components": {"schemas": whole}}


def written(schema: dict[str, Any], kind: str = "application/json") -> tuple[Any, dict[str, Any]]:
    """Return the schema as it is written, and the named schemas."""
    adapted = adapt(document(schema, kind))
    (content,) = adapted["paths"]["/it"]["post"]["requestBody"]["content"].values()
    return content["schema"]["properties"]["one"], adapted["components"]["schemas"]


TEXT = {"type": "string", "maxLength": 9}
NULL = {"type": "null"}
NAMED = {"$ref": "#/components/schemas/Named"}
FORM = "multipart/form-data"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"anyOf": [TEXT, NULL]}, {"type": ["string", "null"], "maxLength": 9}),
        ({"anyOf": [NULL, TEXT]}, {"type": ["string", "null"], "maxLength": 9}),
        ({"anyOf": [NAMED, NULL]}, {"anyOf": [NAMED, NULL]}),
        ({"anyOf": [TEXT, NAMED, NULL]}, {"anyOf": [{**TEXT, "type": ["string", "null"]}, NAMED]}),
        (
            {"anyOf": [{"type": "number", "minimum": 0}, TEXT, NULL], "description": "x"},
            {
                "type": ["number", "string", "null"],
                "minimum": 0,
                "maxLength": 9,
                "description": "x",
            },
        ),
        (
            {"anyOf": [{"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"}]},
            {
                "anyOf": [
                    {"type": "string", "pattern": "^a", "minLength": 1},
                    {"type": "string", "pattern": "^b", "minLength": 1},
                ]
            },
        ),
        (
            {"anyOf": [{"type": "array", "items": {"anyOf": [TEXT, NULL]}}, NULL]},
            {
                "type": ["array", "null"],
                "items": {"type": ["string", "null"], "maxLength": 9},
            },
        ),
        (
            {"anyOf": [{"type": "string", "const": "a"}, NULL]},
            {"anyOf": [{"$ref": "#/components/schemas/MakeItOne"}, NULL]},
        ),
        (
            {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "number", "multipleOf": 0.5}]},
            {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "number", "multipleOf": 0.5}]},
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "string", "maxLength": 2}]},
            {"anyOf": [{"type": "string"}, {"type": "string", "maxLength": 2}]},
        ),
        (
            {"anyOf": [{"type": "integer"}, TEXT]},
            {"type": ["integer", "string"], "maxLength": 9},
        ),
        ({"type": "object", "default": {}}, {"type": "object"}),
        ({"type": "string", "enum": ["a"]}, {"type": "string", "const": "a"}),
        ({"type": "string", "pattern": "^a*$"}, {"type": "string", "pattern": "^a*$"}),
    ],
)
def test_schemas_are_written_in_forms_that_mean_the_same(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert written(before)[0] == after


def test_an_enumeration_is_named_by_its_place_and_keeps_what_is_said_there() -> None:
    choice = {"type": "string", "enum": ["x", "y"], "default": "x", "description": "Which one."}
    place, named = written({"anyOf": [choice, NULL]})
    reference = {"$ref": "#/components/schemas/MakeItOne"}
    assert place["anyOf"] == [{**reference, "default": "x", "description": "Which one."}, NULL]
    assert named["MakeItOne"] == {"type": "string", "enum": ["x", "y"]}


def test_a_field_of_a_form_can_be_left_out_but_not_be_null() -> None:
    assert written({"anyOf": [TEXT, NULL], "default": None}, FORM)[0] == TEXT
    assert written({"anyOf": [NAMED, NULL]}, FORM)[0] == NAMED


def test_definitions_of_a_schema_become_named_schemas() -> None:
    moved = document({"$ref": "#/components/schemas/Size"})
    body = moved["paths"]["/it"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body["$defs"] = {"Size": {"type": "integer"}}
    assert adapt(moved)["components"]["schemas"]["Size"] == {"type": "integer"}
    body["$defs"] = {"Named": {"type": "integer"}}
    with pytest.raises(ValueError, match="Named"):
        adapt(moved)
