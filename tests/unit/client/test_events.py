"""GalaClient.events: events of a job as the server sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gala.client import GalaClient
from gala.net.lines import lines_of

JOB: dict[str, Any] = {
    "id": "job_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "type": "tts",
    "status": "DONE",
    "phase": "ended",
    "progress": 1.0,
    "attempt": 1,
    "created_at": "2026-01-01T00:00:00Z",
}
SEPARATORS = "one\u2028two\u2029three\x85four\x0bfive"
"""A text with characters at which Python breaks lines, and JSON and event streams do not."""


class Chunks(httpx.SyncByteStream):
    """A body that arrives one byte at a time."""

    def __init__(self, body: bytes):
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for at in range(len(self._body)):
            yield self._body[at : at + 1]


def test_texts_of_events_may_have_line_separators() -> None:
    log = json.dumps({"msg": SEPARATORS}, ensure_ascii=False)
    done = json.dumps({"status": "DONE"})
    body = (
        f": still here\n\nid: 1\nevent: log\ndata: {log}\n\nid: 2\nevent: status\ndata: {done}\n\n"
    )

    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/jobs/job_1/events"
        return httpx.Response(200, stream=Chunks(body.encode()))

    with GalaClient("http://gala.test", transport=httpx.MockTransport(respond)) as client:
        first = next(iter(client.events("job_1")))
    assert (first.id, first.kind, first.data) == ("1", "log", {"msg": SEPARATORS})


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_end_with_line_feeds_only(size: int) -> None:
    text = f"{SEPARATORS}\r\n\n ñ \rlast\nno end"
    raw = text.encode()
    chunks = [raw[at : at + size] for at in range(0, len(raw), size)]
    assert list(lines_of(chunks)) == [SEPARATORS, "", " ñ \rlast", "no end"]
    assert list(lines_of([])) == []


class Broken(httpx.SyncByteStream):
    """A body whose connection breaks at its end."""

    def __init__(self, body: bytes):
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        raise httpx.ReadError("connection reset")


def event(number: int, status: str) -> bytes:
    return f'id: {number}\nevent: status\ndata: {{"status": "{status}"}}\n\n'.encode()


@pytest.mark.parametrize("breaks_again", [False, True])
def test_events_that_a_broken_connection_lost_are_read_even_if_the_job_has_ended(
    breaks_again: bool,
) -> None:
    after: list[str | None] = []

    def respond(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/events"):
            return httpx.Response(200, json={"job": JOB})
        after.append(request.headers.get("Last-Event-ID"))
        if len(after) == 1:
            return httpx.Response(200, stream=Broken(event(1, "RUNNING")))
        body = event(2, "DONE")
        return httpx.Response(200, stream=Broken(body) if breaks_again else Chunks(body))

    with GalaClient("http://gala.test", transport=httpx.MockTransport(respond)) as client:
        statuses = [one.data["status"] for one in client.events(JOB["id"])]
    assert statuses == ["RUNNING", "DONE"]
    assert after == [None, "1"]
