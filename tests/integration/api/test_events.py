"""A job's events: complete, in order, resumable, ending with the job; no waiter remains."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from sqlalchemy import event

from gala.db.engine import make_engine, make_sessions
from gala_api.dependencies import Services
from gala_api.jobs import event_stream
from gala_api.jobs.change_listener import JobChangeListener
from gala_api.rate_limit.settings import LimitSettings
from tests.platform.stack import Stack
from tests.support import http
from tests.support.wait import wait_until

Events = list[dict[str, Any]]


def parsed(text: str) -> Events:
    """Return the events of a stream, without comments."""
    found: Events = []
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith(":")]
        if lines:
            fields = dict(line.split(": ", 1) for line in lines)
            assert list(fields) == ["id", "event", "data"]
            found.append(
                {"id": int(fields["id"]), "event": fields["event"]} | json.loads(fields["data"])
            )
    return found


def events(client: httpx.Client, job_id: str, after: str | None = None) -> Events:
    headers = {} if after is None else {"Last-Event-ID": after}
    answer = client.get(f"/jobs/{job_id}/events", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    return parsed(answer.text)


def submit(client: httpx.Client, **fields: Any) -> str:
    answer = client.post("/jobs", json={"params": {"text": "x"}, **fields})
    job_id: str = answer.json()["job"]["id"]
    return job_id


def test_events_are_whole_and_in_order_and_end_with_the_job(
    api: httpx.Client, quick_template: str
) -> None:
    job_id = submit(api, template_id=quick_template)
    found = events(api, job_id)
    assert [event["id"] for event in found] == list(range(1, len(found) + 1))
    statuses = [event["status"] for event in found if event["event"] == "status"]
    assert statuses == ["QUEUED", "RUNNING", "DONE"]
    progress = [event["progress"] for event in found if event["event"] == "progress"]
    assert progress == sorted(progress)
    assert [event["ts"] for event in found] == sorted(event["ts"] for event in found)
    assert api.get(f"/jobs/{job_id}").json()["job"]["status"] == "DONE"
    for after in (1, len(found) - 1, len(found), 10**17):
        assert events(api, job_id, str(after)) == found[after:]
    assert events(api, job_id, "") == found


def test_a_broken_stream_goes_on_where_it_stopped(api: httpx.Client, quick_template: str) -> None:
    job_id = submit(api, template_id=quick_template)
    found: Events = []
    while not found or found[-1].get("status") != "DONE":
        last = {"Last-Event-ID": str(found[-1]["id"])} if found else {}
        with api.stream("GET", f"/jobs/{job_id}/events", headers=last) as answer:
            for block in _blocks(answer):
                if new := parsed(block):
                    found += new
                    break
    assert [event["id"] for event in found] == list(range(1, len(found) + 1))
    assert found == events(api, job_id)


def _blocks(answer: httpx.Response) -> Iterator[str]:
    text = ""
    for chunk in answer.iter_text():
        text += chunk
        while "\n\n" in text:
            block, _, text = text.partition("\n\n")
            yield block


def test_everybody_who_follows_hears_of_a_cancel_at_once(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    job_id = submit(api_only_client)
    heard: list[Events] = []

    def follow() -> None:
        with http.Client(base_url=api_only.base_url, trust_env=False, timeout=20) as client:
            heard.append(events(client, job_id))

    with followers(api_only, 30, follow):
        api_only_client.post(f"/jobs/{job_id}/cancel")
    assert len(heard) == 30
    assert all([one["status"] for one in each] == ["QUEUED", "CANCELLED"] for each in heard)


@contextmanager
def followers(stack: Stack, number: int, follow: Callable[[], None]) -> Iterator[None]:
    before = connections(stack)
    threads = [threading.Thread(target=follow) for _ in range(number)]
    for thread in threads:
        thread.start()
    wait_until(lambda: connections(stack) >= before + number, 10, what="all of them follow")
    yield
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def connections(stack: Stack) -> int:
    """Return the number of connections to the API."""
    root = stack.process("api").pid
    family = [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
    port = stack.services.api_port
    return sum(
        one.laddr.port == port and one.status == psutil.CONN_ESTABLISHED
        for process in family
        for one in process.net_connections("tcp")
        if one.raddr
    )


def test_a_client_that_leaves_frees_its_waiter(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    job_id = submit(api_only_client)
    before = connections(api_only)
    request = f"GET /jobs/{job_id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    address = urlsplit(api_only.base_url)
    sockets = [socket.create_connection((address.hostname, address.port)) for _ in range(40)]
    for each in sockets:
        each.sendall(request)
        received = b""
        while b"id: 1\n" not in received:
            received += each.recv(65536)
    assert connections(api_only) == before + 40
    assert waiting(api_only_client) == 40
    for each in sockets:
        each.close()
    wait_until(lambda: connections(api_only) == before, 5, what="all connections are closed")
    wait_until(lambda: waiting(api_only_client) == 0, 10, what="nobody waits any more")
    assert api_only_client.get("/health").status_code == 200


def waiting(api_only_client: httpx.Client) -> float:
    """Return how many clients wait for a job, according to the API."""
    for line in api_only_client.get("/metrics").text.splitlines():
        if line.startswith("gala_waiting_clients "):
            return float(line.split()[1])
    raise AssertionError("there is no such metric")


def test_a_quiet_stream_is_kept_alive(
    api_only_client: httpx.Client, api_only: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "_KEEP_ALIVE_SECONDS", 0.05)
    job_id = submit(api_only_client)
    database_url = api_only.services.database_url
    sessions = make_sessions(make_engine(database_url, name="test"))
    services = SimpleNamespace(
        sessions=sessions, change_listener=JobChangeListener(database_url, sessions)
    )

    async def first(number: int) -> list[bytes]:
        pieces = event_stream.events(cast(Services, services), job_id, 0)
        return [await anext(pieces) for _ in range(number)]

    first_event, *comments = asyncio.run(first(4))
    assert first_event.startswith(b"id: 1\n")
    assert set(comments) == {b": still here\n\n"}


def test_a_change_whose_notification_was_lost_is_found_by_one_query_for_all_waiters(
    api_only_client: httpx.Client, api_only: Stack, new_database: Callable[..., str]
) -> None:
    quiet, cancelled = submit(api_only_client), submit(api_only_client)
    engine = make_engine(api_only.services.database_url, name="test", pool_size=20)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    sessions = make_sessions(engine)
    # Notifications stay in their database: this listener hears of none.
    listener = JobChangeListener(new_database(migrated=False), sessions, poll_seconds=0.1)
    services = cast(Services, SimpleNamespace(sessions=sessions, change_listener=listener))

    def polled_thrice() -> bool:
        return len(statements) > 31 and all(" IN " in one for one in statements[-3:])

    async def wait_for_the_cancelled() -> None:
        async with listener.listening(), asyncio.TaskGroup() as group:
            others = [
                group.create_task(event_stream.until_ended(services, quiet, 60)) for _ in range(30)
            ]
            ended = group.create_task(event_stream.until_ended(services, cancelled, 60))
            await asyncio.to_thread(wait_until, polled_thrice, 10, what="only the poll queries")
            await asyncio.to_thread(api_only_client.post, f"/jobs/{cancelled}/cancel")
            async with asyncio.timeout(10):
                await ended
            for other in others:
                other.cancel()

    asyncio.run(wait_for_the_cancelled())
    engine.dispose()


def test_an_owner_has_as_many_event_streams_as_the_setting_allows(
    api_only_client: httpx.Client, api_only: Stack
) -> None:
    job_id = submit(api_only_client)
    limit = LimitSettings().event_streams_per_owner
    request = f"GET /jobs/{job_id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    address = urlsplit(api_only.base_url)
    wait_until(lambda: waiting(api_only_client) == 0, 10, what="nobody else waits")
    sockets = [socket.create_connection((address.hostname, address.port)) for _ in range(limit)]
    for each in sockets:
        each.sendall(request)
        assert each.recv(12) == b"HTTP/1.1 200"
    refused = api_only_client.get(f"/jobs/{job_id}/events")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["error"]["details"]["setting"] == "EVENT_STREAMS_PER_OWNER"
    # Waiting is a preference: it is not applied.
    answered = api_only_client.get(f"/jobs/{job_id}", headers={"Prefer": "wait=30"})
    assert answered.status_code == 200
    assert "preference-applied" not in answered.headers
    for each in sockets:
        each.close()

    def admitted() -> bool:
        with api_only_client.stream("GET", f"/jobs/{job_id}/events") as answer:
            return answer.status_code == 200

    wait_until(admitted, 10, what="there is room again")
