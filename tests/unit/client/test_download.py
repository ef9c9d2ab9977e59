"""GalaClient.download: concurrent downloads, other files in the folder, failures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gala.client import GalaClient
from gala.errors import Unavailable


class Body(httpx.SyncByteStream):
    """A body in two chunks; ``between`` runs after the first."""

    def __init__(self, *chunks: bytes, between: contextlib.AbstractContextManager[object]):
        self._chunks = chunks
        self._between = between

    def __iter__(self) -> Iterator[bytes]:
        yield self._chunks[0]
        with self._between:
            yield from self._chunks[1:]


def client_of(between: contextlib.AbstractContextManager[object]) -> GalaClient:
    def respond(request: httpx.Request) -> httpx.Response:
        asset_id = request.url.path.split("/")[2]
        first = Body(b"first ", b"file", between=between)
        return httpx.Response(200, content=b"second" if asset_id == "ast_2" else first)

    return GalaClient("http://gala.test", transport=httpx.MockTransport(respond))


def test_two_downloads_to_the_same_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"

    @contextlib.contextmanager
    def second_download() -> Iterator[None]:
        client.download("ast_2", target)
        assert target.read_bytes() == b"second"
        yield

    client = client_of(second_download())
    assert client.download("ast_1", target) == target
    assert target.read_bytes() == b"first file"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_of_the_user_that_ends_in_part_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "film.mp4.part"
    own.write_bytes(b"mine")
    client_of(contextlib.nullcontext()).download("ast_1", tmp_path / "film.mp4")
    assert own.read_bytes() == b"mine"


def test_an_interrupted_download_leaves_the_earlier_file(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    target.write_bytes(b"earlier")

    @contextlib.contextmanager
    def broken_connection() -> Iterator[None]:
        raise httpx.ReadError("connection reset")
        yield

    with pytest.raises(Unavailable):
        client_of(broken_connection()).download("ast_1", target)
    assert target.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [target]
