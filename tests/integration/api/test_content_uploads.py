"""Uploads on a real server, over connections that behave as a test client cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.raw_http import connected, end_of_form, eventually, file_part, post_form, read_head
from tests.fakes.servers import granian
from tests.support import http

APP = "tests.fakes.content_app:create_app"
IMPATIENT_APP = "tests.fakes.content_app:create_impatient_app"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with granian(APP, ready="/stats") as url:
        yield url


def stats(url: str) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"{url}/stats").json()
    return found


def test_an_upload_comes_back_byte_for_byte(url: str) -> None:
    content = os.urandom(3 * MIB + 17)
    answer = http.post(
        f"{url}/uploads?to=localfs&to=memory",
        files={"file": ("söng.bin", content, "audio/mpeg")},
        data={"kind": "other", "label": "日本"},
    )
    assert answer.status_code == 201
    assert answer.json() == {
        "size": len(content),
        "sha256": sha256(content).hexdigest(),
        "filename": "söng.bin",
        "fields": {"kind": "other", "label": "日本"},
        "mime": "application/octet-stream",
    }
    for provider in ("localfs", "memory"):
        assert http.get(f"{url}/content/{provider}/söng.bin").content == content


def test_an_upload_that_is_cut_off_leaves_nothing(url: str) -> None:
    with connected(url) as connection:
        connection.sendall(post_form("/uploads", f"Content-Length: {20 * MIB}"))
        connection.sendall(file_part("a.bin") + bytes(5 * MIB))
        eventually(lambda: stats(url)["staged"] == 1, seconds=5)
    eventually(lambda: stats(url)["staged"] == 0, seconds=2)


def test_an_upload_whose_sender_says_no_more_half_way_is_no_upload(url: str) -> None:
    with connected(url) as connection:
        connection.sendall(post_form("/uploads", f"Content-Length: {20 * MIB}"))
        connection.sendall(file_part("a.bin") + bytes(2 * MIB))
        connection.shutdown(1)
        eventually(lambda: stats(url)["staged"] == 0, seconds=5)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f"Content-Length: {20 * MIB}", file_part("a.bin") + bytes(2 * MIB)),
        ("Transfer-Encoding: chunked", b"4\r\n--x-\r\n"),
        ("Content-Length: 5", b""),
    ],
)
def test_an_upload_whose_sender_has_lost_its_network_leaves_nothing(head: str, body: bytes) -> None:
    with granian(IMPATIENT_APP, ready="/stats") as url, connected(url) as connection:
        connection.sendall(post_form("/uploads", head) + body)
        answer, rest = read_head(connection)
        assert answer.startswith("HTTP/1.1 400")
        assert b"stopped before its body was complete" in rest
        assert not connection.recv(1)
        assert stats(url)["staged"] == 0


@pytest.mark.parametrize("limit", [1000, 19 * MIB])
def test_a_sender_that_only_reads_at_the_end_still_reads_why(url: str, limit: int) -> None:
    body = file_part("a") + bytes(20 * MIB) + end_of_form()
    with connected(url) as connection:
        connection.sendall(post_form(f"/uploads?max={limit}", f"Content-Length: {len(body)}"))
        connection.sendall(body)
        head, rest = read_head(connection)
    assert head.startswith("HTTP/1.1 413")
    assert b"PAYLOAD_TOO_LARGE" in rest
    assert stats(url)["staged"] == 0


def test_a_sender_without_a_length_is_refused_when_it_is_too_much(url: str) -> None:
    def endless() -> Iterator[bytes]:
        yield file_part("a")
        for _ in range(20):
            yield bytes(MIB)

    answer = http.post(
        f"{url}/uploads?max={MIB}",
        content=endless(),
        headers={"content-type": "multipart/form-data; boundary=x-boundary"},
        timeout=20,
    )
    assert answer.status_code == 413
    assert stats(url)["staged"] == 0


def test_a_sender_that_asks_first_is_refused_before_it_sends(url: str) -> None:
    with connected(url) as connection:
        connection.sendall(
            post_form("/uploads?max=1000", "Content-Length: 99999999", "Expect: 100-continue")
        )
        head, _ = read_head(connection)
    assert head.startswith("HTTP/1.1 413")


def test_a_sender_that_asks_first_is_told_to_go_on(url: str) -> None:
    body = file_part("a") + b"content" + end_of_form()
    with connected(url) as connection:
        connection.sendall(
            post_form("/uploads", f"Content-Length: {len(body)}", "Expect: 100-continue")
        )
        head, _ = read_head(connection)
        assert head.startswith("HTTP/1.1 100")
        connection.sendall(body)
        head, _ = read_head(connection)
    assert head.startswith("HTTP/1.1 201")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[str]:
    """A server whose temporary files are on a disk of 4 MiB."""
    mount = f'mount -t tmpfs -o size=4m tmpfs {tmp_path} && exec "$@"'
    prefix = ("unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh")
    may = shutil.which("unshare") and subprocess.run([*prefix, "true"], check=False).returncode == 0
    if not may:
        pytest.skip("a small file system cannot be mounted here (needs user namespaces)")
    environment = ("env", f"TMPDIR={tmp_path}")
    with granian(APP, ready="/stats", prefix=(*prefix, *environment)) as url:
        yield url


def test_a_full_disk_is_told_and_nothing_stays(small_disk: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield file_part("a")
        for _ in range(8):
            yield bytes(MIB)
        yield end_of_form()

    declared = http.post(f"{small_disk}/uploads", files={"file": ("a", bytes(8 * MIB))})
    undeclared = http.post(
        f"{small_disk}/uploads",
        content=pieces(),
        headers={"content-type": "multipart/form-data; boundary=x-boundary"},
    )
    for answer in (declared, undeclared):
        assert answer.status_code == 507
        assert answer.json()["error"]["code"] == "OUT_OF_DISK"
    assert stats(small_disk)["staged"] == 0
    small = http.post(f"{small_disk}/uploads", files={"file": ("a", bytes(MIB))})
    assert small.status_code == 201
