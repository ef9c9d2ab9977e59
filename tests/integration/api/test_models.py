"""Models (avatars): created, found, changed, deleted, and what jobs take from them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.integration.api.leftovers import nothing_left
from tests.support.stack import Stack

NOBODY = "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"


def create(door: httpx.Client, stage_name: str, **fields: Any) -> dict[str, Any]:
    answer = door.post("/models", json={"stage_name": stage_name, **fields})
    assert answer.status_code == 201, answer.text
    model: dict[str, Any] = answer.json()["model"]
    return model


def test_a_model_comes_back_as_it_was_made(door: httpx.Client) -> None:
    preset = {"aspect_ratio": "9:16", "default_overlay_style": {"deep": [1, 2.5, None, "ñ"]}}
    model = create(door, "Luna", tags=["es", "news"], preset=preset)
    assert model["preset"] == preset
    assert model["asset_ids"] == []
    assert door.get(f"/models/{model['id']}").json() == {"model": model}


def test_models_are_found_by_name_and_tag(door: httpx.Client) -> None:
    made = create(door, "Estrella", tags=["tag-of-its-own", "x"])
    for query in ({"q": "estr"}, {"q": "tag-of-its-own"}, {"tag": "tag-of-its-own"}):
        found = door.get("/models", params=query).json()["models"]
        assert [one["id"] for one in found] == [made["id"]], query
    assert door.get("/models", params={"tag": "tag-of"}).json()["models"] == []


def test_what_a_patch_leaves_out_stays(door: httpx.Client) -> None:
    before = create(door, "Sol", tags=["a"])
    after = door.patch(f"/models/{before['id']}", json={"tags": ["b"], "preset": None}).json()
    assert after == {"model": before | {"tags": ["b"]}}


def test_a_patch_that_is_wrong_changes_nothing(door: httpx.Client) -> None:
    before = create(door, "Mar")
    answer = door.patch(
        f"/models/{before['id']}", json={"stage_name": "Other", "asset_ids": [NOBODY]}
    )
    assert answer.status_code == 404
    assert answer.json()["error"]["details"]["field"] == "asset_ids.0"
    assert door.get(f"/models/{before['id']}").json() == {"model": before}


def test_a_model_is_deleted_unless_a_live_job_uses_it(door: httpx.Client, api_only: Stack) -> None:
    model = create(door, "Rio")
    body = {"params": {"text": "x"}, "model_ids": [model["id"], model["id"]]}
    job = door.post("/jobs", json=body).json()["job"]
    assert job["model_ids"] == body["model_ids"]
    with nothing_left(api_only):
        refused = door.delete(f"/models/{model['id']}")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "MODEL_IN_USE"
    door.post(f"/jobs/{job['id']}/cancel")
    assert door.delete(f"/models/{model['id']}").status_code == 204
    assert door.get(f"/models/{model['id']}").status_code == 404
    assert door.get(f"/jobs/{job['id']}").json()["job"]["model_ids"] == body["model_ids"]


def test_a_job_begins_with_its_model_s_preset(door: httpx.Client) -> None:
    model = create(door, "Cielo", preset={"aspect_ratio": "16:9"})
    body: dict[str, Any] = {"params": {"text": "x"}, "model_ids": [model["id"]]}
    job = door.post("/jobs", json=body).json()["job"]
    assert job["output"]["format"] == {"width": 1920, "height": 1080, "fps": 30}
    own = body | {"output": {"aspect_ratio": "1:1"}}
    assert door.post("/jobs", json=own).json()["job"]["output"]["format"]["width"] == 1080
