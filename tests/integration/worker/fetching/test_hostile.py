"""Servers that are slow, endless, wrong or broken: the fetch ends in time with a clear error."""

from __future__ import annotations

import gzip
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gala.errors import FetchFailed, FetchInterrupted, GalaError, UrlRefused
from gala.media import MediaClass, media_class
from gala_worker.http_fetch import describe_content
from tests.fakes.http import Handler
from tests.integration.worker.fetching.conftest import MakeFetcher, Respond, Site

BODY = bytes(range(256)) * 1024


def head(ask: Handler, *lines: str) -> None:
    """Send response headers."""
    ask.wfile.write("\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode())


def silent(ask: Handler) -> None:
    """Wait until the client disconnects."""
    ask.rfile.read(1)


def dripping(ask: Handler) -> None:
    head(ask, "Content-Length: 1000000")
    while True:
        ask.wfile.write(b"x")
        time.sleep(0.02)


def endless(ask: Handler) -> None:
    head(ask, "Connection: close")
    while True:
        ask.wfile.write(BODY)


def endless_chunks(ask: Handler) -> None:
    head(ask, "Transfer-Encoding: chunked")
    while True:
        ask.wfile.write(b"%x\r\n%s\r\n" % (len(BODY), BODY))


def flood_of_headers(ask: Handler) -> None:
    ask.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        ask.wfile.write(b"X-Flood: " + b"a" * 1000 + b"\r\n")


def flood_of_informational_answers(ask: Handler) -> None:
    while True:
        ask.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)


def failure(site: Site, respond: Respond, fetch: Callable[[str], object]) -> GalaError:
    with pytest.raises(FetchFailed, match=r"^url: ") as caught:
        fetch(site.page("/a.mp4", respond))
    return caught.value


@pytest.mark.parametrize("respond", [silent, dripping])
def test_a_server_that_sends_next_to_nothing_is_too_slow(
    respond: Respond, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    fetcher = make_fetcher(quiet_seconds=0.3, seconds=60)
    error = failure(site, respond, lambda url: fetcher.fetch(url, tmp_path / "a"))
    assert (error.details["rule"], error.retryable) == ("too_slow", False)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("respond", [silent, dripping])
def test_a_transfer_has_one_deadline(
    respond: Respond, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    fetcher = make_fetcher(seconds=0.5, quiet_seconds=60)
    error = failure(site, respond, lambda url: fetcher.fetch(url, tmp_path / "a"))
    assert error.details["rule"] == "too_slow"
    assert "0.5 seconds" in error.message


@pytest.mark.parametrize("respond", [endless, endless_chunks])
def test_an_endless_body_ends_at_the_limit(
    respond: Respond, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    fetcher = make_fetcher(max_bytes=1_000_000)
    error = failure(site, respond, lambda url: fetcher.fetch(url, tmp_path / "a"))
    assert (error.details["rule"], error.retryable) == ("too_large", False)
    assert "1,000,000 bytes" in error.message
    assert not (tmp_path / "a").exists()


def test_a_length_beyond_the_limit_is_believed_and_nothing_is_read(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    def respond(ask: Handler) -> None:
        head(ask, "Content-Length: 999999999999999")
        silent(ask)

    error = failure(site, respond, lambda url: make_fetcher().fetch(url, tmp_path / "a"))
    assert error.details["rule"] == "too_large"


@pytest.mark.parametrize("respond", [flood_of_headers, flood_of_informational_answers])
def test_a_flood_of_headers_is_left(
    respond: Respond, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    error = failure(site, respond, lambda url: make_fetcher().fetch(url, tmp_path / "a"))
    assert isinstance(error, FetchInterrupted)


def test_fewer_bytes_than_told_are_no_file(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    def respond(ask: Handler) -> None:
        head(ask, "Content-Length: 1000")
        ask.wfile.write(b"x" * 999)
        ask.cut()

    error = failure(site, respond, lambda url: make_fetcher().fetch(url, tmp_path / "a"))
    assert isinstance(error, FetchInterrupted)
    assert len(site.requests) == 5
    assert not (tmp_path / "a").exists()


def test_more_bytes_than_told_are_not_read(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    def respond(ask: Handler) -> None:
        head(ask, "Content-Length: 10")
        ask.wfile.write(b"x" * 10_000)

    url = site.page("/a", respond)
    assert make_fetcher().fetch(url, tmp_path / "a").size == 10


def test_a_bomb_is_not_unpacked(site: Site, make_fetcher: MakeFetcher, tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(50 << 20))
    site.file("/told", bomb, Content_Encoding="gzip")
    with pytest.raises(FetchFailed) as caught:
        make_fetcher().fetch(f"{site.url}/told", tmp_path / "a")
    assert caught.value.details["rule"] == "encoding"
    fetched = make_fetcher().fetch(site.file("/untold.mp4", bomb), tmp_path / "b")
    assert fetched.size == len(bomb)
    assert media_class(fetched.mime) is MediaClass.OTHER


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 201, 204, 206, 300, 304])
def test_a_refusing_server_is_told_by_its_status(
    status: int, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    error = failure(
        site,
        lambda ask: ask.answer(status),
        lambda url: make_fetcher().fetch(f"{url}", tmp_path / "a"),
    )
    assert (error.details["rule"], error.details["status"]) == ("status", status)
    assert not error.retryable
    assert str(status) in error.message


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_server_in_trouble_may_do_better_later(
    status: int, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    error = failure(
        site, lambda ask: ask.answer(status), lambda url: make_fetcher().fetch(url, tmp_path / "a")
    )
    assert error.retryable
    assert error.details["status"] == status


def test_a_name_that_is_not_found_may_be_found_later(
    make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise OSError(host, port)

    with pytest.raises(FetchInterrupted) as caught:
        make_fetcher(resolve=nowhere).fetch("https://gone.example/?token=secret", tmp_path / "a")
    assert caught.value.details["rule"] == "name"
    assert "secret" not in str(caught.value)


def test_redirects_from_https_to_http_are_for_the_user_to_ask_for(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The site has no TLS, which does not matter for the check of a redirect.
    monkeypatch.setattr(
        "gala_worker.http_fetch.guarded_network.Stream.start_tls", lambda self, *_, **__: self
    )
    site.leads("/a", "http://video.example/a")
    allowed_port = make_fetcher(resolve=lambda *_: ["127.0.0.1"])
    with pytest.raises(UrlRefused) as caught:
        allowed_port.fetch(f"https://127.0.0.1:{site.port}/a", tmp_path / "a")
    assert caught.value.details["rule"] == "downgrade"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://127.0.0.1/a.ts\n", "HLS"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "ffconcat"),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", "SDP"),
        (b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">', "DASH"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
        (b"  <HTML></HTML>", "web page"),
        (b"<!-- a --> <!-- b -->\n<!DOCTYPE HTML PUBLIC>", "web page"),
        (b"<?xml version='1.0'?><html xmlns='x'>", "web page"),
        (b"<script>location='/login'</script>", "web page"),
        (b"<svg xmlns='x'></svg>", "SVG"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "XML document"),
        (b"<?xml version='1.0'?><tt xmlns='http://www.w3.org/ns/ttml'></tt>", "text/plain"),
        (b'{"error": "not found"}', "application/json"),
        (b"just words", "text/plain"),
        (b"", "empty"),
        (b"\x00\x01\x02", "application/octet-stream"),
    ],
)
def test_bytes_say_what_a_file_is_whatever_its_name_and_header_say(
    body: bytes, words: str, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    url = site.file("/film.mp4", body, Content_Type="video/mp4")
    fetched = make_fetcher().fetch(url, tmp_path / "film.mp4")
    assert not fetched.mime.startswith("video/")
    assert words in describe_content(fetched.path, fetched.mime)


class Enough(Exception):
    """Raised by a check."""


@pytest.mark.parametrize("respond", [silent, dripping, endless])
def test_a_check_is_heard_whatever_the_server_does(
    respond: Respond, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    stop = threading.Event()

    def respond_and_stop(ask: Handler) -> None:
        stop.set()
        respond(ask)

    def check() -> None:
        if stop.is_set():
            raise Enough

    url = site.page("/a", respond_and_stop)
    fetcher = make_fetcher(seconds=3600, quiet_seconds=3600, max_bytes=1 << 50)
    with pytest.raises(Enough):
        fetcher.fetch(url, tmp_path / "a", check=check)
    assert not (tmp_path / "a").exists()


def test_a_check_is_heard_while_the_resolver_says_nothing(
    make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    called, over = threading.Event(), threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        del host, port
        called.set()
        over.wait(30)
        return []

    def check() -> None:
        if called.is_set():
            raise Enough

    with pytest.raises(Enough):
        make_fetcher(resolve=resolve).fetch("http://slow.example/", tmp_path / "a", check=check)
    over.set()


def test_a_full_disk_is_foreseen(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = os.statvfs_result((4096, 4096, 1000, 0, 0, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    with pytest.raises(GalaError) as caught:
        make_fetcher().fetch(site.file("/a", b"bytes"), tmp_path / "a")
    assert caught.value.code == "OUT_OF_DISK"
