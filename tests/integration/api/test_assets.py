"""Assets: upload, find, refer to, delete; failed uploads leave nothing behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.media_files import PICTURE, VIDEO, make
from tests.fakes.raw_http import connected, file_part, post_form
from tests.platform.fixtures import MAX_UPLOAD
from tests.platform.stack import Stack
from tests.support import http
from tests.support.leak_check import connect, contents, nothing_left
from tests.support.wait import wait_until

Upload = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("media") / "a.png", *PICTURE).read_bytes()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("media") / "a.mp4", *VIDEO).read_bytes()


def post(
    api_only_client: httpx.Client, content: bytes, *, name: str = "a.bin", **form: str
) -> httpx.Response:
    return api_only_client.post("/assets", files={"file": (name, content)}, data=form)


@pytest.fixture
def upload(api_only_client: httpx.Client) -> Upload:
    def send(content: bytes, **form: str) -> dict[str, Any]:
        answer = post(api_only_client, content, **form)
        assert answer.status_code == 201, answer.text
        asset: dict[str, Any] = answer.json()["asset"]
        return asset

    return send


def test_the_first_job_that_uses_an_upload_finds_out_what_it_contains(
    api: httpx.Client, video: bytes, picture: bytes
) -> None:
    def stored(content: bytes, kind: str) -> dict[str, Any]:
        asset: dict[str, Any] = post(api, content, kind=kind).json()["asset"]
        return asset

    clips = [stored(video, "source_video"), stored(picture, "background")]
    for asset in clips:
        assert {asset[name] for name in ("duration_ms", "width", "height", "fps")} == {None}
        link = asset["content_url"]
        assert api.get(link).content == (video if asset is clips[0] else picture)
    body = {
        "type": "concatenate",
        "inputs": {"clips_asset_ids": [asset["id"] for asset in clips]},
        "params": {"still_seconds": 0.5},
    }
    job = api.post("/jobs", json=body, headers={"Prefer": "wait=30"}).json()["job"]
    assert job["status"] == "DONE", job
    film, still = (api.get(f"/assets/{asset['id']}").json()["asset"] for asset in clips)
    assert (film["width"], film["height"], film["fps"]) == (128, 96, 25)
    assert film["duration_ms"] == 400
    assert (still["duration_ms"], still["fps"]) == (None, None)
    assert (still["width"], still["height"]) == (32, 32)
    listed = {asset["id"]: asset for asset in api.get("/assets").json()["assets"]}
    assert listed[film["id"]] == film


def test_an_upload_becomes_an_asset_and_comes_back_byte_for_byte(
    api_only_client: httpx.Client, api_only: Stack, upload: Upload, picture: bytes
) -> None:
    asset = upload(picture, name="söng.mp4", kind="background", label="sea at dusk")
    digest = sha256(picture).hexdigest()
    public_url = api_only.base_url.replace("127.0.0.1", "localhost")
    assert asset | {"created_at": ""} == {
        "id": asset["id"],
        "kind": "background",
        "provider": "localfs",
        "object_key": f"assets/{asset['id']}/{digest}.png",
        "mime": "image/png",
        "size_bytes": len(picture),
        "checksum": digest,
        "label": "sea at dusk",
        "filename": "söng.mp4",
        "job_id": None,
        "status": "ready",
        "error": None,
        "created_at": "",
        **dict.fromkeys(("duration_ms", "width", "height", "fps", "speech")),
        "content_url": f"{public_url}/assets/{asset['id']}/content",
    }
    assert api_only_client.get(f"/assets/{asset['id']}").json() == {"asset": asset}
    where = api_only_client.get(f"/assets/{asset['id']}/url").json()
    assert where["asset_id"] == asset["id"]
    content = api_only_client.get(where["url"])
    assert content.content == picture
    assert content.headers["content-type"] == "image/png"
    assert content.headers["etag"] == f'"{digest}"'
    stored = api_only.services.storage_root / asset["object_key"]
    assert stored.read_bytes() == picture


def test_a_part_of_an_asset_comes_alone(
    api_only_client: httpx.Client, upload: Upload, picture: bytes
) -> None:
    asset = upload(picture, kind="overlay")
    answer = api_only_client.get(f"/assets/{asset['id']}/content", headers={"Range": "bytes=-5"})
    assert answer.status_code == 206
    assert answer.content == picture[-5:]
    head = api_only_client.head(f"/assets/{asset['id']}/content?download=true")
    assert head.status_code == 200
    assert head.headers["content-length"] == str(len(picture))
    assert head.headers["content-disposition"].startswith("attachment")
    beyond = api_only_client.get(
        f"/assets/{asset['id']}/content", headers={"Range": "bytes=9999999-"}
    )
    assert beyond.status_code == 416
    assert beyond.json()["error"]["code"] == "RANGE_NOT_SATISFIABLE"
    assert beyond.headers["content-range"] == f"bytes */{len(picture)}"


@pytest.mark.parametrize(
    ("content", "form", "status", "field", "says"),
    [
        (b"hello", {}, 400, "kind", "required"),
        (b"hello", {"kind": "musik"}, 400, "kind", '"did_you_mean":"music"'),
        (b"hello", {"kind": "other", "labl": "x"}, 400, "labl", '"did_you_mean":"label"'),
        (b"hello", {"kind": "other", "label": "a\nb"}, 400, "label", "control characters"),
        (b"hello", {"kind": "other", "label": "a" * 201}, 400, "label", "200 characters"),
        (b"hello", {"kind": "other", "label": "a\0"}, 400, "label", "NUL"),
        (b"", {"kind": "other"}, 400, "file", "empty"),
        (b"hello", {"kind": "source_video"}, 415, "file", "text/plain"),
        (b"hello", {"kind": "captions"}, 415, "file", "SRT"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), {"kind": "music"}, 415, "file", "image/png"),
    ],
)
def test_a_wrong_upload_is_refused_and_leaves_nothing(
    api_only_client: httpx.Client,
    api_only: Stack,
    content: bytes,
    form: dict[str, str],
    status: int,
    field: str,
    says: str,
) -> None:
    with nothing_left(api_only):
        answer = post(api_only_client, content, name="film.mp4", **form)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["details"]["field"] == field
    assert says in answer.text


@pytest.mark.parametrize(
    ("headers", "body", "says"),
    [
        ({"content-type": "text/plain"}, b"{}", "multipart/form-data"),
        ({"content-type": "application/json"}, b"{}", "url"),
        ({"content-type": "multipart/form-data"}, b"x", "boundary"),
        ({"content-type": "multipart/form-data; boundary=b"}, b"x", "malformed"),
        ({"content-type": "multipart/form-data; boundary=b"}, b"--b\r\nfoo", "closing boundary"),
        ({"content-type": "multipart/form-data; boundary=b"}, b"", "closing boundary"),
        ({"content-type": "multipart/form-data; boundary=b"}, b"--b--\r\n", "file"),
    ],
)
def test_a_broken_form_is_refused_and_leaves_nothing(
    api_only_client: httpx.Client, api_only: Stack, headers: dict[str, str], body: bytes, says: str
) -> None:
    with nothing_left(api_only):
        answer = api_only_client.post("/assets", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert says in answer.json()["error"]["message"]


def test_an_upload_that_is_too_large_is_refused_and_leaves_nothing(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    with nothing_left(api_only):
        answer = post(api_only_client, bytes(MAX_UPLOAD + 1), kind="other")
    assert answer.status_code == 413
    assert answer.json()["error"]["details"]["max_bytes"] == MAX_UPLOAD


def test_an_upload_that_is_cut_off_half_way_leaves_nothing(api_only: Stack) -> None:
    with nothing_left(api_only), connected(api_only.base_url) as connection:
        connection.sendall(post_form("/assets", "Content-Length: 20000000"))
        connection.sendall(file_part("a.bin") + os.urandom(3_000_000))
        wait_until(lambda: contents(api_only)["uploads"], 5, what="the upload has begun")


def test_the_newest_come_first_and_filters_narrow(
    api_only_client: httpx.Client, upload: Upload, picture: bytes
) -> None:
    made = [upload(picture, kind="thumbnail", label=f"Ñandú {n}") for n in range(3)]
    query: dict[str, Any] = {"kind": "thumbnail", "q": "ñandú"}
    listed = api_only_client.get("/assets", params=query).json()
    assert [one["id"] for one in listed["assets"]] == [one["id"] for one in reversed(made)]
    assert listed["next_cursor"] is None
    assert api_only_client.get("/assets", params=query | {"kind": "music"}).json()["assets"] == []
    second = api_only_client.get("/assets", params=query | {"limit": 1, "offset": 1}).json()
    assert [one["id"] for one in second["assets"]] == [made[1]["id"]]


def test_the_same_bytes_twice_are_two_assets_that_go_one_by_one(
    api_only_client: httpx.Client, upload: Upload, picture: bytes
) -> None:
    first, second = (upload(picture, kind="overlay") for _ in range(2))
    assert first["id"] != second["id"]
    assert api_only_client.delete(f"/assets/{first['id']}").status_code == 204
    assert api_only_client.get(f"/assets/{second['id']}/content").content == picture


def job_with(api_only_client: httpx.Client, asset_id: str) -> Iterator[None]:
    body = {"params": {"text": "x"}, "inputs": {"bg_asset_id": asset_id}}
    answer = api_only_client.post("/jobs", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["job"]["inputs"] == {"bg_asset_id": asset_id}
    yield
    assert api_only_client.post(f"/jobs/{answer.json()['job']['id']}/cancel").status_code == 200


def model_with(api_only_client: httpx.Client, asset_id: str) -> Iterator[None]:
    body = {"stage_name": "Luna", "preset": {"default_bg_asset_id": asset_id}}
    answer = api_only_client.post("/models", json=body)
    yield
    assert api_only_client.delete(f"/models/{answer.json()['model']['id']}").status_code == 204


def listed_by_model(api_only_client: httpx.Client, asset_id: str) -> Iterator[None]:
    answer = api_only_client.post("/models", json={"stage_name": "Luna", "asset_ids": [asset_id]})
    path = f"/models/{answer.json()['model']['id']}"
    yield
    assert api_only_client.patch(path, json={"asset_ids": []}).status_code == 200


def template_with(api_only_client: httpx.Client, asset_id: str) -> Iterator[None]:
    body = {"type": "hello_render", "name": asset_id, "defaults": {"bg_asset_id": asset_id}}
    answer = api_only_client.post("/templates", json=body)
    yield
    assert (
        api_only_client.delete(f"/templates/{answer.json()['template']['id']}").status_code == 204
    )


@pytest.mark.parametrize("user", [job_with, model_with, listed_by_model, template_with])
def test_an_asset_in_use_stays_and_goes_once_nobody_uses_it(
    api_only_client: httpx.Client,
    api_only: Stack,
    upload: Upload,
    picture: bytes,
    user: Callable[[httpx.Client, str], Iterator[None]],
) -> None:
    asset = upload(picture, kind="background")
    use = user(api_only_client, asset["id"])
    next(use)
    refused = api_only_client.delete(f"/assets/{asset['id']}")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "ASSET_IN_USE"
    assert "Delete or change" in refused.json()["error"]["details"]["hint"]
    assert api_only_client.get(f"/assets/{asset['id']}/content").content == picture
    next(use, None)
    assert api_only_client.delete(f"/assets/{asset['id']}").status_code == 204
    assert api_only_client.get(f"/assets/{asset['id']}").status_code == 404
    assert not (api_only.services.storage_root / asset["object_key"]).exists()
    with connect(api_only) as connection:
        left = connection.execute(
            "SELECT count(*) FROM objects WHERE object_key = %s", [asset["object_key"]]
        )
        assert left.fetchone() == (0,)


def test_an_input_has_to_be_of_the_right_media(
    api_only_client: httpx.Client, api_only: Stack, upload: Upload, video: bytes
) -> None:
    asset = upload(video, kind="source_video")
    body = {"params": {"text": "x"}, "inputs": {"overlay_asset_id": asset["id"]}}
    with nothing_left(api_only):
        answer = api_only_client.post("/jobs", json=body)
    assert answer.status_code == 415
    error = answer.json()["error"]
    assert error["code"] == "UNSUPPORTED_MEDIA"
    assert error["details"]["field"] == "inputs.overlay_asset_id"
    assert "hello_render requires image here" in error["message"]


def test_a_storage_that_is_down_refuses_uploads_and_keeps_nothing(
    make_stack: Callable[..., Stack], tmp_path: Path, picture: bytes
) -> None:
    stack = make_stack()
    stack.start("api")
    root = stack.services.storage_root
    with http.Client(base_url=stack.base_url, trust_env=False) as client:
        assert post(client, picture, kind="overlay").status_code == 201
        root.rename(tmp_path / "elsewhere")
        root.write_text("not a folder any more")
        answer = post(client, picture, kind="overlay")
        assert answer.status_code in {502, 503}, answer.text
        assert answer.json()["error"]["code"] in {"STORAGE_FAILED", "UNAVAILABLE"}
        with connect(stack) as connection:
            assert connection.execute("SELECT count(*) FROM assets").fetchone() == (1,)
        assert list((stack.services.data_root / "uploads").iterdir()) == []
        root.unlink()
        (tmp_path / "elsewhere").rename(root)
        assert post(client, picture, kind="overlay").status_code == 201
