"""Single frames of compositions: drawn at once from assets, or refused with the field."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from gala.client import GalaClient
from tests.platform.stack import Stack
from tests.support.films import is_near
from tests.support.leak_check import connect
from tests.support.lotties import dotlottie

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
    assert draw(api, params, at="00:00:01:05", format="webp", width=32).content == answer.content
    # Sums of times have such ends.
    assert draw(api, params, at="1.5000000000000002", format="webp", width=32).is_success
    assert (count(shared_stack, "jobs"), count(shared_stack, "assets")) == (jobs, assets)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"at": 5}, "at"),
        ({"at": "soon"}, "at"),
        ({"at": "00:00:00:30"}, "at"),
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


def uploaded(api: httpx.Client, name: str, content: bytes, mime: str) -> str:
    """Return the id of an asset with the content."""
    files = {"file": (name, content, mime)}
    answer = api.post("/assets", files=files, data={"kind": "other"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["asset"]["id"])


def colors(answer: httpx.Response) -> list[tuple[int, ...]]:
    """Return the colors of a frame at a quarter and at three quarters of its width."""
    assert answer.status_code == 200, answer.text
    with Image.open(io.BytesIO(answer.content)) as picture:
        shown = picture.convert("RGB")
        return [shown.getpixel((x, 32)) for x in (16, 48)]  # type: ignore[misc]


def test_animations_of_an_uploaded_file_are_drawn_at_their_time(api: httpx.Client) -> None:
    packed = dotlottie({"red": (1, 0, 0), "blue": (0, 0, 1)})
    asset = uploaded(api, "a.lottie", packed, "application/zip")
    # A square is on the left in the first half of a second, and then on the right.
    for name, color in (("red", (255, 0, 0)), ("blue", (0, 0, 255)), (None, (255, 0, 0))):
        chosen = {} if name is None else {"animation": name}
        params = one(type="lottie", src=asset, **chosen)
        early, late = colors(draw(api, params, at=0.2)), colors(draw(api, params, at=0.7))
        assert is_near(early[0], color), (name, early)
        assert is_near(late[1], color), (name, late)
        assert is_near(early[1], (0, 0, 0))
        assert is_near(late[0], (0, 0, 0))
    refused = draw(api, one(type="lottie", src=asset, animation="rde"))
    assert refused.status_code == 422, refused.text
    error = refused.json()["error"]
    assert error["details"]["field"].endswith("animation"), error
    assert "'red'" in str(error), error


def test_a_table_of_colors_may_be_uploaded_as_plain_text(api: httpx.Client, photo: str) -> None:
    swapped = "".join(f"{b} {g} {r}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
    table = uploaded(api, "look.cube", f"LUT_3D_SIZE 2\n{swapped}".encode(), "text/plain")
    shown = colors(draw(api, one(type="image", src=photo, lut=table, duration=1)))
    assert is_near(shown[0], (0, 0, 255)), shown


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


def test_a_plan_warns_of_what_the_renderer_would_refuse(api: httpx.Client) -> None:
    clips = [
        {"type": "text", "text": "x", "font": "Nope"},
        {"type": "html", "html": "<p>Hello</p>"},
        {"type": "voice", "text": "Hello", "voice": "en-uss"},
        {"type": "text", "text": "Привет, 你好"},
        {"type": "countdown", "from": 3, "end_text": "\U00012000"},
    ]
    answer = api.post("/timeline/plan", json={"params": {"tracks": [{"clips": clips}]}})
    assert answer.status_code == 200, answer.text
    warnings = answer.json()["plan"]["warnings"]
    assert [one["pointer"] for one in warnings if one["code"] == "not_rendered"] == [
        "/tracks/0/clips/2/voice",
        "/tracks/0/clips/0/font",
        "/tracks/0/clips/1",
    ]
    unknown = [one["pointer"] for one in warnings if one["code"] == "missing_characters"]
    assert unknown == ["/tracks/0/clips/4"]
