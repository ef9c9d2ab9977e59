"""Single frames of compositions: drawn at once from assets, or refused with the field."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from gala.client import GalaClient
from tests.platform.stack import Stack
from tests.support.leak_check import connect

UNKNOWN_ASSET = "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"
OUTPUT = {"format": {"width": 64, "height": 64, "fps": 10}}


@pytest.fixture(scope="module")
def photo(api: httpx.Client) -> str:
    """The id of a red picture."""
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "#ff0000").save(content, "PNG")
    answer = api.post(
        "/assets", files={"file": ("a.png", content.getvalue())}, data={"kind": "background"}
    )
    assert answer.status_code == 201, answer.text
    asset_id: str = answer.json()["asset"]["id"]
    return asset_id


def draw(api: httpx.Client, params: dict[str, Any], **query: Any) -> httpx.Response:
    body = {"params": params, "output": OUTPUT}
    return api.post("/timeline/frame", params={"at": 0, **query}, json=body)


def one(**clip: Any) -> dict[str, Any]:
    return {"tracks": [{"clips": [clip]}]}


def count(stack: Stack, table: str) -> int:
    with connect(stack) as database:
        row = database.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def test_a_frame_is_drawn_from_an_asset_without_a_job(
    api: httpx.Client, shared_stack: Stack, photo: str
) -> None:
    jobs, assets = count(shared_stack, "jobs"), count(shared_stack, "assets")
    params = one(type="image", src=photo, duration=2)
    answer = draw(api, params, at="0:01.5", format="webp", width=32)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (32, 32))
        red, green, _ = picture.convert("RGB").getpixel((16, 16))  # type: ignore[misc]
        assert (red > 230, green < 25) == (True, True)
    assert draw(api, params, at=1.5, format="webp", width=32).content == answer.content
    assert (count(shared_stack, "jobs"), count(shared_stack, "assets")) == (jobs, assets)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"at": 5}, "at"),
        ({"at": "soon"}, "at"),
        ({"format": "gif"}, "format"),
        ({"width": 1}, "width"),
        ({"heigth": 9}, "heigth"),
    ],
)
def test_a_frame_that_cannot_be_drawn_is_refused_by_its_field(
    api: httpx.Client, query: dict[str, Any], field: str
) -> None:
    answer = draw(api, one(type="shape", color="red", duration=5), **query)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["details"]["field"] == field


@pytest.mark.parametrize(
    ("clip", "status", "words"),
    [
        ({"type": "image", "src": UNKNOWN_ASSET}, 404, "no asset"),
        ({"type": "image", "src": "https://example.org/a.png"}, 400, "Import the file"),
        ({"type": "image", "src": "a.png"}, 400, "Upload the file"),
        (
            {"type": "presenter", "model": UNKNOWN_ASSET.replace("ast", "mdl"), "text": "x"},
            404,
            "model",
        ),
        ({"type": "waveform"}, 400, "/tracks/0/clips/0"),
    ],
)
def test_files_are_assets_and_mistakes_are_those_of_jobs(
    api: httpx.Client, clip: dict[str, Any], status: int, words: str
) -> None:
    answer = draw(api, one(**clip))
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert words in error["message"]
    assert error["details"]["field"].startswith("params.tracks.0.clips.0")


def test_a_damaged_file_is_named(api: httpx.Client) -> None:
    files = {"file": ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 100)}
    uploaded = api.post("/assets", files=files, data={"kind": "background"})
    assert uploaded.status_code == 201, uploaded.text
    answer = draw(api, one(type="image", src=uploaded.json()["asset"]["id"], duration=1))
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["details"]["field"] == "params.tracks.0.clips.0.src"


def test_the_python_client_draws_a_frame(api: httpx.Client, photo: str) -> None:
    with GalaClient(str(api.base_url)) as client:
        picture = client.timeline_frame(
            one(type="image", src=photo), 1, format="jpeg", output={"aspect_ratio": "1:1"}, width=50
        )
    with Image.open(io.BytesIO(picture)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (50, 50))
