"""The OpenAPI document: current, valid, complete, with correct examples."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from gala.errors import ErrorCode
from gala_api.errors.status import STATUS
from gala_api.openapi.yaml_format import as_yaml
from tests.contracts.api.documents import kept, operations, ours, resolved

FOREIGN = ("/v1/", "/api/v1/", "/dev/")
"""Prefixes of other servers' contracts, which define their own examples and errors."""
WITHOUT_JSON = {
    "livez",
    "metrics",
    "headAssetContent",
    "streamAssetContent",
    "followJob",
    "getModelPreview",
    "getVoiceSample",
    "drawTimelineFrame",
    "getTemplatePreview",
}


# Loops instead of parameters: each worker process would have to make the document to collect them.
def own() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield method and operation of GALA's own paths."""
    for method, path, operation in operations(ours()):
        if not path.startswith(FOREIGN):
            yield method, operation


def test_the_document_in_the_repository_is_what_the_app_serves() -> None:
    assert kept() == as_yaml(ours()), "refresh it with `gala openapi --write`"


@pytest.mark.parametrize("before", ["gala_renderer.types.presenter", "gala_api.schemas.models"])
def test_the_schema_of_a_preset_does_not_depend_on_what_was_imported_before(before: str) -> None:
    code = (
        f"import json, {before}; from gala_api.schemas.models import CreateModelRequest;"
        " print(json.dumps(CreateModelRequest.model_json_schema()))"
    )
    schema = json.loads(subprocess.check_output([sys.executable, "-c", code], timeout=60))
    assert "presenter" in schema["properties"]["preset"]["anyOf"][0]["properties"]
    assert "ModelDefaults" not in schema["$defs"]


def test_the_document_is_valid_openapi() -> None:
    # Above, each process that collects the tests would need half a second for it.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    OpenAPIV31SpecValidator(ours()).validate()


def test_the_text_is_for_people() -> None:
    text = kept()
    assert "\\n" not in text.replace("`\\n`", "")
    assert "&id" not in text
    assert "\n\n\n" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_every_operation_says_what_it_does() -> None:
    for _, path, operation in operations(ours()):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["summary"] != operation["description"]
        assert len(operation["tags"]) == 1, path
        assert operation["operationId"].isalpha()


def test_every_operation_shows_its_bodies_by_examples() -> None:
    for _, operation in own():
        name = operation["operationId"]
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            assert content["application/json"]["examples"], name
        if name in WITHOUT_JSON:
            continue
        for status, response in operation["responses"].items():
            if status in {"200", "201", "202"}:
                assert "example" in response["content"]["application/json"], (name, status)


def test_errors_of_other_servers_contracts_are_in_their_dialect() -> None:
    for method, path, operation in operations(ours()):
        if not path.startswith(FOREIGN) or method == "head":
            continue
        errors = {
            status: resolved(ours(), response)["content"]
            for status, response in operation["responses"].items()
            if int(status) >= 400
        }
        assert {"401", "403", "500", "503"} <= errors.keys(), path
        assert all(set(content) == {"application/json"} for content in errors.values()), path


def test_every_error_is_a_problem_with_the_status_that_its_code_has() -> None:
    for method, operation in own():
        for status, response in operation["responses"].items():
            if int(status) < 400 or method == "head":
                continue
            (content,) = resolved(ours(), response)["content"].items()
            mime, body = content
            where = (operation["operationId"], status)
            assert mime == "application/problem+json", where
            assert body["schema"] == {"$ref": "#/components/schemas/Problem"}, where
            for code, example in body["examples"].items():
                assert STATUS[ErrorCode(code)] == int(status) == example["value"]["status"], where
                assert example["value"]["error"]["code"] == code, where


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Yield where each example is, its schema and its value."""
    for _, _, operation in operations(ours()):
        name = operation["operationId"]
        bodies = operation.get("requestBody", {}).get("content", {})
        for content in bodies.values():
            for title, example in content.get("examples", {}).items():
                yield f"{name}-{title}", content["schema"], example["value"]
        for status, response in operation["responses"].items():
            for mime, content in resolved(ours(), response).get("content", {}).items():
                if "example" in content and mime == "application/json":
                    yield f"{name}-{status}", content["schema"], content["example"]
                for title, example in content.get("examples", {}).items():
                    yield f"{name}-{status}-{title}", content["schema"], example["value"]


def test_every_example_follows_its_schema() -> None:
    components = ours()["components"]
    validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
    wrong = {}
    cases = list(examples())
    assert len(cases) >= 500
    for where, schema, example in cases:
        whole = {"components": components, **schema}
        key = json.dumps(schema)
        if key not in validators:
            validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        if problems := [error.message for error in validators[key].iter_errors(example)]:
            wrong[where] = problems
    assert wrong == {}


def test_links_lead_to_operations_that_take_their_parameters() -> None:
    by_id = {operation["operationId"]: operation for _, _, operation in operations(ours())}
    seen = 0
    for operation in by_id.values():
        for response in operation["responses"].values():
            for link in response.get("links", {}).values():
                target = by_id[link["operationId"]]
                taken = {parameter["name"] for parameter in target["parameters"]}
                assert set(link["parameters"]) <= taken
                seen += 1
    assert seen == 15
