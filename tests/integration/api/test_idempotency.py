"""The same key returns the same job for a day: in sequence, concurrently, with another body."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import httpx

from tests.platform.stack import Stack
from tests.support import http
from tests.support.leak_check import connect, nothing_left

BODY: dict[str, Any] = {"name": "once", "params": {"text": "x"}}


def post(
    api_only_client: httpx.Client, key: str, body: dict[str, Any] | str = BODY
) -> httpx.Response:
    headers = {"Idempotency-Key": key, "content-type": "application/json"}
    if isinstance(body, str):
        return api_only_client.post("/jobs", content=body, headers=headers)
    return api_only_client.post("/jobs", json=body, headers=headers)


def job_id(answer: httpx.Response) -> str:
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["job"]["id"]
    assert answer.headers["location"] == f"/jobs/{found}"
    return found


def test_the_same_key_gives_the_same_job(api_only_client: httpx.Client, api_only: Stack) -> None:
    key = uuid.uuid4().hex
    created = post(api_only_client, key)
    assert "idempotency-replayed" not in created.headers
    first = job_id(created)
    with nothing_left(api_only):
        repeated = post(api_only_client, key)
        assert job_id(repeated) == first
        assert repeated.headers["idempotency-replayed"] == "true"
        reordered = '{ "params": {"text": "x"},  "name": "once" }'
        assert job_id(post(api_only_client, key, reordered)) == first
    assert job_id(post(api_only_client, uuid.uuid4().hex)) != first


def test_another_body_with_the_key_is_refused(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    key = uuid.uuid4().hex
    first = job_id(post(api_only_client, key))
    for other in (BODY | {"params": {"text": "y"}}, BODY | {"type": "hello_render"}):
        with nothing_left(api_only):
            answer = post(api_only_client, key, other)
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert error["code"] == "IDEMPOTENCY_MISMATCH"
        assert error["details"]["field"] == "Idempotency-Key"
        assert "new key" in error["details"]["hint"]
    assert job_id(post(api_only_client, key)) == first


def test_twenty_at_once_with_one_key_are_one_job(api_only: Stack) -> None:
    keys = [uuid.uuid4().hex for _ in range(5)]
    found: dict[str, list[str]] = {key: [] for key in keys}
    together = threading.Barrier(20)

    def send() -> None:
        with http.Client(base_url=api_only.base_url, trust_env=False, timeout=30) as client:
            client.get("/livez")
            for key in keys:
                together.wait()
                found[key].append(job_id(post(client, key, BODY | {"name": key})))

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connect(api_only) as connection:
        for key in keys:
            assert len(found[key]) == 20
            assert len(set(found[key])) == 1
            made = connection.execute("SELECT id FROM jobs WHERE name = %s", [key]).fetchall()
            assert made == [(found[key][0],)]


def test_a_key_that_has_expired_gives_a_new_job(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    key = uuid.uuid4().hex
    first = job_id(post(api_only_client, key))
    with connect(api_only) as connection:
        expire = "UPDATE idempotency_keys SET expires_at = now() - interval '1 s' WHERE key = %s"
        connection.execute(expire, [key])
    second = job_id(post(api_only_client, key, BODY | {"params": {"text": "another"}}))
    assert second != first
    assert job_id(post(api_only_client, key, BODY | {"params": {"text": "another"}})) == second


def test_a_key_lasts_a_day(api_only_client: httpx.Client, api_only: Stack) -> None:
    key = uuid.uuid4().hex
    job_id(post(api_only_client, key))
    with connect(api_only) as connection:
        lasts = "SELECT expires_at - created_at = '24 h' FROM idempotency_keys WHERE key = %s"
        assert connection.execute(lasts, [key]).fetchone() == (True,)


def test_a_refused_request_leaves_its_key_free(api_only_client: httpx.Client) -> None:
    key = uuid.uuid4().hex
    assert post(api_only_client, key, {"params": {}}).status_code == 400
    job_id(post(api_only_client, key))


def test_without_a_key_every_request_is_a_job_of_its_own(api_only_client: httpx.Client) -> None:
    ids = {job_id(api_only_client.post("/jobs", json=BODY)) for _ in range(3)}
    assert len(ids) == 3
