"""Clients that send every field, and null for those that nobody set, are understood."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contracts.api.documents import operations, ours, resolved, without_null

_numbers = itertools.count(1)
JSON = "application/json"


def received() -> Iterator[tuple[str, str, str, Any, Any]]:
    """Yield name, method, path, schema and body of every example that leaves fields out."""
    for method, path, operation in operations(ours()):
        content = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
        schema = content.get("schema", {})
        examples = content.get("examples", {}) or {
            str(number): {"value": value}
            for number, value in enumerate(resolved(ours(), schema).get("examples", []))
        }
        for title, example in examples.items():
            if with_nulls(schema, example["value"]) != example["value"]:
                name = f"{operation['operationId']}-{title}"
                yield name, method, path, schema, example["value"]


def with_nulls(schema: dict[str, Any], value: Any) -> Any:
    """Return the value with a null for every property that it could have besides."""
    schema = resolved(ours(), without_null(schema))
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    properties = schema["properties"]
    nulls = dict.fromkeys(properties.keys() - set(schema.get("required", [])))
    return nulls | {k: with_nulls(properties.get(k, {}), v) for k, v in value.items()}


def outcome(answer: httpx.Response) -> tuple[int, Any]:
    error = answer.json().get("error") if answer.status_code >= 400 else None
    return answer.status_code, error and (error.get("code"), error.get("message"))


def test_a_null_for_every_field_left_out_changes_nothing(
    api_only_client: httpx.Client, subtests: pytest.Subtests
) -> None:
    def send(method: str, path: str, content: dict[str, Any]) -> tuple[int, Any]:
        if "name" in content and path == "/templates":
            content = content | {"name": f"null {next(_numbers)}"}
        url = path.replace("{", "").replace("}", "")
        headers = {"Prefer": "respond-async"}
        return outcome(api_only_client.request(method, url, json=content, headers=headers))

    for name, method, path, schema, body in received():
        with subtests.test(name):
            assert send(method, path, with_nulls(schema, body)) == send(method, path, body)


def test_a_job_of_nothing_but_nulls_beside_its_params_is_created(
    api_only_client: httpx.Client,
) -> None:
    schema = {"$ref": "#/components/schemas/CreateJobRequest"}
    body = with_nulls(schema, {"params": {"text": "GALA"}, "batch": {}, "output": {}})
    assert body["model_ids"] is None
    assert body["batch"] == {"count": None, "variants": None}
    made = api_only_client.post("/jobs", json=body)
    assert made.status_code == 201, made.text
    usual = api_only_client.post("/jobs", json={"params": {"text": "GALA"}})
    varying = {"id", "created_at"}
    jobs = [answer.json()["job"] for answer in (made, usual)]
    ours_, others = ({k: v for k, v in job.items() if k not in varying} for job in jobs)
    assert ours_ == others


def test_a_null_param_is_as_the_template_has_it_unless_null_is_one_of_its_values(
    api_only_client: httpx.Client,
) -> None:
    template = {
        "type": "add_text",
        "name": f"null {next(_numbers)}",
        "params_schema": {
            "text": {"type": "string", "default": "usual"},
            "font_size": {"type": "number", "default": 20},
            "box_color": {"type": "string", "nullable": True, "default": "#ff0000"},
        },
        "defaults": {"font_size": 30, "box_color": "#00ff00"},
    }
    made = api_only_client.post("/templates", json=template)
    assert made.status_code == 201, made.text
    body = {
        "template_id": made.json()["template"]["id"],
        "params": {"text": None, "font_size": None, "box_color": None},
        "inputs": {"video_url": "https://example.com/video.mp4"},
    }
    job = api_only_client.post("/jobs", json=body)
    assert job.status_code == 201, job.text
    assert job.json()["job"]["params"] == {"text": "usual", "font_size": 30, "box_color": None}
