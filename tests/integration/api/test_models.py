"""Models (avatars): create, find, change, delete, and their presets for jobs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.fakes.http import Handler, served
from tests.platform.stack import Stack
from tests.support.leak_check import connect, nothing_left
from tests.support.wait import wait_until

NOBODY = "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"


def create(api_only_client: httpx.Client, stage_name: str, **fields: Any) -> dict[str, Any]:
    answer = api_only_client.post("/models", json={"stage_name": stage_name, **fields})
    assert answer.status_code == 201, answer.text
    model: dict[str, Any] = answer.json()["model"]
    return model


def test_a_model_comes_back_as_it_was_made(api_only_client: httpx.Client) -> None:
    preset = {"aspect_ratio": "9:16", "default_overlay_style": {"deep": [1, 2.5, None, "ñ"]}}
    model = create(api_only_client, "Luna", tags=["es", "news"], preset=preset)
    assert model["preset"] == preset
    assert model["asset_ids"] == []
    assert api_only_client.get(f"/models/{model['id']}").json() == {"model": model}


def test_models_are_found_by_name_and_tag(api_only_client: httpx.Client) -> None:
    made = create(api_only_client, "Estrella", tags=["tag-of-its-own", "x"])
    for query in ({"q": "estr"}, {"q": "tag-of-its-own"}, {"tag": "tag-of-its-own"}):
        found = api_only_client.get("/models", params=query).json()["models"]
        assert [one["id"] for one in found] == [made["id"]], query
    assert api_only_client.get("/models", params={"tag": "tag-of"}).json()["models"] == []


def test_what_a_patch_leaves_out_stays(api_only_client: httpx.Client) -> None:
    before = create(api_only_client, "Sol", tags=["a"])
    after = api_only_client.patch(
        f"/models/{before['id']}", json={"tags": ["b"], "preset": None}
    ).json()
    assert after == {"model": before | {"tags": ["b"]}}


def test_a_patch_that_is_wrong_changes_nothing(api_only_client: httpx.Client) -> None:
    before = create(api_only_client, "Mar")
    answer = api_only_client.patch(
        f"/models/{before['id']}", json={"stage_name": "Other", "asset_ids": [NOBODY]}
    )
    assert answer.status_code == 404
    assert answer.json()["error"]["details"]["field"] == "asset_ids.0"
    assert api_only_client.get(f"/models/{before['id']}").json() == {"model": before}


def test_a_model_is_deleted_unless_a_live_job_uses_it(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    model = create(api_only_client, "Rio")
    body = {"params": {"text": "x"}, "model_ids": [model["id"], model["id"]]}
    job = api_only_client.post("/jobs", json=body).json()["job"]
    assert job["model_ids"] == body["model_ids"]
    with nothing_left(api_only):
        refused = api_only_client.delete(f"/models/{model['id']}")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "MODEL_IN_USE"
    api_only_client.post(f"/jobs/{job['id']}/cancel")
    assert api_only_client.delete(f"/models/{model['id']}").status_code == 204
    assert api_only_client.get(f"/models/{model['id']}").status_code == 404
    assert api_only_client.get(f"/jobs/{job['id']}").json()["job"]["model_ids"] == body["model_ids"]


def test_a_job_begins_with_its_model_s_preset(api_only_client: httpx.Client) -> None:
    model = create(api_only_client, "Cielo", preset={"aspect_ratio": "16:9"})
    body: dict[str, Any] = {"params": {"text": "x"}, "model_ids": [model["id"]]}
    job = api_only_client.post("/jobs", json=body).json()["job"]
    assert job["output"]["format"] == {"width": 1920, "height": 1080, "fps": 30}
    own = body | {"output": {"aspect_ratio": "1:1"}}
    assert (
        api_only_client.post("/jobs", json=own).json()["job"]["output"]["format"]["width"] == 1080
    )


def test_a_consent_note_and_who_uploaded_the_body_are_kept(api_only_client: httpx.Client) -> None:
    note = "Signed release.\nUntil 2028."
    made = create(api_only_client, "Alba", consent=note)
    assert made["consent"] == note
    assert made["uploaded_by"]["owner_id"] == "local"
    path = f"/models/{made['id']}"
    tagged = api_only_client.patch(path, json={"tags": ["x"]}).json()["model"]
    assert (tagged["consent"], tagged["uploaded_by"]) == (note, made["uploaded_by"])
    other = {"consent": "", "preset": {"presenter": {"body": {"character": {"name": "sol"}}}}}
    changed = api_only_client.patch(path, json=other).json()["model"]
    assert changed["consent"] is None
    assert changed["uploaded_by"]["at"] > made["uploaded_by"]["at"]


def test_a_consent_note_that_is_too_long_is_refused(api_only_client: httpx.Client) -> None:
    body = {"stage_name": "Alba", "consent": "x" * 2001}
    refused = api_only_client.post("/models", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == "consent"


def test_without_a_worker_a_presenter_is_stored_and_its_previews_are_pending(
    api_only_client: httpx.Client,
) -> None:
    files = {"file": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"}
    uploaded = api_only_client.post("/assets", files=files, data={"kind": "avatar_input"})
    picture = uploaded.json()["asset"]["id"]
    made = create(
        api_only_client, "Nube", preset={"presenter": {"body": {"portrait_asset_id": picture}}}
    )
    assert made["previews"]["status"] == "pending"
    shown = api_only_client.get(f"/models/{made['id']}/preview")
    assert shown.status_code == 503
    assert "not made yet" in shown.json()["error"]["message"]


class ReadyRenderer(Handler):
    """Responds like a renderer that no worker uses."""

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        self.answer(200, b'{"sandbox": "unknown"}')


@pytest.fixture
def presenter(api_only_client: httpx.Client, api_only: Stack) -> Iterator[dict[str, Any]]:
    """A request for a model whose picture has to be checked, which takes a second in vain."""
    files = {"file": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"}
    uploaded = api_only_client.post("/assets", files=files, data={"kind": "avatar_input"})
    body = {"portrait_asset_id": uploaded.json()["asset"]["id"]}
    port = urlsplit(api_only.services.renderer_url).port or 0
    with served(ReadyRenderer, port):
        yield {"stage_name": "Viento", "preset": {"presenter": {"body": body}}}


def checks(client: httpx.Client) -> list[str]:
    """Return the statuses of the jobs that check pictures."""
    listed = client.get("/jobs", params={"limit": 200}).json()["jobs"]
    return [one["status"] for one in listed if one["type"] == "presenter_preview"]


def test_a_check_that_no_worker_does_in_time_is_cancelled_and_the_model_stored(
    api_only_client: httpx.Client, presenter: dict[str, Any]
) -> None:
    before = checks(api_only_client)
    made = create(api_only_client, **presenter)
    assert made["previews"]["status"] == "pending"
    assert checks(api_only_client) == ["CANCELLED", *before]


def test_a_client_that_leaves_during_the_check_leaves_no_model(
    api_only_client: httpx.Client, presenter: dict[str, Any]
) -> None:
    before = checks(api_only_client)
    with pytest.raises(httpx.ReadTimeout):
        api_only_client.post("/models", json=presenter | {"stage_name": "Brisa"}, timeout=0.2)
    wait_until(lambda: checks(api_only_client) == ["CANCELLED", *before])
    # By the time that another one has been checked in vain, the first would be there.
    create(api_only_client, **presenter)
    assert api_only_client.get("/models", params={"q": "Brisa"}).json()["models"] == []


def test_a_body_that_another_request_changes_during_the_check_is_a_conflict(
    api_only_client: httpx.Client, presenter: dict[str, Any]
) -> None:
    picture = presenter["preset"]["presenter"]["body"]["portrait_asset_id"]
    made = create(api_only_client, "Niebla", asset_ids=[picture])
    path, before = f"/models/{made['id']}", len(checks(api_only_client))
    lively = {"preset": {"presenter": {"energy": 0.9}}}
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(api_only_client.patch, path, json=lively)
        wait_until(lambda: len(checks(api_only_client)) > before)
        quick = api_only_client.patch(path, json={"asset_ids": []})
    assert quick.status_code == 200
    assert slow.result().status_code == 409
    assert api_only_client.get(path).json()["model"]["preset"] == {}


def with_stored_presenter(client: httpx.Client, stack: Stack, presenter: Any) -> str:
    """Return the id of a model as an earlier release may have stored it."""
    made: str = create(client, "Vieja")["id"]
    with connect(stack) as connection:
        connection.execute(
            "UPDATE models SET preset = %s WHERE id = %s",
            (json.dumps({"presenter": presenter}), made),
        )
    return made


@pytest.mark.parametrize("presenter", ["Ann", 3, ["x"], {"style": "news"}])
def test_a_stored_preset_that_is_no_persona_is_ignored_by_jobs(
    api_only_client: httpx.Client, api_only: Stack, presenter: Any
) -> None:
    model_id = with_stored_presenter(api_only_client, api_only, presenter)
    body = {"type": "tts", "params": {"text": "Hola."}, "model_ids": [model_id]}
    answer = api_only_client.post("/jobs", json=body)
    assert answer.status_code == 201, answer.text
    patched = api_only_client.patch(f"/models/{model_id}", json={"tags": ["x"]})
    assert patched.json()["model"]["preset"] == {"presenter": presenter}


def test_a_stored_persona_that_is_wrong_is_refused_by_jobs_with_its_model_and_field(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    model_id = with_stored_presenter(api_only_client, api_only, {"voice": "es", "energy": 3})
    body: dict[str, Any] = {"params": {"text": "Hola."}, "model_ids": [model_id]}
    refused = api_only_client.post("/jobs", json={"type": "tts", **body})
    error = refused.json()["error"]
    assert refused.status_code == 400
    assert error["details"]["field"] == "model_ids.0"
    assert model_id in error["message"]
    assert "preset.presenter.energy" in error["message"]
    assert f"PATCH /models/{model_id}" in error["details"]["hint"]
    # It is no presenter here.
    assert api_only_client.post("/jobs", json={"type": "hello_render", **body}).status_code == 201
