"""Templates: names, defaults, built-in ones, and their use by jobs."""

from __future__ import annotations

import io
import threading
from collections import Counter
from typing import Any

import httpx
import pytest
from PIL import Image, ImageStat

from gala.ids import builtin_template_id
from gala.templates.builtin import builtin_templates
from tests.platform.stack import Stack
from tests.support.leak_check import nothing_left

BUILTIN = builtin_template_id("hello_render")
SHORT = {
    "text": {"type": "string", "max": 80},
    "bg_asset_id": {"type": "string", "nullable": True},
}


def create(api_only_client: httpx.Client, name: str, **fields: Any) -> dict[str, Any]:
    answer = api_only_client.post(
        "/templates", json={"type": "hello_render", "name": name, **fields}
    )
    assert answer.status_code == 201, answer.text
    template: dict[str, Any] = answer.json()["template"]
    return template


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["error"]["code"]
    return found


def test_a_template_takes_what_it_leaves_out_from_its_type(api_only_client: httpx.Client) -> None:
    template = create(api_only_client, "bare")
    assert template["format"] == {"width": 1080, "height": 1920, "fps": 30}
    assert template["duration_ms"] == 7000
    assert template["builtin"] is False
    assert api_only_client.get(f"/templates/{template['id']}").json() == {"template": template}


def test_gala_s_own_templates_come_first_and_stay_as_they_are(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    create(api_only_client, "mine")
    listed = api_only_client.get("/templates", params={"limit": 200}).json()["templates"]
    own = [one["builtin"] for one in listed]
    assert own == sorted(own, reverse=True)
    assert set(own) == {True, False}
    assert BUILTIN in {one["id"] for one in listed}
    with nothing_left(api_only):
        for answer in (
            api_only_client.patch(f"/templates/{BUILTIN}", json={"name": "x"}),
            api_only_client.delete(f"/templates/{BUILTIN}"),
        ):
            assert (answer.status_code, code(answer)) == (403, "FORBIDDEN")


def test_two_living_templates_have_two_names(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    first = create(api_only_client, "taken")
    other = create(api_only_client, "free")
    with nothing_left(api_only):
        again = api_only_client.post("/templates", json={"type": "hello_render", "name": "taken"})
        renamed = api_only_client.patch(f"/templates/{other['id']}", json={"name": "taken"})
    for answer in (again, renamed):
        assert (answer.status_code, code(answer)) == (409, "TEMPLATE_NAME_EXISTS")
        assert answer.json()["error"]["details"] == {"field": "name"}
    assert (
        api_only_client.patch(f"/templates/{first['id']}", json={"name": "taken"}).status_code
        == 200
    )


def test_a_name_is_free_again_after_its_template_is_deleted(api_only_client: httpx.Client) -> None:
    first = create(api_only_client, "again")
    assert api_only_client.delete(f"/templates/{first['id']}").status_code == 204
    assert code(api_only_client.get(f"/templates/{first['id']}")) == "TEMPLATE_NOT_FOUND"
    assert code(api_only_client.delete(f"/templates/{first['id']}")) == "TEMPLATE_NOT_FOUND"
    assert create(api_only_client, "again")["id"] != first["id"]


def test_of_twelve_at_once_with_one_name_one_is_made(api_only_client: httpx.Client) -> None:
    statuses: Counter[int] = Counter()

    def post() -> None:
        answer = api_only_client.post("/templates", json={"type": "hello_render", "name": "race"})
        statuses[answer.status_code] += 1

    threads = [threading.Thread(target=post) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == {201: 1, 409: 11}


def test_what_a_patch_leaves_out_or_calls_null_stays(api_only_client: httpx.Client) -> None:
    before = create(api_only_client, "patched", params_schema=SHORT, duration_ms=300)
    body = {"duration_ms": 400, "format": None, "name": None}
    after = api_only_client.patch(f"/templates/{before['id']}", json=body).json()["template"]
    assert after == before | {"duration_ms": 400, "version": 2}


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "params.text"),
        ({"text": "x" * 81}, "params.text"),
        ({"text": 5}, "params.text"),
        ({"text": "x", "txt": "y"}, "params.txt"),
        ({"text": "x", "bg_asset_id": 5}, "params.bg_asset_id"),
    ],
)
def test_jobs_are_held_against_the_template_when_they_are_submitted(
    api_only_client: httpx.Client, api_only: Stack, params: dict[str, Any], field: str
) -> None:
    template = api_only_client.get("/templates", params={"q": "schema"}).json()["templates"]
    chosen = template[0] if template else create(api_only_client, "a schema", params_schema=SHORT)
    with nothing_left(api_only):
        answer = api_only_client.post("/jobs", json={"template_id": chosen["id"], "params": params})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == field


def test_a_job_keeps_what_its_template_was_like(api_only_client: httpx.Client) -> None:
    size = {"width": 64, "height": 112, "fps": 10}
    template = create(
        api_only_client, "kept", duration_ms=300, format=size, defaults={"text": "kept"}
    )
    job = api_only_client.post("/jobs", json={"template_id": template["id"]}).json()["job"]
    api_only_client.patch(f"/templates/{template['id']}", json={"duration_ms": 999, "defaults": {}})
    api_only_client.delete(f"/templates/{template['id']}")
    after = api_only_client.get(f"/jobs/{job['id']}").json()["job"]
    assert after["params"] == {"text": "kept"}
    assert after["output"] == {"format": size, "duration_ms": 300}
    gone = api_only_client.post(
        "/jobs", json={"template_id": template["id"], "params": {"text": "x"}}
    )
    assert code(gone) == "TEMPLATE_NOT_FOUND"


def test_a_type_may_stand_beside_a_template_of_that_type(api_only_client: httpx.Client) -> None:
    body = {"template_id": BUILTIN, "type": "hello_render", "params": {"text": "x"}}
    assert api_only_client.post("/jobs", json=body).status_code == 201


def test_templates_are_found_by_name_and_type(api_only_client: httpx.Client) -> None:
    made = create(api_only_client, "Ünique 100%_name")
    for query in ("ünique", "100%_n"):
        found = api_only_client.get("/templates", params={"q": query}).json()["templates"]
        assert [one["id"] for one in found] == [made["id"]]
    assert api_only_client.get("/templates", params={"q": "100x_n"}).json()["templates"] == []
    assert api_only_client.get("/templates", params={"type": "nothing"}).json()["templates"] == []
    assert len(api_only_client.get("/templates", params={"limit": 1}).json()["templates"]) == 1


def test_a_template_has_a_format_only_if_its_type_takes_one(api_only_client: httpx.Client) -> None:
    size = {"width": 100, "height": 100, "fps": 30}
    speech = create(api_only_client, "without a format", type="tts")
    wanted = {"type": "tts", "name": "sized speech", "format": size}
    for answer in (
        api_only_client.post("/templates", json=wanted),
        api_only_client.patch(f"/templates/{speech['id']}", json={"format": size}),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"]["details"]["field"] == "format"
    film = create(api_only_client, "becomes speech", format=size)
    changed = api_only_client.patch(f"/templates/{film['id']}", json={"type": "tts"})
    assert changed.json()["template"]["format"] is None
    job = {"template_id": film["id"], "params": {"text": "Hello"}}
    assert api_only_client.post("/jobs", json=job).status_code == 201


def test_a_template_whose_params_no_job_could_send_is_refused_with_the_right_name(
    api_only_client: httpx.Client,
) -> None:
    body = {
        "type": "hello_render",
        "name": "mistyped",
        "params_schema": {"txt": {"type": "string", "max": 80}},
    }
    answer = api_only_client.post("/templates", json=body)
    assert answer.status_code == 400
    details = answer.json()["error"]["details"]
    assert details["field"] == "params_schema.txt"
    assert details["did_you_mean"] == "params_schema.text"


@pytest.mark.parametrize("name", sorted(builtin_templates()))
def test_built_in_templates_have_a_preview(api_only_client: httpx.Client, name: str) -> None:
    template_id = builtin_template_id(f"composition:{name}")
    answer = api_only_client.get(f"/templates/{template_id}/preview")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (540, 960)
        assert ImageStat.Stat(picture.convert("L")).stddev[0] > 10


def test_render_types_have_no_preview(api_only_client: httpx.Client) -> None:
    answer = api_only_client.get(f"/templates/{BUILTIN}/preview")
    assert answer.status_code == 404
