"""Requests that end early, cannot be read, or are refused before they were read."""

from __future__ import annotations

import pytest

from tests.fakes.raw_http import connected, read_head
from tests.platform.fixtures import MAX_UPLOAD
from tests.platform.stack import Stack
from tests.support.wait import wait_until


def _post(path: str, *headers: str) -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers)
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("path", ["/jobs", "/process/video/trim", "/v1/audio/speech", "/assets"])
def test_a_bad_chunk_is_the_clients_error(api_only: Stack, path: str) -> None:
    with connected(api_only.base_url) as connection:
        connection.sendall(_post(path, "Transfer-Encoding: chunked") + b"zz\r\n{}\r\n")
        head, _ = read_head(connection)
    assert head.startswith("HTTP/1.1 400")


@pytest.mark.parametrize(
    ("path", "mime"),
    [
        ("/jobs", "application/json"),
        ("/v1/audio/speech", "application/json"),
        ("/api/v1/media/storage", "application/x-www-form-urlencoded"),
        ("/assets", "multipart/form-data; boundary=x"),
    ],
)
def test_a_client_that_leaves_within_its_body_costs_one_line_of_the_log(
    api_only: Stack, path: str, mime: str
) -> None:
    line = f"POST {path}: the request ended within its body"
    before = api_only.log("api").count(line)
    head = _post(path, "Content-Length: 500").replace(b"application/json", mime.encode())
    with connected(api_only.base_url) as connection:
        connection.sendall(head + b"--x\r\n")
    wait_until(lambda: api_only.log("api").count(line) > before, 10, what="the line")
    assert "Traceback" not in api_only.log("api")
    assert "ERROR" not in api_only.log("api")


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/jobs", "localhost", 413),
        ("/v1/audio/speech", "localhost", 413),
        ("/nothing", "localhost", 404),
        ("/livez", "localhost", 405),
        ("/jobs", "evil.example", 403),
    ],
)
def test_a_client_that_sends_all_before_it_reads_gets_the_refusal(
    api_only: Stack, path: str, host: str, status: int
) -> None:
    body = bytes(MAX_UPLOAD)
    head = _post(path, f"Content-Length: {len(body)}").replace(b"localhost", host.encode())
    with connected(api_only.base_url) as connection:
        connection.sendall(head)
        connection.sendall(body)
        answer, _ = read_head(connection)
    assert answer.startswith(f"HTTP/1.1 {status}")
