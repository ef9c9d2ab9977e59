"""Hostile requests to the media server's routes: rejected in its format, never with 5xx."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from gala.errors import InvalidRequest, UnprocessableMedia
from gala.ids import LOCAL_OWNER
from gala_api.assets import service
from gala_api.dependencies import Services
from gala_api.media_server import files
from gala_api.media_server.errors import ERROR_FORMAT
from tests.contracts.api.media_server_contract import FORMS, MEDIA, UTILS
from tests.platform.stack import Stack
from tests.support.asgi_app import app_on
from tests.support.media_server_client import (
    file_id,
    picture,
    status,
    tiny_film,
    tiny_sound,
    upload,
)

_UUID: Final = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
IDS: Final = (
    "../../etc/passwd",
    "image_../../etc/passwd",
    "image_..%2f..%2fetc%2fpasswd.png",
    f"image_{uuid.UUID(int=5)}.png",
    f"image_{_UUID}.png",
    f"image_{_UUID}.png/../../x",
    f"image_{_UUID}.png\n",
    f"image_{_UUID}.\uff50\uff4e\uff47",
    f"IMAGE_{_UUID}.png",
    "image_" + "a" * 60_000,
    "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "' OR 1=1 --",
    "{{7*7}}",
    "\u202eimage",
    "\ud7ff\U0001f600",
    "-",
)
NUMBERS: Final = (
    "nan",
    "inf",
    "-inf",
    "1e309",
    "-1",
    "9" * 5000,
    "0x10",
    "\u0665",
    "1,5",
    "true",
)
URLS: Final = (
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "http://user:secret@example.com/a.png",
    "http://example.com:22/a.png",
    "http://[::1",
    "http://a.b/c\r\nX-Evil: 1",
    "//example.com/a.png",
    "http://" + "a" * 5000,
    "data:image/png;base64,AAAA",
    "a" * 60_000,
)


def refused(answer: httpx.Response, *codes: int) -> str:
    """Return the error's text, and check its format."""
    assert answer.status_code in (codes or {400, 404, 422}), answer.text[:500]
    told = answer.json()
    if answer.status_code == 422:
        return ".".join(map(str, told["detail"][0]["loc"]))
    assert len(told["error"]) < 1000
    return str(told["error"])


def filled(path: str, **fields: str) -> dict[str, str]:
    """Return a form with all required fields."""
    usual = {"text": "Hi.", "media_type": "image", "url": "http://example.com/a.png"}
    return {
        name: usual.get(name, "x") for name in FORMS[path] if name in fields or name in usual
    } | fields


def _fields(kind: str) -> Iterator[Any]:
    for path, fields in FORMS.items():
        for name, schema in fields.items():
            if kind in str(schema) and "binary" not in str(schema):
                yield pytest.param(path, name, id=f"{path.rpartition('/')[2]}-{name}")


@pytest.mark.parametrize(("path", "name"), [*_fields("'number'"), *_fields("'integer'")])
def test_numbers_that_are_none_are_refused_by_their_name(
    api_only_client: httpx.Client, path: str, name: str
) -> None:
    required = {one for one, schema in FORMS[path].items() if schema == {"type": "string"}}
    form = dict.fromkeys(required, "x") | filled(path)
    for number in NUMBERS:
        answer = api_only_client.post(path, data={**form, name: number})
        assert name in refused(answer, 422)


@pytest.mark.parametrize("name", IDS)
def test_ids_that_name_nothing_lead_nowhere(api_only_client: httpx.Client, name: str) -> None:
    image = upload(api_only_client, "a.png", picture(), "image")
    forms = {
        f"{MEDIA}/video-tools/merge": {"video_ids": name},
        f"{MEDIA}/video-tools/add-colorkey-overlay": {"video_id": name, "overlay_video_id": image},
        f"{MEDIA}/audio-tools/tts/chatterbox": {"text": "Hi.", "sample_audio_id": name},
        f"{UTILS}/make-image-imperfect": {"image_id": name},
        f"{UTILS}/convert/pcm/wav": {"pcm_id": name},
    }
    captioned = f"{MEDIA}/video-tools/generate/tts-captioned-video"
    for path, form in forms.items():
        refused(api_only_client.post(path, data=form), 404)
    refused(api_only_client.post(captioned, data={"background_id": name, "text": "Hi."}), 400, 404)
    refused(api_only_client.post(captioned, data={"background_id": image, "audio_id": name}), 400)
    if len(name) < 1000:
        quoted = quote(name, safe="")
        for method, tail in (("GET", ""), ("GET", "/status"), ("DELETE", "")):
            answer = api_only_client.request(method, f"{MEDIA}/storage/{quoted}{tail}")
            assert answer.status_code in {200, 404, 405}
            assert b"root:" not in answer.content
    assert status(api_only_client, image) == {"status": "ready"}


def test_ten_thousand_ids_are_refused_at_once_and_a_thousand_are_taken(
    api_only_client: httpx.Client, tmp_path: Path
) -> None:
    path = f"{MEDIA}/video-tools/merge"
    unknown = ",".join(f"video_{uuid.uuid4()}.mp4" for _ in range(10_000))
    assert "1000" in refused(api_only_client.post(path, data={"video_ids": unknown}), 400)
    film = upload(api_only_client, "a.mp4", tiny_film(tmp_path).read_bytes(), "video")
    assert "1000" in refused(
        api_only_client.post(path, data={"video_ids": ",".join([film] * 1001)}), 400
    )
    many = file_id(api_only_client.post(path, data={"video_ids": ",".join([film] * 1000)}))
    assert status(api_only_client, many) == {"status": "processing"}
    api_only_client.delete(f"{MEDIA}/storage/{many}")
    pictures = ",".join(f"http://example.com/{number}.png" for number in range(101))
    assert "100" in refused(
        api_only_client.post(f"{UTILS}/stitch-images", data={"image_urls": pictures}), 400
    )


@pytest.mark.parametrize("url", URLS)
def test_urls_that_are_not_fetched_are_refused_before_there_is_a_job(
    api_only_client: httpx.Client, url: str
) -> None:
    before = api_only_client.get("/jobs", params={"limit": 1}).json()["jobs"][:1]
    for path, form in (
        (f"{MEDIA}/storage", {"media_type": "image", "url": url}),
        (f"{MEDIA}/video-tools/extract-frames", {"url": url}),
        (f"{UTILS}/stitch-images", {"image_urls": url}),
    ):
        assert "inputs." not in refused(api_only_client.post(path, data=form), 400)
    assert api_only_client.get("/jobs", params={"limit": 1}).json()["jobs"][:1] == before


@pytest.mark.parametrize("text", ["a\0b", "\x1b[2J", "\u0085", " \t\n", "\x7f", "x" * 100_001])
def test_texts_that_nobody_could_say_are_refused(api_only_client: httpx.Client, text: str) -> None:
    for path in (f"{MEDIA}/audio-tools/tts/kokoro", f"{MEDIA}/audio-tools/tts/chatterbox"):
        assert "text" in refused(api_only_client.post(path, data={"text": text}), 400)


def test_a_blank_text_is_no_text_as_in_the_library(
    api_only_client: httpx.Client, tmp_path: Path
) -> None:
    path = f"{MEDIA}/video-tools/generate/tts-captioned-video"
    image = upload(api_only_client, "a.png", picture(), "image")
    form = {"background_id": image, "text": " \t\n"}
    assert "text or audio_id" in refused(api_only_client.post(path, data=form), 400)
    sound = upload(api_only_client, "a.wav", tiny_sound(tmp_path).read_bytes(), "audio")
    video = file_id(api_only_client.post(path, data={**form, "audio_id": sound}))
    (job,) = api_only_client.get("/jobs", params={"limit": 1}).json()["jobs"]
    assert job["type"] == "captioned_video"
    assert "text" not in job["params"]
    api_only_client.delete(f"{MEDIA}/storage/{video}")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"text": "Hi."}', "application/json"),
        (b"text=Hi.", "text/plain"),
        (b"text=Hi.", ""),
        (b"text=%ff%fe", "application/x-www-form-urlencoded"),
        (b"text=%ED%A0%80", "application/x-www-form-urlencoded"),
        (b"text=Hi.&text=Ho.", "application/x-www-form-urlencoded"),
        (b"text=Hi.&" + b"a=1&" * 100, "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--y--\r\n", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="text"; filename="a"\r\n\r\nHi.\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_bodies_that_are_no_form_are_refused(
    api_only_client: httpx.Client, content: bytes, kind: str
) -> None:
    headers = {"content-type": kind} if kind else {}
    path = f"{MEDIA}/audio-tools/tts/kokoro"
    refused(api_only_client.post(path, content=content, headers=headers), 400)


def test_a_form_without_end_is_refused(api_only_client: httpx.Client) -> None:
    path = f"{MEDIA}/audio-tools/tts/kokoro"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    refused(api_only_client.post(path, content=b"text=" + b"a" * 1_100_000, headers=headers), 413)


def test_an_upload_asks_for_room_before_it_is_read(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    app = app_on(database_url, redis_url, tmp_path, quota_bytes_stored=1000)
    with TestClient(app, base_url="http://localhost:8080") as client:
        large = {"file": ("a.png", bytes(6_000_000))}
        for path, name in (
            ("/storage", "file"),
            ("/audio-tools/transcribe", "audio_file"),
            ("/audio-tools/tts/chatterbox", "sample_audio_file"),
        ):
            files, form = {name: large["file"]}, {"media_type": "image", "text": "Hi."}
            answer = client.post(f"{MEDIA}{path}", files=files, data=form)
            assert "only 1000 more bytes" in refused(answer, 403)
            assert answer.headers["gala-error-code"] == "QUOTA_EXCEEDED"
        kept = upload(client, "a.png", picture(size=(8, 8)), "image")
        assert status(client, kept) == {"status": "ready"}
    assert list(app.state.services.settings.uploads.iterdir()) == []


def test_a_sample_sent_along_stays_no_longer_than_what_is_made_of_it(
    api_only_client: httpx.Client, tmp_path: Path
) -> None:
    before = assets(api_only_client)
    path = f"{MEDIA}/audio-tools/tts/chatterbox"
    sample = {"sample_audio_file": ("a.wav", tiny_sound(tmp_path).read_bytes())}
    assert "text" in refused(api_only_client.post(path, data={"text": " "}, files=sample), 400)
    assert assets(api_only_client) == before
    spoken = file_id(api_only_client.post(path, data={"text": "Hi."}, files=sample))
    assert len(assets(api_only_client)) == len(before) + 2  # the sample, and the promised asset
    api_only_client.delete(f"{MEDIA}/storage/{spoken}")
    assert assets(api_only_client) == before


def test_a_file_that_will_not_do_is_told_by_the_field_that_named_it(
    api_only_client: httpx.Client,
) -> None:
    image = upload(api_only_client, "a.png", picture(), "image")
    said = refused(api_only_client.post(f"{UTILS}/convert/pcm/wav", data={"pcm_id": image}), 400)
    assert said.startswith("pcm_id: ")
    # No transcription engine here; this is its error for a file without sound.
    silent = UnprocessableMedia("inputs.audio_asset_id: this file has no sound.")
    path = f"{MEDIA}/audio-tools/transcribe"
    request = Request({"type": "http", "path": path, "headers": [], "server": ("gala", 80)})
    answer = ERROR_FORMAT.respond(request, 422, silent)
    assert json.loads(answer.body) == {"error": "audio_file: this file has no sound."}


def test_of_frames_that_cannot_all_be_kept_none_is(
    api_only: Stack, api_only_client: httpx.Client, tmp_path: Path
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as frames:
        for name, content in (("1.png", picture()), ("2.png", picture()), ("3.png", b"no frame")):
            frames.writestr(name, content)
    form = {"files": {"file": ("frames.zip", archive.getvalue())}, "data": {"kind": "other"}}
    asset_id = api_only_client.post("/assets", **form).json()["asset"]["id"]
    before = assets(api_only_client)
    services = inside(api_only, tmp_path)
    kept = service.find(services.sessions, LOCAL_OWNER, asset_id)
    with pytest.raises(InvalidRequest, match="not image"):
        files.keep_archive(services, LOCAL_OWNER, kept)
    assert assets(api_only_client) == before
    assert list(services.settings.uploads.iterdir()) == []


def assets(api_only_client: httpx.Client) -> list[str]:
    return [
        one["id"] for one in api_only_client.get("/assets", params={"limit": 100}).json()["assets"]
    ]


def inside(stack: Stack, root: Path) -> Services:
    """Return the services of that stack's API."""
    known = stack.services
    app = app_on(known.database_url, known.redis_url, root, known.storage_root)
    services: Services = app.state.services
    services.settings.uploads.mkdir(parents=True)
    return services
