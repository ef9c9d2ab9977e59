"""Everything that the v0 contract promises is kept. Its slips are ignored: operations nested under
a path (`assetById`, …) and `nullable`, which OpenAPI 3.1 does not know."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.api.documents import (
    ROOT,
    json_schema,
    operations,
    ours,
    read,
    resolved,
    type_of,
    without_null,
)

# The contract is next to the checkout, not in it.
V0_FILE = ROOT.parent / "shared" / "contracts" / "gala-v0.openapi.yaml"
pytestmark = pytest.mark.skipif(
    not V0_FILE.exists(), reason=f"the v0 contract is not at hand ({V0_FILE})"
)
V0: dict[str, Any] = read(V0_FILE) if V0_FILE.exists() else {"paths": {}}
EVERY = [
    pytest.param(method, path, operation, id=operation["operationId"])
    for method, path, operation in operations(V0)
]


def our(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = ours()["paths"][path][method]
    return found


@pytest.mark.parametrize(("method", "path", "old"), EVERY)
def test_operations_keep_path_method_and_name(method: str, path: str, old: dict[str, Any]) -> None:
    assert our(method, path)["operationId"] == old["operationId"]


@pytest.mark.parametrize(("method", "path", "old"), EVERY)
def test_statuses_are_kept(method: str, path: str, old: dict[str, Any]) -> None:
    assert set(old["responses"]) <= set(our(method, path)["responses"])


@pytest.mark.parametrize(("method", "path", "old"), EVERY)
def test_parameters_are_kept(method: str, path: str, old: dict[str, Any]) -> None:
    now = {(one["in"], one["name"]): one for one in our(method, path).get("parameters", [])}
    for parameter in old.get("parameters", []):
        before = resolved(V0, parameter)
        after = now.pop((before["in"], before["name"]))
        compare(before["schema"], after["schema"], where=before["name"])
    assert not [one for one in now.values() if one.get("required")], "v0 clients do not send these"


@pytest.mark.parametrize(("method", "path", "old"), EVERY)
def test_answers_have_the_fields_that_v0_clients_read(
    method: str, path: str, old: dict[str, Any]
) -> None:
    for status, response in old["responses"].items():
        before = json_schema(V0, response)
        if before is not None:
            after = json_schema(ours(), our(method, path)["responses"][status])
            assert after is not None
            compare(before, after, where=status)


@pytest.mark.parametrize(("method", "path", "old"), EVERY)
def test_requests_of_v0_are_taken(method: str, path: str, old: dict[str, Any]) -> None:
    for mime, content in old.get("requestBody", {}).get("content", {}).items():
        before = resolved(V0, content["schema"])
        after = resolved(ours(), our(method, path)["requestBody"]["content"][mime]["schema"])
        assert set(after.get("required", [])) <= set(before.get("required", []))
        for name, schema in before["properties"].items():
            compare(schema, after["properties"][name], where=name, required=False)


def compare(
    before: dict[str, Any], after: dict[str, Any], *, where: str, required: bool = True
) -> None:
    """Fail if the new schema lacks something that the old one promises."""
    old, new = resolved(V0, before), resolved(ours(), without_null(after))
    new = resolved(ours(), without_null(new))
    assert type_of(ours(), after) == old.get("type"), where
    assert set(old.get("enum", [])) <= set(new.get("enum", [])) or "enum" not in new, where
    for limit in ("minimum", "maximum", "default"):
        assert old.get(limit) is None or old[limit] == new.get(limit), where
    if required:
        # JobOutput.video_asset_id is null after its asset is deleted, but always present.
        assert set(old.get("required", [])) <= set(new.get("required", [])), where
    for name, schema in old.get("properties", {}).items():
        assert name in new["properties"], f"{where}.{name}"
        compare(schema, new["properties"][name], where=f"{where}.{name}", required=required)
    if "items" in old:
        compare(old["items"], new["items"], where=f"{where}[]", required=required)
