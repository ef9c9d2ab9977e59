"""The API during outages of its services, and its recovery."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tests.platform.servers import PostgresServer, ValkeyServer
from tests.platform.stack import Stack
from tests.support.leak_check import connect
from tests.support.wait import wait_until

BODY = {"params": {"text": "x"}}


def client_of(stack: Stack) -> httpx.Client:
    return httpx.Client(base_url=stack.base_url, trust_env=False, timeout=30)


def test_without_postgres_requests_are_refused_until_it_is_back(
    make_stack: Callable[..., Stack], own_postgres: PostgresServer
) -> None:
    stack = make_stack(database_url=own_postgres.url())
    stack.start("api")
    with client_of(stack) as client:
        kept = client.post("/jobs", json=BODY).json()["job"]["id"]
        own_postgres.stop()
        for answer in (
            client.post("/jobs", json=BODY),
            client.get(f"/jobs/{kept}"),
            client.get(f"/jobs/{kept}/events"),
            client.get("/assets"),
            client.post("/templates", json={"type": "hello_render", "name": "n"}),
            client.post("/assets", files={"file": b"hello"}, data={"kind": "other"}),
            client.get("/readyz"),
            client.get("/metrics"),
        ):
            assert answer.status_code == 503, (answer.request.url, answer.text)
            assert answer.json()["error"]["code"] == "UNAVAILABLE"
            assert "try again" in answer.json()["detail"]
        assert client.get("/livez").status_code == 204
        assert client.get("/health").json()["status"] == "ok"
        deep = client.get("/health?deep=true").json()
        assert deep["status"] == "degraded"
        assert deep["checks"]["postgres"]["ok"] is False
        assert list((stack.services.data_root / "uploads").iterdir()) == []

        own_postgres.start()
        wait_until(lambda: client.get("/readyz").status_code == 200, 15, what="the API is ready")
        assert [job["id"] for job in client.get("/jobs").json()["jobs"]] == [kept]
        job_id = client.post("/jobs", json=BODY).json()["job"]["id"]
        # The listener has reconnected, too: the end of a job is noticed at once.
        client.post(f"/jobs/{job_id}/cancel")
        assert "CANCELLED" in client.get(f"/jobs/{job_id}/events").text


def test_connections_cut_by_postgres_are_replaced_unnoticed(
    make_stack: Callable[..., Stack],
) -> None:
    stack = make_stack()
    stack.start("api")
    with client_of(stack) as client, connect(stack) as connection:
        client.post("/jobs", json=BODY)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for _ in range(5):
            assert client.post("/jobs", json=BODY).status_code == 201


def test_without_redis_jobs_are_accepted_and_wait(
    make_stack: Callable[..., Stack], own_valkey: ValkeyServer
) -> None:
    stack = make_stack(redis_url=own_valkey.url())
    stack.start("api")
    own_valkey.stop()
    with client_of(stack) as client:
        answer = client.post("/jobs", json=BODY)
        assert answer.status_code == 201
        assert answer.json()["job"]["status"] == "QUEUED"
        assert "gala_wakeup_failed_total 1.0" in client.get("/metrics").text
        assert client.get("/readyz").status_code == 200
        deep = client.get("/health?deep=true").json()
        assert deep["status"] == "degraded"
        assert deep["checks"]["redis"]["ok"] is False
        own_valkey.start()
        assert client.post("/jobs", json=BODY).status_code == 201
        assert "gala_wakeup_failed_total 1.0" in client.get("/metrics").text
