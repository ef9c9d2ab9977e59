"""Streams on a real server: disconnecting clients, failing providers, constant memory."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import httpx
import psutil
import pytest

from tests.fakes.raw_http import (
    connected,
    end_of_form,
    eventually,
    file_part,
    get,
    post_form,
    read_head,
)
from tests.fakes.servers import granian
from tests.support import http

MIB = 1024 * 1024
MUCH = 160 * MIB
FLAT = 50 * MIB


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with granian("tests.fakes.content_app:create_app", ready="/stats") as url:
        yield url


def stats(url: str) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"{url}/stats").json()
    return found


@contextmanager
def watched_memory(url: str) -> Iterator[list[int]]:
    """Record the growth of the server's memory in bytes, many times a second."""
    server = psutil.Process(stats(url)["pid"])
    before = server.memory_info().rss
    growth = [0]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            growth.append(server.memory_info().rss - before)

    change_listener = threading.Thread(target=watch)
    change_listener.start()
    try:
        yield growth
    finally:
        over.set()
        change_listener.join()


def drain(connection: socket.socket, size: int) -> int:
    """Read up to ``size`` bytes, and return how many arrived."""
    buffer = bytearray(MIB)
    received = 0
    while received < size and (count := connection.recv_into(buffer)):
        received += count
    return received


def test_a_client_that_leaves_frees_the_stream_at_once(url: str) -> None:
    with connected(url) as connection:
        connection.sendall(get("/content/slow/x"))
        read_head(connection)
        drain(connection, 300_000)
        assert stats(url)["open_streams"] == 1
    eventually(lambda: stats(url)["open_streams"] == 0, seconds=1)


def test_many_clients_that_leave_leave_nothing_behind(url: str) -> None:
    def wave() -> dict[str, Any]:
        with ExitStack() as stack:
            for _ in range(20):
                connection = stack.enter_context(connected(url))
                connection.sendall(get("/content/slow/x"))
            eventually(lambda: stats(url)["open_streams"] == 20, seconds=5)
        eventually(lambda: stats(url)["open_streams"] == 0, seconds=2)
        return stats(url)

    first = wave()
    eventually(lambda: stats(url)["fds"] <= first["fds"], seconds=5)
    second = wave()
    assert second["threads"] <= first["threads"] + 2
    eventually(lambda: stats(url)["fds"] <= first["fds"] + 1, seconds=5)


def test_a_client_that_asks_and_leaves_without_reading_frees_the_stream(url: str) -> None:
    opened = stats(url)["opened"]
    with connected(url) as connection:
        connection.sendall(get("/content/slow/x"))
        eventually(lambda: stats(url)["opened"] > opened, seconds=2)
    eventually(lambda: stats(url)["open_streams"] == 0, seconds=1)


def test_a_client_that_stops_reading_stops_the_provider(url: str) -> None:
    with watched_memory(url) as growth, ExitStack() as stack:
        for _ in range(8):
            connection = stack.enter_context(connected(url))
            connection.sendall(get("/content/endless/x"))
            read_head(connection)
        eventually(lambda: len(growth) > 60, seconds=5)
    assert max(growth) < FLAT


def test_a_stream_whose_client_stops_reading_ends(url: str) -> None:
    with connected(url) as reading, connected(url) as paused:
        for connection in (reading, paused):
            connection.sendall(get("/endless"))
            read_head(connection)
        assert stats(url)["endless_streams"] == 2

        def only_one_is_left() -> bool:
            drain(reading, MIB)
            return stats(url)["endless_streams"] == 1

        eventually(only_one_is_left, seconds=10)
        assert drain(reading, 30 * MIB) >= 30 * MIB
        assert drain(paused, MUCH) < MUCH


def test_clients_that_stop_reading_a_file_cost_a_few_megabytes_each(url: str) -> None:
    clients = 30
    http.put(
        f"{url}/content/localfs/film",
        content=bytes(64 * MIB),
        headers={"content-type": "video/mp4"},
    )
    request = get("/content/localfs/film")[:-2] + b"Range: bytes=0-\r\n\r\n"
    with watched_memory(url) as growth, ExitStack() as stack:
        for _ in range(clients):
            connection = stack.enter_context(connected(url))
            connection.sendall(request)
            read_head(connection)
        eventually(lambda: len(growth) > 100 and growth[-1] == growth[-50], seconds=20)
    assert max(growth) < clients * 7 * MIB


def test_a_provider_that_breaks_off_breaks_the_connection(url: str) -> None:
    with connected(url) as connection:
        connection.sendall(get("/content/breaking/x"))
        head, rest = read_head(connection)
        received = len(rest) + drain(connection, MUCH)
    assert head.startswith("HTTP/1.1 200")
    assert "content-length: 4294967296" in head.lower()
    assert received == MIB


def test_many_large_downloads_leave_memory_flat(url: str) -> None:
    with watched_memory(url) as growth, connected(url) as connection:
        for _ in range(2):
            request = get("/content/endless/x").replace(
                b"\r\n\r\n", f"\r\nRange: bytes=0-{MUCH - 1}\r\n\r\n".encode()
            )
            connection.sendall(request)
            head, rest = read_head(connection)
            assert "206" in head.splitlines()[0]
            assert len(rest) + drain(connection, MUCH - len(rest)) == MUCH
    assert max(growth) < FLAT


def test_a_large_upload_and_its_download_leave_memory_flat(url: str) -> None:
    opening, closing = file_part("large.bin"), end_of_form()
    length = len(opening) + MUCH + len(closing)
    piece = bytes(MIB)
    with watched_memory(url) as growth, connected(url) as connection:
        connection.sendall(post_form("/uploads?to=localfs", f"Content-Length: {length}"))
        connection.sendall(opening)
        for _ in range(MUCH // MIB):
            connection.sendall(piece)
        connection.sendall(closing)
        head, _ = read_head(connection)
        assert "201" in head.splitlines()[0]
        for header in (b"", b"Range: bytes=0-\r\n"):
            path = get("/content/localfs/large.bin")
            connection.sendall(path[:-2] + header + b"\r\n")
            _, rest = read_head(connection)
            assert len(rest) + drain(connection, MUCH - len(rest)) == MUCH
    assert max(growth) < FLAT
    assert stats(url)["staged"] == 0


def test_a_provider_that_hardly_answers_keeps_no_other_route_waiting(url: str) -> None:
    with ExitStack() as stack:
        for _ in range(60):
            connection = stack.enter_context(connected(url))
            connection.sendall(get("/content/stuck/x"))
        head = partial(httpx.head, f"{url}/content/memory/x", timeout=20)
        waits = [head().elapsed.total_seconds() for _ in range(10)]
    assert max(waits) < 2  # half of what the provider takes for a piece
