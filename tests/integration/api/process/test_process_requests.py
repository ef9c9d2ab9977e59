"""The process endpoints without a worker: accepted and rejected requests, and waiting."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes.media_files import VIDEO, make
from tests.platform.stack import Stack
from tests.support import http
from tests.support.leak_check import connect
from tests.support.wait import wait_until

AT_ONCE = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
def video_id(api_only: Stack, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = make(tmp_path_factory.mktemp("media") / "a.mp4", *VIDEO)
    return upload(api_only, file.read_bytes(), "other")


def upload(stack: Stack, content: bytes, kind: str) -> str:
    url = f"{stack.base_url}/assets"
    answer = http.post(url, files={"file": content}, data={"kind": kind}, trust_env=False)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["asset"]["id"]
    return found


@pytest.fixture(scope="module")
def client(api_only: Stack) -> Iterator[httpx.Client]:
    with http.Client(base_url=api_only.base_url, timeout=30, trust_env=False) as found:
        yield found


def trim(
    client: httpx.Client, video: str, headers: dict[str, str] | None = None, **fields: Any
) -> httpx.Response:
    body = {"video_url": video, "start_time": 0, "end_time": 0.2, **fields}
    return client.post("/process/video/trim", json=body, headers={**AT_ONCE, **(headers or {})})


def job_of(client: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = client.get(f"/jobs/{answer.json()['job_id']}").json()["job"]
    return job


def error_of(answer: httpx.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert error["details"]["hint"]
    return error


def fail(stack: Stack, job_id: str, code: str, message: str) -> None:
    told = {"code": code, "message": message, "step": "staging", "retryable": False, "hint": None}
    running = "UPDATE jobs SET status = 'RUNNING', lease_until = now() + interval '1 h'"
    failed = (
        "UPDATE jobs SET status = 'FAILED', phase = 'ended', lease_until = NULL,"
        " finished_at = now(), error = %(error)s"
    )
    with connect(stack) as connection:
        for statement in (running, failed):
            connection.execute(
                f"{statement} WHERE id = %(id)s", {"id": job_id, "error": json.dumps(told)}
            )


def test_work_is_a_job_of_its_caller_found_by_its_session(
    client: httpx.Client, video_id: str
) -> None:
    answer = trim(
        client,
        video_id,
        start_time="0:00.1",
        end_time="00:00:00,300",
        session_id="a session",
        creation_id="c-1",
        metadata={"a": [1]},
    )
    told = answer.json()
    assert told.keys() == {"status", "message", "job_id", "status_url", "progress"}
    assert told["status"] == "processing"
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.headers["location"] == told["status_url"]
    assert int(answer.headers["retry-after"]) > 0
    job = job_of(client, answer)
    assert job["type"] == "trim"
    assert job["inputs"] == {"media_asset_id": video_id}
    assert job["params"] == {"start": 0.1, "end": 0.3}
    assert (job["creation_id"], job["metadata"]) == ("c-1", {"a": [1]})
    found = client.get("/jobs", params={"session_id": "a session"}).json()["jobs"]
    assert [one["id"] for one in found] == [job["id"]]


def test_work_that_somebody_waits_for_has_the_interactive_lane(
    client: httpx.Client, api_only: Stack, video_id: str
) -> None:
    job = job_of(client, trim(client, video_id))
    with connect(api_only) as connection:
        row = connection.execute("SELECT lane FROM jobs WHERE id = %s", [job["id"]]).fetchone()
    assert row == ("interactive",)


def test_a_text_has_the_look_that_the_contract_promises(
    client: httpx.Client, video_id: str
) -> None:
    body = {"video_url": video_id, "text": "¡Hola!", "position": "abajo", "session_id": "s"}
    answer = client.post("/process/video/add_text", json=body, headers=AT_ONCE)
    assert job_of(client, answer)["params"] == {
        "text": "¡Hola!",
        "position": "bottom",
        "font_size": 50.0,
        "color": "#ffffff",
    }


def test_links_to_own_assets_are_those_assets(
    client: httpx.Client, api_only: Stack, video_id: str
) -> None:
    link = client.get(f"/assets/{video_id}/url").json()["url"]
    plain = f"{api_only.base_url}/assets/{video_id}/content"
    body = {"video_urls": [link, video_id, plain]}
    answer = client.post("/process/video/concatenate", json=body, headers=AT_ONCE)
    assert job_of(client, answer)["inputs"] == {"clips_asset_ids": [video_id] * 3}


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("trim", {"start_time": "ten"}, "start_time"),
        ("trim", {"start_time": None}, "start_time"),
        ("trim", {"end_time": True}, "end_time"),
        ("trim", {"end_time": -1}, "end_time"),
        ("trim", {"start_time": 3, "end_time": 2}, "end_time"),
        ("trim", {"video_url": 7}, "video_url"),
        ("trim", {"video_url": ""}, "video_url"),
        ("trim", {"video": "x"}, "video"),
        ("trim", {"session_id": ""}, "session_id"),
        ("add_text", {"font_size": "big"}, "font_size"),
        ("add_text", {"font_size": 100000}, "font_size"),
        ("add_text", {"color": "blanco roto"}, "color"),
        ("add_text", {"position": "somewhere"}, "position"),
        ("add_text", {"position": [1, 2, 3]}, "position"),
        ("add_text", {"text": " "}, "text"),
        ("concatenate", {"video_urls": []}, "video_urls"),
        ("concatenate", {"video_urls": "a"}, "video_urls"),
        ("concatenate", {"video_urls": [1]}, "video_urls.0"),
    ],
)
def test_a_bad_field_is_named_with_what_it_should_be(
    client: httpx.Client, video_id: str, path: str, fields: dict[str, Any], field: str
) -> None:
    smallest: dict[str, dict[str, Any]] = {
        "trim": {"video_url": video_id, "start_time": 0, "end_time": 1},
        "add_text": {"video_url": video_id, "text": "x"},
        "concatenate": {"video_urls": [video_id]},
    }
    body = {**smallest[path], **fields}
    answer = client.post(f"/process/video/{path}", json=body, headers=AT_ONCE)
    assert answer.status_code == 400, answer.text
    error = error_of(answer)
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"]["field"] == field
    assert f" {field}: " in error["message"]


def test_what_the_engine_finds_wrong_is_told_in_the_callers_words(
    client: httpx.Client, api_only: Stack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    missing = trim(client, "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF")
    assert missing.status_code == 404
    assert error_of(missing)["details"]["field"] == "video_url"
    text_id = upload(api_only, b"no video at all", "other")
    answer = trim(client, text_id)
    assert answer.status_code == 422, answer.text
    error = error_of(answer)
    assert error["code"] == "UNPROCESSABLE_MEDIA"
    assert error["details"]["field"] == "video_url"
    assert "video_url: " in error["message"]
    assert "media_asset_id" not in answer.text


@pytest.mark.parametrize(
    ("accepted", "language", "message"),
    [
        (None, "es", "El video se está procesando"),
        ("es-MX,es;q=0.9,en;q=0.8", "es", "El video se está procesando"),
        ("*", "es", "El video se está procesando"),
        ("fr", "es", "El video se está procesando"),
        ("en-GB,en;q=0.9", "en", "The video is being processed"),
        ("es;q=0.1, en;q=0.2", "en", "The video is being processed"),
        ("en;q=0", "es", "El video se está procesando"),
    ],
)
def test_answers_speak_spanish_or_english_as_accept_language_prefers(
    client: httpx.Client, video_id: str, accepted: str | None, language: str, message: str
) -> None:
    headers = {} if accepted is None else {"Accept-Language": accepted}
    answer = trim(client, video_id, headers)
    assert answer.json()["message"].startswith(message)
    assert answer.headers["content-language"] == language


def test_errors_begin_in_the_callers_language_and_keep_their_details(
    client: httpx.Client, video_id: str
) -> None:
    spanish = trim(client, video_id, start_time="diez")
    english = trim(client, video_id, {"Accept-Language": "en"}, start_time="diez")
    assert spanish.json()["detail"].startswith("La solicitud no es válida. start_time: ")
    assert english.json()["detail"].startswith("The request is not valid. start_time: ")
    assert english.headers["content-language"] == "en"


def test_one_idempotency_key_is_one_job_however_often_it_is_sent_at_once(
    client: httpx.Client, video_id: str
) -> None:
    answers: list[httpx.Response] = []

    def send() -> None:
        answers.append(trim(client, video_id, {"Idempotency-Key": "six at once"}))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    replayed = [answer.headers.get("idempotency-replayed") for answer in answers]
    assert sorted(replayed, key=str) == [None, *["true"] * 5]
    other = trim(client, video_id, {"Idempotency-Key": "six at once"}, end_time=0.3)
    assert other.status_code == 422
    assert error_of(other)["code"] == "IDEMPOTENCY_MISMATCH"


def test_waiting_ends_when_it_was_asked_to_and_the_work_goes_on(
    client: httpx.Client, video_id: str
) -> None:
    answer = trim(client, video_id, {"Prefer": "wait=1"})
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "wait=1"
    status = client.get(answer.json()["status_url"])
    assert status.status_code == 200
    assert status.json() == answer.json()


def test_who_goes_away_while_waiting_cancels_nothing_and_finds_the_work_again(
    client: httpx.Client, api_only: Stack, video_id: str
) -> None:
    body = {"video_url": video_id, "start_time": 0, "end_time": 0.2, "session_id": "went away"}
    url = f"{api_only.base_url}/process/video/trim"
    key = {"Idempotency-Key": "went away"}
    with pytest.raises(httpx.ReadTimeout):
        http.post(url, json=body, headers=key, timeout=1, trust_env=False)

    def jobs() -> list[dict[str, Any]]:
        answer = client.get("/jobs", params={"session_id": "went away"})
        found: list[dict[str, Any]] = answer.json()["jobs"]
        return found

    wait_until(lambda: len(jobs()) == 1, 10, what="the job")
    again = client.post(url, json=body, headers={**key, **AT_ONCE})
    assert [job["id"] for job in jobs()] == [again.json()["job_id"]]
    assert jobs()[0]["status"] == "QUEUED"


@pytest.mark.parametrize(
    ("code", "message", "status", "told"),
    [
        ("UNPROCESSABLE_MEDIA", "inputs.media_asset_id: this file cannot be used", 422, None),
        ("UNSUPPORTED_MEDIA", "inputs.media_url: text/html", 422, "UNPROCESSABLE_MEDIA"),
        ("URL_REFUSED", "inputs.media_url: a private address", 422, None),
        ("FETCH_FAILED", "inputs.media_url: 404 Not Found", 422, None),
        ("RENDER_FAILED", "FFmpeg gave up", 500, None),
        ("STORAGE_FAILED", "no bucket", 502, None),
        ("RENDERER_LOST", "it went away", 503, None),
        ("WORKER_LOST", "it went away", 503, None),
        ("DEADLINE_EXCEEDED", "3600 s are over", 504, None),
        ("OUT_OF_DISK", "the disk is full", 507, None),
    ],
)
def test_work_that_failed_says_by_status_and_code_of_what(
    client: httpx.Client,
    api_only: Stack,
    video_id: str,
    code: str,
    message: str,
    status: int,
    told: str | None,
) -> None:
    key = {"Idempotency-Key": f"fails with {code}", "Accept-Language": "en"}
    job_id = trim(client, video_id, key).json()["job_id"]
    fail(api_only, job_id, code, message)
    answer = trim(client, video_id, {**key, "Prefer": "wait=10"})
    assert answer.status_code == status, answer.text
    error = error_of(answer)
    assert error["code"] == (told or code)
    assert error["details"]["job_id"] == job_id == answer.json()["job_id"]
    outside = re.sub(r"inputs\.media_(asset_id|url)", "video_url", message)
    assert error["message"].endswith(outside)
    assert error["details"].get("field") == ("video_url" if "inputs" in message else None)
    later = client.get(f"/process/status/{job_id}", headers={"Accept-Language": "en"})
    assert later.status_code == 200
    assert later.json()["status"] == "failed"
    assert later.json()["error"] == error


def test_cancelled_work_is_told_as_such(client: httpx.Client, video_id: str) -> None:
    key = {"Idempotency-Key": "to be cancelled"}
    job_id = trim(client, video_id, key).json()["job_id"]
    client.post(f"/jobs/{job_id}/cancel")
    answer = trim(client, video_id, key)
    assert answer.status_code == 409
    assert error_of(answer)["code"] == "INVALID_JOB_STATE"
    assert client.get(f"/process/status/{job_id}").json()["status"] == "failed"


def test_the_status_of_other_jobs_and_of_none_is_not_found(client: httpx.Client) -> None:
    job = client.post("/jobs", json={"params": {"text": "x"}}).json()["job"]
    for job_id in (job["id"], "job_01JD3Z4V8QJ6X2M0T5B7C9D1EF", "nothing"):
        answer = client.get(f"/process/status/{job_id}")
        assert answer.status_code == 404
        assert error_of(answer)["code"] == "JOB_NOT_FOUND"


def test_a_body_that_is_no_json_says_which_it_is(client: httpx.Client) -> None:
    answer = client.post("/process/video/trim", content=b"a=b", headers={"Content-Type": "text/a"})
    assert answer.status_code == 415
    assert error_of(answer)["code"] == "UNSUPPORTED_MEDIA"
    answer = client.post(
        "/process/video/trim", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
