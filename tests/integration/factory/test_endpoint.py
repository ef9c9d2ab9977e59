"""Requests to a generating service: secrecy of the key, progress, and errors."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from gala.errors import GalaError, RenderFailed, Unavailable
from gala.generation.http_service import Endpoint
from gala.generation.image_requests import Dialect, ImageRequest, service_requests
from gala.generation.task_context import TaskContext
from gala.media import MediaClass
from tests.fakes.generation_service import Service
from tests.fakes.http import Handler, served

KEY = "sk-very-secret-0123456789"


def _made(url: str, folder: Path, dialect: Dialect = Dialect.AUTO) -> list[float]:
    """Request an image, and return the reported progress."""
    reported: list[float] = []

    async def make() -> None:
        requests = service_requests(ImageRequest(prompt="A city", width=64, height=64), dialect)
        context = TaskContext("made", folder, reported.append)
        await Endpoint(url, SecretStr(KEY)).make(context, requests, MediaClass.IMAGE)
        await asyncio.sleep(0)  # lets the last progress arrive

    asyncio.run(make())
    return reported


def _causes(error: BaseException | None) -> Sequence[str]:
    """Return the error and its causes as a log shows them."""
    if error is None:
        return []
    shown = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return [repr(error), *_causes(shown)]


@pytest.mark.parametrize("key", ["sk-x\r\nsk-y", "sk-schlüssel", "sk x", " \n"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match=r"^service_key: ") as caught:
        Endpoint("http://127.0.0.1:1", SecretStr(key))
    assert not [line for line in _causes(caught.value) if "sk" in line or "schl" in line]


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": "who is %s?"}',
        b'{"image": {"detail": {"message": "%s"}}}',
        b'{"error": "' + b" " * 280 + b"x" * 290 + b'%s"}',
    ],
)
def test_a_key_in_a_good_answer_is_not_repeated(
    service: Service, tmp_path: Path, body: bytes
) -> None:
    service.said = body % KEY.encode()
    with pytest.raises(RenderFailed, match="holds no medium") as caught:
        _made(service.url, tmp_path)
    assert not [line for line in _causes(caught.value) if KEY[:6] in line]


@pytest.mark.parametrize("status", [404, 405])
def test_a_link_that_leads_nowhere_is_no_reason_to_have_it_made_again(
    service: Service, tmp_path: Path, status: int
) -> None:
    service.link = "/gone.png"
    service.link_status = status
    with pytest.raises(RenderFailed, match=f"does not know: {status}"):
        _made(service.url, tmp_path)
    assert len(service.asked) == 1


def test_a_connection_that_breaks_without_a_word_is_told_by_its_kind(tmp_path: Path) -> None:
    class Broken(Handler):
        def do_POST(self) -> None:  # noqa: N802
            self.rfile.read(int(self.headers["Content-Length"]))
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

    with served(Broken) as url, pytest.raises(Unavailable) as caught:
        _made(url, tmp_path)
    assert "(ReadError)" in caught.value.message


@pytest.mark.parametrize("link", [None, "/made.png"])
def test_progress_is_that_of_the_picture_and_never_goes_back(
    service: Service, tmp_path: Path, link: str | None
) -> None:
    service.link = link
    service.picture += bytes(400_000)
    progress = _made(service.url, tmp_path, Dialect.OPENAI)
    assert progress == sorted(progress)
    assert bool(progress) == bool(link)


def test_a_refusal_is_one_short_line(service: Service, tmp_path: Path) -> None:
    service.refusals = [(400, b"no\x1b[31m such\n" + b"size " * 1000)]
    with pytest.raises(GalaError) as caught:
        _made(service.url, tmp_path)
    assert "400: no [31m such size" in caught.value.message
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400
