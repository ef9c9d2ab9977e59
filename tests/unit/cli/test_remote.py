"""A server as a maker, in moments that a real one cannot be hit in: it gives canned answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from gala.cli.making.remote import RemoteMaker
from gala.client import GalaClient
from gala.engine import MediaOrder
from gala.errors import Unavailable

JOB = {
    "id": "job_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "type": "tts",
    "status": "CANCELLED",
    "phase": "ended",
    "progress": 0.0,
    "attempt": 1,
    "created_at": "2026-01-01T00:00:00Z",
}
ORDER = MediaOrder(type="tts", params={"text": "Hi"}, outputs={"audio": Path("x.wav")})


def make(answer: Callable[[httpx.Request], httpx.Response]) -> None:
    with GalaClient("http://gala", transport=httpx.MockTransport(answer)) as client:
        RemoteMaker(client).make(ORDER, lambda _: None)


def test_a_job_whose_submission_was_interrupted_is_found_again_and_cancelled() -> None:
    keys, cancelled = [], []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/jobs":
            keys.append(request.headers["Idempotency-Key"])
            if len(keys) == 1:
                raise KeyboardInterrupt
        if request.url.path.endswith("/cancel"):
            cancelled.append(request.url.path)
        return httpx.Response(200, json={"job": JOB})

    with pytest.raises(KeyboardInterrupt):
        make(answer)
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert cancelled == [f"/jobs/{JOB['id']}/cancel"]


def test_a_server_that_goes_away_leaves_a_word_about_the_job() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/jobs":
            return httpx.Response(201, json={"job": JOB})
        raise httpx.ConnectError("gone")

    with pytest.raises(Unavailable) as lost:
        make(answer)
    assert JOB["id"] in str(lost.value.hint)


def test_progress_never_falls() -> None:
    lines = [
        *("event: status", 'data: {"status": "RUNNING"}', ""),
        *("event: progress", 'data: {"phase": "rendering", "progress": 0.4}', ""),
        *("event: status", 'data: {"status": "DONE"}', ""),
    ]
    told: list[tuple[str | None, float]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text="\n".join([*lines, ""]))
        return httpx.Response(200, json={"job": JOB | {"status": "DONE"}})

    with GalaClient("http://gala", transport=httpx.MockTransport(answer)) as client:
        RemoteMaker(client).make(ORDER, lambda news: told.append((news.step, news.fraction)))
    assert told == [("uploading", 0.0), ("running", 0.0), ("rendering", 0.4), ("done", 0.4)]
