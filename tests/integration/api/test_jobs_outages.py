"""The API during outages of its services, and its recovery."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from gala.db.migrate import upgrade
from gala.errors import Unavailable
from gala.job import Lane
from gala.job_queue import wakeup
from tests.fakes.stalling_proxy import stalling_proxy
from tests.platform.servers import PostgresServer, ValkeyServer
from tests.platform.stack import Stack, stack_in
from tests.support import http
from tests.support.leak_check import connect
from tests.support.wait import wait_until

BODY = {"params": {"text": "x"}}


def client_of(stack: Stack) -> httpx.Client:
    return http.Client(base_url=stack.base_url, trust_env=False, timeout=30)


@dataclass(frozen=True)
class Outages:
    """An API whose servers are its own; a test that stops one starts it again."""

    stack: Stack
    postgres: PostgresServer
    valkey: ValkeyServer


@pytest.fixture(scope="module")
def outages(servers_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outages]:
    with ExitStack() as ending:
        postgres = PostgresServer(servers_folder / "outages" / "postgres")
        ending.callback(postgres.stop)
        valkey = ValkeyServer(servers_folder / "outages" / "valkey")
        ending.callback(valkey.stop)
        upgrade(postgres.url())
        root = tmp_path_factory.mktemp("outages")
        stack = stack_in(root, postgres.url(), valkey.url(), {})
        ending.callback(stack.close)
        stack.start("api")
        yield Outages(stack, postgres, valkey)


def job_ids(client: httpx.Client) -> list[str]:
    return [job["id"] for job in client.get("/jobs").json()["jobs"]]


def failed_wakeups(client: httpx.Client) -> float:
    found = re.search(
        r"^gala_wakeup_failed_total (\S+)$", client.get("/metrics").text, re.MULTILINE
    )
    assert found is not None
    return float(found[1])


def test_without_postgres_requests_are_refused_until_it_is_back(outages: Outages) -> None:
    stack, postgres = outages.stack, outages.postgres
    with client_of(stack) as client:
        earlier = job_ids(client)
        kept = client.post("/jobs", json=BODY).json()["job"]["id"]
        postgres.stop()
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

        postgres.start()
        wait_until(lambda: client.get("/readyz").status_code == 200, 15, what="the API is ready")
        assert job_ids(client) == [kept, *earlier]
        job_id = client.post("/jobs", json=BODY).json()["job"]["id"]
        # The listener has reconnected, too: the end of a job is noticed at once.
        client.post(f"/jobs/{job_id}/cancel")
        assert "CANCELLED" in client.get(f"/jobs/{job_id}/events").text


def test_connections_cut_by_postgres_are_replaced_unnoticed(outages: Outages) -> None:
    with client_of(outages.stack) as client, connect(outages.stack) as connection:
        client.post("/jobs", json=BODY)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for _ in range(5):
            assert client.post("/jobs", json=BODY).status_code == 201


def test_without_redis_jobs_are_accepted_and_wait(outages: Outages) -> None:
    with client_of(outages.stack) as client:
        earlier = failed_wakeups(client)
        outages.valkey.stop()
        answer = client.post("/jobs", json=BODY)
        assert answer.status_code == 201
        assert answer.json()["job"]["status"] == "QUEUED"
        assert failed_wakeups(client) == earlier + 1
        assert client.get("/readyz").status_code == 200
        deep = client.get("/health?deep=true").json()
        assert deep["status"] == "degraded"
        assert deep["checks"]["redis"]["ok"] is False
        outages.valkey.start()
        assert client.post("/jobs", json=BODY).status_code == 201
        assert failed_wakeups(client) == earlier + 1


def test_a_redis_that_hangs_delays_one_request_in_seconds_and_no_other(
    make_stack: Callable[..., Stack], redis_url: str
) -> None:
    port = urlsplit(redis_url).port or 0
    with stalling_proxy(port) as proxy:
        through_proxy = redis_url.replace(f":{port}/", f":{proxy.port}/")
        stack = make_stack(redis_url=through_proxy)
        stack.start("api")
        with client_of(stack) as client:
            assert client.post("/jobs", json=BODY).status_code == 201
            proxy.stalled.set()
            began = time.monotonic()
            taken = [client.post("/jobs", json=BODY).status_code for _ in range(8)]
            assert time.monotonic() - began < 5 * wakeup.REQUEST_SECONDS
            assert taken == [201] * 8
            assert "gala_wakeup_failed_total 8.0" in client.get("/metrics").text
            proxy.stalled.clear()
            # A successful check ends the pause early.
            assert client.get("/health?deep=true").json()["checks"]["redis"]["ok"] is True
            assert client.post("/jobs", json=BODY).status_code == 201
            assert "gala_wakeup_failed_total 8.0" in client.get("/metrics").text
            queue = wakeup.Wakeup(wakeup.connect(redis_url), "gala")
            assert queue.waiting(Lane.INTERACTIVE) + queue.waiting(Lane.BATCH) == 2


def test_after_a_failure_only_one_call_at_a_time_tries_redis_again(redis_url: str) -> None:
    now = 0.0
    port = urlsplit(redis_url).port or 0
    with stalling_proxy(port) as proxy:
        through_proxy = redis_url.replace(f":{port}/", f":{proxy.port}/")
        proxy.stalled.set()
        redis = wakeup.connect(through_proxy, timeout=0.2)
        queue = wakeup.Wakeup(redis, "gala", clock=lambda: now)
        for passed in (0.0, wakeup.PAUSE_SECONDS):
            now += passed
            with pytest.raises(Unavailable, match=r"Redis did not answer: "):
                queue.waiting(Lane.BATCH)
            with pytest.raises(Unavailable, match="a moment ago"):
                queue.waiting(Lane.BATCH)
        proxy.stalled.clear()
        with pytest.raises(Unavailable, match="a moment ago"):
            queue.waiting(Lane.BATCH)
        queue.check()
        assert queue.waiting(Lane.BATCH) == 0
