"""An imported asset has an id at once, and its bytes when its job is done.

The API stands alone here: jobs stay QUEUED.
"""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

URL = "https://example.com/films/the%20sea.mp4?token=s3cret"


def order(api_only_client: httpx.Client, key: str | None = None, **fields: Any) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return api_only_client.post(
        "/assets", json={"url": URL, "kind": "source_video"} | fields, headers=headers
    )


def ordered(api_only_client: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = order(api_only_client, **fields)
    assert answer.status_code == 202, answer.text
    asset: dict[str, Any] = answer.json()["asset"]
    return asset


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code
    return error


def test_an_asset_from_a_url_is_pending_at_once(api_only_client: httpx.Client) -> None:
    answer = order(api_only_client, label="the sea")
    assert answer.status_code == 202, answer.text
    asset = answer.json()["asset"]
    assert answer.headers["location"] == f"/assets/{asset['id']}"
    assert asset["status"] == "pending"
    assert asset["error"] is None
    assert (asset["kind"], asset["label"]) == ("source_video", "the sea")
    assert asset["filename"] == "the sea.mp4"
    assert asset["mime"] is asset["size_bytes"] is asset["checksum"] is None
    assert api_only_client.get(f"/assets/{asset['id']}").json()["asset"] == asset
    job = api_only_client.get(f"/jobs/{asset['job_id']}").json()["job"]
    assert (job["type"], job["inputs"]) == ("import", {"media_url": URL})


@pytest.mark.parametrize("path", ["content", "url"])
def test_what_is_pending_has_no_bytes_yet(api_only_client: httpx.Client, path: str) -> None:
    answer = api_only_client.get(f"/assets/{ordered(api_only_client)['id']}/{path}")
    refused(answer, 409, "ASSET_PENDING")
    assert int(answer.headers["retry-after"]) > 0


def test_what_is_pending_is_no_input_yet(api_only_client: httpx.Client) -> None:
    inputs = {"media_asset_id": ordered(api_only_client)["id"]}
    answer = api_only_client.post("/jobs", json={"type": "probe", "inputs": inputs})
    error = refused(answer, 409, "ASSET_PENDING")
    assert error["details"]["field"] == "inputs.media_asset_id"


def test_deleting_what_is_pending_takes_its_name_at_the_media_server_too(
    api_only_client: httpx.Client,
) -> None:
    before = {asset["id"] for asset in api_only_client.get("/assets").json()["assets"]}
    form = {"media_type": (None, "video"), "url": (None, URL)}
    answer = api_only_client.post("/api/v1/media/storage", files=form)
    assert answer.status_code == 200, answer.text
    status = f"/api/v1/media/storage/{answer.json()['file_id']}/status"
    assert api_only_client.get(status).json() == {"status": "processing"}
    after = {asset["id"] for asset in api_only_client.get("/assets").json()["assets"]}
    (asset_id,) = after - before
    assert api_only_client.delete(f"/assets/{asset_id}").status_code == 204
    assert api_only_client.get(status).json() == {"status": "not_found"}


def test_a_url_that_is_none_is_refused_at_the_media_server_too(
    api_only_client: httpx.Client,
) -> None:
    form = {"media_type": (None, "video"), "url": (None, "http://[")}
    answer = api_only_client.post("/api/v1/media/storage", files=form)
    assert answer.status_code == 400, answer.text
    assert answer.json() == {"error": "url: This is not a URL."}


def test_deleting_what_is_pending_cancels_its_job(api_only_client: httpx.Client) -> None:
    asset = ordered(api_only_client)
    assert api_only_client.delete(f"/assets/{asset['id']}").status_code == 204
    assert api_only_client.get(f"/jobs/{asset['job_id']}").json()["job"]["status"] == "CANCELLED"
    refused(api_only_client.get(f"/assets/{asset['id']}"), 404, "ASSET_NOT_FOUND")
    refused(api_only_client.delete(f"/assets/{asset['id']}"), 404, "ASSET_NOT_FOUND")


def test_with_its_job_cancelled_it_has_failed_and_can_be_deleted(
    api_only_client: httpx.Client,
) -> None:
    asset = ordered(api_only_client)
    assert api_only_client.post(f"/jobs/{asset['job_id']}/cancel").is_success
    told = api_only_client.get(f"/assets/{asset['id']}").json()["asset"]
    assert told["status"] == "failed"
    assert "cancelled" in told["error"]["message"]
    refused(api_only_client.get(f"/assets/{asset['id']}/content"), 404, "ASSET_NOT_FOUND")
    assert api_only_client.delete(f"/assets/{asset['id']}").status_code == 204
    refused(api_only_client.get(f"/assets/{asset['id']}"), 404, "ASSET_NOT_FOUND")


def test_lists_have_promised_ones_in_their_place(api_only_client: httpx.Client) -> None:
    label = f"in order {uuid.uuid4().hex}"
    made = [
        _uploaded(api_only_client, label),
        ordered(api_only_client, label=label)["id"],
        _uploaded(api_only_client, label),
    ]
    whole = api_only_client.get("/assets", params={"q": label}).json()["assets"]
    assert [asset["id"] for asset in whole] == made[::-1]

    first = api_only_client.get("/assets", params={"q": label, "limit": 2}).json()
    rest = {"q": label, "limit": 2, "cursor": first["next_cursor"]}
    second = api_only_client.get("/assets", params=rest).json()
    assert [asset["id"] for asset in first["assets"] + second["assets"]] == made[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(("status", "at"), [("ready", 0), ("pending", 1), ("failed", 2)])
def test_lists_can_be_asked_for_one_status(
    api_only_client: httpx.Client, status: str, at: int
) -> None:
    label = f"by status {uuid.uuid4().hex}"
    pending, failed = ordered(api_only_client, label=label), ordered(api_only_client, label=label)
    api_only_client.post(f"/jobs/{failed['job_id']}/cancel")
    made = [_uploaded(api_only_client, label), pending["id"], failed["id"]]
    found = api_only_client.get("/assets", params={"q": label, "status": status}).json()["assets"]
    assert [(asset["id"], asset["status"]) for asset in found] == [(made[at], status)]


def _uploaded(api_only_client: httpx.Client, label: str) -> str:
    form = {"kind": "other", "label": label}
    answer = api_only_client.post("/assets", data=form, files={"file": ("a.txt", b"some words")})
    assert answer.status_code == 201, answer.text
    assert answer.json()["asset"]["status"] == "ready"
    asset_id: str = answer.json()["asset"]["id"]
    return asset_id


def test_the_same_key_gives_the_same_asset(api_only_client: httpx.Client) -> None:
    key = uuid.uuid4().hex
    first, second = order(api_only_client, key), order(api_only_client, key)
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()
    refused(order(api_only_client, key, label="another"), 422, "IDEMPOTENCY_MISMATCH")


@pytest.mark.parametrize(
    ("fields", "status", "code", "field"),
    [
        ({"url": "file:///etc/passwd"}, 422, "URL_REFUSED", "url"),
        ({"url": "https://example.com:22/"}, 422, "URL_REFUSED", "url"),
        ({"url": "http://a@example.com/"}, 422, "URL_REFUSED", "url"),
        ({"url": 7}, 400, "VALIDATION_ERROR", "url"),
        ({"url": None}, 400, "VALIDATION_ERROR", "url"),
        ({"kind": "film"}, 400, "VALIDATION_ERROR", "kind"),
        ({"label": "\u0007"}, 400, "VALIDATION_ERROR", "label"),
        ({"lable": "x"}, 400, "VALIDATION_ERROR", "lable"),
    ],
)
def test_a_bad_order_is_told_by_its_field(
    api_only_client: httpx.Client, fields: dict[str, Any], status: int, code: str, field: str
) -> None:
    assert refused(order(api_only_client, **fields), status, code)["details"]["field"] == field


def test_an_own_url_of_nothing_is_not_found(api_only_client: httpx.Client) -> None:
    url = f"{api_only_client.base_url}/assets/ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF/content"
    error = refused(order(api_only_client, url=url), 404, "ASSET_NOT_FOUND")
    assert error["details"]["field"] == "url"
    assert "inputs." not in error["message"]
