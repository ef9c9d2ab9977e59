"""Resumption of broken connections, and the cache of fetched files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tests.fakes.http import Handler
from tests.integration.worker.fetching.conftest import MakeFetcher, Site

FILM = bytes(range(256)) * 4096
HALF = len(FILM) // 2


class Breaking:
    """A file whose first connections are cut in the middle."""

    def __init__(self, site: Site, *, cuts: int, etags: list[str], ranges: bool = True):
        self._site = site
        self._cuts = cuts
        self._etags = etags
        self._ranges = ranges
        self.url = site.page("/film", self.respond)

    def respond(self, ask: Handler) -> None:
        """Send the requested range, or half of it."""
        etag = self._etags.pop(0) if len(self._etags) > 1 else self._etags[0]
        begin = 0
        if self._ranges and ask.headers["if-range"] == etag:
            begin = int(ask.headers["range"].removeprefix("bytes=").rstrip("-"))
        ask.send_response(206 if begin else 200)
        if begin:
            ask.send_header("Content-Range", f"bytes {begin}-{len(FILM) - 1}/{len(FILM)}")
        ask.send_header("Content-Length", str(len(FILM) - begin))
        ask.send_header("ETag", etag)
        ask.end_headers()
        if self._cuts:
            self._cuts -= 1
            ask.wfile.write(FILM[begin : begin + (len(FILM) - begin) // 2])
            ask.cut()
        else:
            ask.wfile.write(FILM[begin:])


def whole(path: Path) -> bool:
    return path.read_bytes() == FILM


def test_a_broken_connection_is_taken_up_where_it_broke(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    reports: list[tuple[int, int | None]] = []
    film = Breaking(site, cuts=2, etags=['"one"'])
    fetched = make_fetcher(max_bytes=len(FILM)).fetch(
        film.url, tmp_path / "a", on_progress=lambda *now: reports.append(now)
    )
    assert whole(fetched.path)
    assert fetched.sha256 == hashlib.sha256(FILM).hexdigest()
    headers_sent = [headers for _, headers in site.requests]
    assert "range" not in headers_sent[0]
    assert (headers_sent[1]["range"], headers_sent[1]["if-range"]) == (f"bytes={HALF}-", '"one"')
    assert headers_sent[2]["range"] == f"bytes={HALF + HALF // 2}-"
    assert reports[-1] == (len(FILM), len(FILM))
    assert reports == sorted(reports)


def test_a_file_that_changed_meanwhile_is_fetched_anew(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    film = Breaking(site, cuts=1, etags=['"one"', '"two"'])
    assert whole(make_fetcher().fetch(film.url, tmp_path / "a").path)
    assert site.requests[1][1]["if-range"] == '"one"'


@pytest.mark.parametrize("etag", ['W/"weak"', "unquoted", '"tab\there"'])
def test_without_a_strong_etag_a_broken_fetch_begins_anew(
    etag: str, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    film = Breaking(site, cuts=1, etags=[etag])
    assert whole(make_fetcher().fetch(film.url, tmp_path / "a").path)
    assert "range" not in site.requests[1][1]


def test_a_server_without_ranges_sends_it_all_again(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    film = Breaking(site, cuts=2, etags=['"one"'], ranges=False)
    assert whole(make_fetcher().fetch(film.url, tmp_path / "a").path)


@pytest.mark.parametrize(
    "content_range",
    [f"bytes 0-{len(FILM) - 1}/{len(FILM)}", f"bytes {HALF}-{len(FILM)}/{'9' * 5000}", "bytes"],
)
def test_another_range_than_asked_for_is_not_glued_on(
    content_range: str, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    def respond(ask: Handler) -> None:
        turn = len(site.requests)
        ask.send_response(206 if turn == 2 else 200)
        if turn == 2:
            ask.send_header("Content-Range", content_range)
        ask.send_header("Content-Length", str(len(FILM)))
        ask.send_header("ETag", '"one"')
        ask.end_headers()
        ask.wfile.write(FILM if turn > 1 else FILM[:HALF])
        if turn == 1:
            ask.cut()

    fetched = make_fetcher().fetch(site.page("/film", respond), tmp_path / "a")
    assert whole(fetched.path)
    assert len(site.requests) == 3


def film_with(site: Site, **headers: str) -> str:
    """Serve the film with support for conditional requests."""

    def respond(ask: Handler) -> None:
        if ask.headers["if-none-match"] == '"one"' or ask.headers["if-modified-since"]:
            ask.answer(304)
        else:
            ask.answer(200, FILM, **headers)

    return site.page("/film", respond)


@pytest.mark.parametrize(
    "headers", [{"ETag": '"one"'}, {"Last_Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}]
)
def test_what_was_fetched_once_is_only_asked_for(
    headers: dict[str, str], site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    fetcher = make_fetcher(cache_bytes=1 << 24)
    first = fetcher.fetch(film_with(site, **headers), tmp_path / "a")
    second = fetcher.fetch(f"{site.url}/film", tmp_path / "b")
    assert (first.cached, second.cached) == (False, True)
    assert whole(second.path)
    assert (second.sha256, second.mime) == (first.sha256, first.mime)
    # A job may change its file.
    second.path.write_bytes(b"spoiled")
    assert whole(fetcher.fetch(f"{site.url}/film", tmp_path / "c").path)


@pytest.mark.parametrize("headers", [{"ETag": '"\u00e9"'}, {"Last_Modified": "f\u00e9vrier"}])
def test_what_a_request_cannot_carry_is_not_asked_for(
    headers: dict[str, str], site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    fetcher = make_fetcher(cache_bytes=1 << 24)
    for name in ("a", "b"):
        assert whole(fetcher.fetch(film_with(site, **headers), tmp_path / name).path)


@pytest.mark.parametrize("damage", ["cut", "changed", "headless"])
def test_a_kept_copy_that_is_damaged_is_fetched_anew(
    damage: str, site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    fetcher = make_fetcher(cache_bytes=1 << 24)
    fetcher.fetch(film_with(site, ETag='"one"'), tmp_path / "a")
    (cached,) = (path for path in (tmp_path / "fetched").iterdir() if path.name != ".lock")
    raw = cached.read_bytes()
    damaged = {"cut": raw[:-1], "changed": raw[:-1] + b"?", "headless": raw[10:]}
    cached.write_bytes(damaged[damage])
    fetched = fetcher.fetch(f"{site.url}/film", tmp_path / "b")
    assert whole(fetched.path)
    assert not fetched.cached


@pytest.mark.parametrize(
    "headers", [{"ETag": '"one"', "Cache_Control": "private, No-Store"}, {"X_None": "1"}]
)
def test_what_may_not_or_cannot_be_kept_is_not(
    headers: dict[str, str], site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    make_fetcher(cache_bytes=1 << 24).fetch(film_with(site, **headers), tmp_path / "a")
    assert not list((tmp_path / "fetched").glob("*"))


def test_what_was_used_longest_ago_makes_room(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    fetcher = make_fetcher(cache_bytes=2 * len(FILM) + 2048)
    for name in ("/a", "/b", "/a", "/c"):
        site.file(name, FILM, ETag='"one"')
        fetcher.fetch(f"{site.url}{name}", tmp_path / "x")
        for cached in (tmp_path / "fetched").iterdir():
            used = cached.stat().st_mtime
            os.utime(cached, (used - 10, used - 10))
    site.requests.clear()
    # Requested last, because this fetches the removed file again and removes others.
    for name in ("/c", "/a", "/b"):
        fetcher.fetch(f"{site.url}{name}", tmp_path / "x")
    assert ["if-none-match" in headers for _, headers in site.requests] == [True, True, False]


def test_a_cache_of_no_bytes_keeps_nothing(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    make_fetcher(cache_bytes=0).fetch(film_with(site, ETag='"one"'), tmp_path / "a")
    assert not (tmp_path / "fetched").exists()
