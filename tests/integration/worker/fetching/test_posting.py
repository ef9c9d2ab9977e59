"""Posts to users' servers have the same address checks as fetches."""

from __future__ import annotations

import pytest

from gala.errors import FetchFailed, FetchInterrupted, UrlRefused
from gala.net.ssrf_guard import Guard
from gala_worker.http_fetch.post import Poster
from tests.fakes.http import Handler
from tests.integration.worker.fetching.conftest import INSIDE, PUBLIC, Canary, Resolver, Site

POSTER = Poster(Guard(PUBLIC))


def test_a_message_arrives_as_it_is_and_the_status_comes_back(site: Site) -> None:
    got: list[bytes] = []

    def respond(ask: Handler) -> None:
        got.append(ask.body)  # type: ignore[attr-defined]
        ask.answer(204)

    url = site.page("/hook?key=1", respond)
    assert POSTER.post(url, b'{"a":1}', {"webhook-id": "msg_1"}, 10) == 204
    assert got == [b'{"a":1}']
    _, headers = site.requests[0]
    assert headers["webhook-id"] == "msg_1"
    assert headers["content-length"] == "7"


@pytest.mark.parametrize("status", [302, 307, 410, 500])
def test_redirects_are_not_followed_and_failures_are_statuses(
    status: int, site: Site, canary: Canary
) -> None:
    url = site.leads("/hook", f"http://{INSIDE}/", status)
    assert POSTER.post(url, b"{}", {}, 10) == status
    assert canary.connections == 0


def test_nothing_inside_is_posted_to(site: Site, canary: Canary) -> None:
    resolver = Resolver([INSIDE])
    for url in (f"http://{INSIDE}/", "http://hook.example/"):
        with pytest.raises(UrlRefused):
            Poster(Guard(PUBLIC, resolver)).post(url, b"{}", {}, 10)
    assert resolver.hosts == ["hook.example"]
    assert (canary.connections, site.requests) == (0, [])


def test_an_endless_answer_is_left_after_its_status(site: Site) -> None:
    def endless(ask: Handler) -> None:
        ask.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            ask.wfile.write(b"x" * 65536)

    assert POSTER.post(site.page("/hook", endless), b"{}", {}, 10) == 200


def test_a_silent_receiver_is_left_in_time(site: Site) -> None:
    def silent(ask: Handler) -> None:
        ask.rfile.read(1)

    with pytest.raises(FetchFailed):
        POSTER.post(site.page("/hook", silent), b"{}", {}, 0.5)


def test_a_receiver_that_hangs_up_is_tried_again_later(site: Site) -> None:
    with pytest.raises(FetchInterrupted):
        POSTER.post(site.page("/hook", Handler.cut), b"{}", {}, 10)
