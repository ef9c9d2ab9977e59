"""The HTTP interface of the renderer."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest
from PIL import Image

from tests.integration.renderer.service import SMALL, Attempt, RendererProcess

STILL = {"type": "hello_render", "params": {"text": "hi"}, "format": SMALL}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/health"])
def test_it_says_that_it_lives(renderer: RendererProcess, path: str) -> None:
    assert renderer.client.get(path).json()["status"] == "ok"


def test_deep_health_tells_what_it_works_with(renderer: RendererProcess) -> None:
    health = renderer.client.get("/health", params={"deep": "true"}).json()
    checks = health["checks"]
    assert health["status"] == "ok", checks
    assert checks["sandbox"]["level"] in {"limits", "landlock", "namespaces"}
    assert "libx264" in checks["ffmpeg"]["encoders"]
    assert checks["ffmpeg"]["version"]
    assert "Noto Sans" in checks["fonts"]["families"]
    assert {"nvenc", "qsv"} <= {*checks["encoders"]["hardware"], *checks["encoders"]["without"]}
    assert "espeak" in checks["speech"]["engines"]
    assert "CHATTERBOX_URL" in checks["speech"]["without"]["chatterbox"]
    assert checks["disk"]["free_bytes"] > 0
    assert checks["slots"]["total"] == 2


def test_types_of_other_distributions_are_known(renderer: RendererProcess) -> None:
    types = renderer.client.get("/types").json()["types"]
    assert {"hello_render", "test_film", "test_noop"} <= set(types)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"params": {}}, "params.text"),
        ({"params": {"text": 7}}, "params.text"),
        ({"params": {"text": "hi", "colour": "red"}}, "params.colour"),
        ({"params": {"text": "hi", "text_color": "red"}}, "params.text_color"),
        ({"type": "nothing"}, "type"),
        ({"job_id": "../../etc"}, "job_id"),
        ({"inputs": {"bg": [{"path": "in/../../x", "mime": "a/b"}]}}, "inputs.bg.0.path"),
        ({"inputs": {"bg": [{"path": "/etc/passwd", "mime": "a/b"}]}}, "inputs.bg.0.path"),
        ({"format": {"width": 17, "height": 16, "fps": 1}}, "format.width"),
        ({"deadline_seconds": 0}, "deadline_seconds"),
        ({"inputs": {"nope": [{"path": "in/a", "mime": "a/b"}]}}, "inputs.nope"),
    ],
)
def test_a_wrong_request_is_answered_with_the_field(
    renderer: RendererProcess, attempt: Attempt, change: dict[str, Any], field: str
) -> None:
    answer = renderer.client.post("/render", json=attempt.request() | change)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["details"]["field"]) == ("VALIDATION_ERROR", field)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_what_is_no_request_is_refused(renderer: RendererProcess, body: bytes) -> None:
    assert renderer.client.post("/render", content=body).status_code == 400


def test_a_body_too_large_is_refused(renderer: RendererProcess) -> None:
    answer = renderer.client.post("/render", content=b" " * (2 << 20))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "NOT_FOUND"), ("GET", "/render", 405, "METHOD_NOT_ALLOWED")],
)
def test_errors_come_in_the_envelope(
    renderer: RendererProcess, method: str, path: str, status: int, code: str
) -> None:
    answer = renderer.client.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(("mime", "kind"), [("image/jpeg", "JPEG"), ("image/png", "PNG")])
def test_a_single_frame_is_streamed_without_a_job(
    renderer: RendererProcess, mime: str, kind: str
) -> None:
    answer = renderer.client.post("/stream", json=STILL | {"mime": mime})
    assert (answer.status_code, answer.headers["content-type"]) == (200, mime)
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size) == (kind, (160, 284))


def test_a_frame_is_that_of_its_moment(renderer: RendererProcess) -> None:
    def brightest(at_ms: int) -> int:
        answer = renderer.client.post("/stream", json=STILL | {"at_ms": at_ms, "mime": "image/png"})
        with Image.open(io.BytesIO(answer.content)) as picture:
            extrema = picture.convert("L").getextrema()
            assert isinstance(extrema[1], int)
            return extrema[1]

    early, middle, late = brightest(0), brightest(200), brightest(10**7)
    assert early < 20 < middle < 200 < 230 < late


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"params": {}}, "params.text"),
        ({"type": "test_noop", "params": {}}, "type"),
        ({"at_ms": -1}, "at_ms"),
        ({"mime": "image/svg+xml"}, "mime"),
        ({"inputs": {}}, "inputs"),
    ],
)
def test_a_frame_that_cannot_be_shown_is_an_error_before_any_byte(
    renderer: RendererProcess, change: dict[str, Any], field: str
) -> None:
    answer = renderer.client.post("/stream", json=STILL | change)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == field


def test_a_type_without_ffmpeg_is_made_by_python(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    result = renderer.render(attempt.request("test_noop", params={"size": 1000}))
    assert result.outputs["video"].size == 1000
    assert json.loads(result.last.model_dump_json()) == {"event": "done"}


ROUTES = [
    *(("GET", path) for path in ("/livez", "/readyz", "/health", "/types", "/voices", "/fonts")),
    *(("POST", path) for path in ("/render", "/stream", "/speech", "/timeline/frame")),
    ("PUT", f"/files/{64 * '0'}"),
    ("DELETE", "/render/job_1/1"),
    ("GET", "/nothing"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    ("headers", "status", "part"),
    [
        ({"Host": "attacker.example"}, 421, "RENDERER_ALLOWED_HOSTS"),
        ({"Origin": "https://attacker.example"}, 403, "web pages"),
    ],
)
def test_no_route_answers_web_pages(
    renderer: RendererProcess,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
    part: str,
) -> None:
    body = {"text": "hi", "engine": "openai"}
    answer = renderer.client.request(method, path, headers=headers, json=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == "FORBIDDEN"
    assert part in error["message"] + error["details"]["hint"]


def test_a_file_is_kept_only_if_it_is_whole(renderer: RendererProcess) -> None:
    content = b"not a picture"
    sha256 = hashlib.sha256(content).hexdigest()
    file = {"source": "a", "sha256": sha256, "mime": "image/png"}
    clip = {"type": "image", "src": "a", "duration": 1}
    frame = {"params": {"tracks": [{"clips": [clip]}]}, "frame": SMALL, "at": 0, "files": [file]}
    assert renderer.client.put(f"/files/{sha256}", content=content[:-1]).status_code == 400
    assert renderer.client.put("/files/..", content=content).status_code in {400, 404}
    missing = renderer.client.post("/timeline/frame", json=frame)
    assert missing.status_code == 409
    assert missing.json()["error"]["details"]["missing"] == [sha256]
    for _ in range(2):
        assert renderer.client.put(f"/files/{sha256}", content=content).status_code == 204
    refused = renderer.client.post("/timeline/frame", json=frame)
    assert refused.status_code == 422
    assert refused.json()["error"]["details"]["field"] == "params.tracks.0.clips.0.src"
