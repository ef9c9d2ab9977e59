"""The request that ``gala submit`` sends, against canned responses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from gala.cli.app import app
from gala.cli.commands import submit
from gala.client import GalaClient, Job
from gala.errors import EngineMissing

ASSET = "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"
JOB: dict[str, Any] = {
    "id": "job_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "type": "tts",
    "status": "FAILED",
    "phase": "ended",
    "progress": 0.0,
    "attempt": 1,
    "created_at": "2026-01-01T00:00:00Z",
    "error": {"code": "ENGINE_MISSING", "message": "no voice", "hint": "install one"},
}


def submitted(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> dict[str, Any]:
    """Return the body of the request of ``gala submit`` with these arguments."""
    bodies = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            bodies.append(json.loads(request.content))
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text="")
        return httpx.Response(200, json={"job": JOB})

    monkeypatch.setattr(
        submit,
        "connect",
        lambda _: GalaClient("http://gala", transport=httpx.MockTransport(answer)),
    )
    app(["submit", *arguments], standalone_mode=False)
    return dict(bodies[0])


def test_inputs_and_params_are_said_as_their_type_says_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "https://example.org/a.mp4"
    body = submitted(
        monkeypatch,
        *("concatenate", "-i", f"clips={ASSET}", "-i", f"clips={ASSET}", "-p", "a.b:=1"),
        *("--no-wait",),
    )
    assert body["inputs"] == {"clips_asset_ids": [ASSET, ASSET]}
    assert body["params"] == {"a": {"b": 1}}
    thumbnail = submitted(monkeypatch, "thumbnail", "-i", f"video={url}", "--no-wait")
    assert thumbnail["inputs"] == {"video_url": url}
    template = submitted(monkeypatch, "--template", "tpl_x", "-i", f"bg={ASSET}", "--no-wait")
    assert template["inputs"] == {"bg_asset_id": ASSET}


def test_a_job_that_failed_tells_its_own_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(EngineMissing, match="no voice") as failed:
        submitted(monkeypatch, "tts", "-p", "text=Hi")
    assert failed.value.hint == "install one"


def test_a_file_ends_as_what_it_is() -> None:
    job = Job.model_validate({**JOB, "outputs": []})
    assert submit._file_name(job, 0, "audio", "audio/ogg") == f"{JOB['id']}-audio.ogg"
    assert Path(submit._file_name(job, 0, "audio", None)).suffix == ""
