"""The remote engine against canned responses: moments that a real server cannot be stopped in."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from gala.client import GalaClient
from gala.client.connection import RECONNECT_SECONDS, REQUEST_SECONDS
from gala.client.remote_engine import HURRY_SECONDS, RemoteEngine, _Outage
from gala.engine import MediaOrder
from gala.errors import GalaError, Unavailable

JOB: dict[str, Any] = {
    "id": "job_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "type": "tts",
    "status": "CANCELLED",
    "phase": "ended",
    "progress": 0.0,
    "attempt": 1,
    "created_at": "2026-01-01T00:00:00Z",
}
ASSET = {
    "id": "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "kind": "other",
    "created_at": "2026-01-01T00:00:00Z",
}
ORDER = MediaOrder(type="tts", params={"text": "Hi"}, outputs={"audio": Path("x.wav")})


def make(answer: Callable[[httpx.Request], httpx.Response]) -> None:
    with GalaClient("http://gala", transport=httpx.MockTransport(answer)) as client:
        RemoteEngine(client, away_seconds=0).make(ORDER)


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
    reported: list[tuple[str | None, float]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text="\n".join([*lines, ""]))
        return httpx.Response(200, json={"job": JOB | {"status": "DONE"}})

    with GalaClient("http://gala", transport=httpx.MockTransport(answer)) as client:
        RemoteEngine(client).make(ORDER, lambda news: reported.append((news.step, news.fraction)))
    assert reported == [("uploading", 0.0), ("running", 0.0), ("rendering", 0.4), ("done", 0.4)]


def test_a_server_that_starts_again_is_watched_on_and_nothing_is_told_twice() -> None:
    resumed_after, steps = [], []

    def answer(request: httpx.Request) -> httpx.Response:
        resumed_after.append(request.headers.get("Last-Event-ID"))
        if request.url.path == "/jobs":
            return httpx.Response(201, json={"job": JOB | {"status": "RUNNING"}})
        match len(resumed_after):
            case 2:
                return httpx.Response(
                    200, text='id: 7\nevent: progress\ndata: {"phase": "rendering"}\n\n'
                )
            case 3:
                raise httpx.ConnectError("restarting")
            case 4:
                return httpx.Response(502, text="<h1>Bad gateway</h1>")
            case 5:
                limited = {"code": "RATE_LIMITED", "message": "slow down"}
                return httpx.Response(429, json={"error": limited})
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text="")
        return httpx.Response(200, json={"job": JOB | {"status": "DONE"}})

    with GalaClient("http://gala", transport=httpx.MockTransport(answer)) as client:
        made = RemoteEngine(client).make(ORDER, lambda news: steps.append(news.step))
    assert made.job_id == JOB["id"]
    assert steps == ["uploading", "rendering"]
    assert [one for one in resumed_after if one] == ["7"]


def test_every_outage_is_reported_and_waited_for_in_the_same_way() -> None:
    said: list[str] = []
    outage = _Outage(60.0, said.append)
    waited = []
    for _ in range(2):
        started = time.monotonic()
        outage.pause(Unavailable("away"))
        outage.end()
        waited.append(time.monotonic() - started)
    assert said == ["away: trying again …"] * 2
    assert waited[1] < 1.5 * RECONNECT_SECONDS


def test_what_cannot_be_watched_is_left_and_named_with_its_inputs(
    tmp_path: Path,
) -> None:
    sound = tmp_path / "a.wav"
    sound.write_bytes(b"RIFF")
    methods: list[str] = []
    log: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        methods.append(request.method)
        if request.url.path == "/assets":
            return httpx.Response(201, json={"asset": ASSET})
        if request.url.path == "/jobs":
            return httpx.Response(201, json={"job": JOB})
        return httpx.Response(418, text="something else answers")

    order = MediaOrder(type="trim", inputs={"media": sound}, outputs={"audio": Path("x.m4a")})
    with GalaClient("http://gala", transport=httpx.MockTransport(answer)) as client:
        engine = RemoteEngine(client, on_log=log.append)
        with pytest.raises(GalaError) as lost:
            engine.make(order)
    assert JOB["id"] in str(lost.value.hint)
    assert engine.job_may_continue
    assert "DELETE" not in methods
    assert f"still on the server: {ASSET['id']}" in log


def test_a_download_that_breaks_names_the_job_that_made_it() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text="")
        if "/assets/" in request.url.path:
            raise httpx.ReadError("broken")
        done = {"status": "DONE", "outputs": [{"audio_asset_id": ASSET["id"]}]}
        return httpx.Response(200, json={"job": JOB | done})

    with pytest.raises(Unavailable) as lost:
        make(answer)
    assert JOB["id"] in str(lost.value.hint)


def test_who_stops_while_a_hung_server_is_asked_is_told_so_and_not_kept_waiting() -> None:
    timeouts: list[float] = []
    log: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        timeouts.append(request.extensions["timeout"]["read"])
        if len(timeouts) == 1:
            raise KeyboardInterrupt
        assert "cancelling" in log[-1]
        raise httpx.ReadTimeout("hung")

    with GalaClient("http://gala", transport=httpx.MockTransport(answer)) as client:
        engine = RemoteEngine(client, on_log=log.append)
        with pytest.raises(KeyboardInterrupt):
            engine.make(ORDER)
    assert timeouts == [REQUEST_SECONDS, HURRY_SECONDS]
    assert engine.job_may_continue
    assert "may go on" in log[-1]


def test_cancelling_the_task_cancels_the_job_and_waits_for_its_end() -> None:
    requests: list[str] = []
    followed, cancelled = threading.Event(), threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(f"{request.method} {request.url.path}")
        if request.url.path.endswith("/cancel"):
            cancelled.set()
        if request.url.path.endswith("/events"):
            followed.set()
            cancelled.wait(10)
            return httpx.Response(200, text="")
        status = "CANCELLED" if cancelled.is_set() else "RUNNING"
        return httpx.Response(200, json={"job": JOB | {"status": status}})

    async def run() -> None:
        with GalaClient("http://gala", transport=httpx.MockTransport(answer)) as client:
            task = asyncio.create_task(RemoteEngine(client).make_async(ORDER))
            assert await asyncio.to_thread(followed.wait, 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())
    assert requests.count(f"POST /jobs/{JOB['id']}/cancel") == 1
    assert requests[-1] == f"GET /jobs/{JOB['id']}"
