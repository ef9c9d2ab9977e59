"""The OpenAPI document: current, valid, complete, with correct examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gala.errors import ErrorCode
from gala_api.errors.status import STATUS
from gala_api.openapi.yaml_format import as_yaml
from tests.contracts.api.documents import kept, operations, ours, resolved

EVERY = [
    pytest.param(method, path, operation, id=operation["operationId"])
    for method, path, operation in operations(ours())
]
FOREIGN = ("/v1/", "/api/v1/", "/dev/")
"""Prefixes of other servers' contracts, which define their own examples and errors."""
OWN = [one for one in EVERY if not str(one.values[1]).startswith(FOREIGN)]
OTHERS = [
    one for one in EVERY if str(one.values[1]).startswith(FOREIGN) and one.values[0] != "head"
]
WITHOUT_JSON = {
    "livez",
    "metrics",
    "headAssetContent",
    "streamAssetContent",
    "followJob",
    "getModelPreview",
    "getVoiceSample",
    "drawTimelineFrame",
}


def test_the_document_in_the_repository_is_what_the_app_serves() -> None:
    assert kept() == as_yaml(ours()), "refresh it with `gala openapi --write`"


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(ours()).validate()


def test_the_text_is_for_people() -> None:
    text = kept()
    assert "\\n" not in text.replace("`\\n`", "")
    assert "&id" not in text
    assert "\n\n\n" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize(("method", "path", "operation"), EVERY)
def test_every_operation_says_what_it_does(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["summary"] != operation["description"]
    assert len(operation["tags"]) == 1
    assert operation["operationId"].isalpha()


@pytest.mark.parametrize(("method", "path", "operation"), OWN)
def test_every_operation_shows_its_bodies_by_examples(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        assert content["application/json"]["examples"]
    if operation["operationId"] in WITHOUT_JSON:
        return
    for status, response in operation["responses"].items():
        if status in {"200", "201", "202"}:
            assert "example" in response["content"]["application/json"], status


@pytest.mark.parametrize(("method", "path", "operation"), OTHERS)
def test_errors_of_other_servers_contracts_are_in_their_dialect(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    told = {
        status: resolved(ours(), response)["content"]
        for status, response in operation["responses"].items()
        if int(status) >= 400
    }
    assert {"401", "403", "500", "503"} <= told.keys()
    assert all(set(content) == {"application/json"} for content in told.values())


@pytest.mark.parametrize(("method", "path", "operation"), OWN)
def test_every_error_is_a_problem_with_the_status_that_its_code_has(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    for status, response in operation["responses"].items():
        if int(status) < 400 or method == "head":
            continue
        (content,) = resolved(ours(), response)["content"].items()
        mime, body = content
        assert mime == "application/problem+json"
        assert body["schema"] == {"$ref": "#/components/schemas/Problem"}
        for code, example in body["examples"].items():
            assert STATUS[ErrorCode(code)] == int(status) == example["value"]["status"]
            assert example["value"]["error"]["code"] == code


def examples() -> Iterator[Any]:
    for _, _, operation in operations(ours()):
        name = operation["operationId"]
        bodies = operation.get("requestBody", {}).get("content", {})
        for content in bodies.values():
            for title, example in content.get("examples", {}).items():
                yield pytest.param(content["schema"], example["value"], id=f"{name}-{title}")
        for status, response in operation["responses"].items():
            for mime, content in resolved(ours(), response).get("content", {}).items():
                if "example" in content and mime == "application/json":
                    yield pytest.param(content["schema"], content["example"], id=f"{name}-{status}")
                for title, example in content.get("examples", {}).items():
                    yield pytest.param(
                        content["schema"], example["value"], id=f"{name}-{status}-{title}"
                    )


@pytest.mark.parametrize(("schema", "example"), list(examples()))
def test_every_example_follows_its_schema(schema: dict[str, Any], example: Any) -> None:
    whole = {"components": ours()["components"], **schema}
    jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(example)


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
