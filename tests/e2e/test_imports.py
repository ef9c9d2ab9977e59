"""Imports of files by URL, end to end: a worker fetches them from a real server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest

from gala.errors import AssetNotFound
from gala.job import JobStatus
from gala.media import AssetKind, AssetStatus
from tests.fakes.http import Handler, served
from tests.fakes.media_files import make
from tests.platform.stack import Stack
from tests.support import http
from tests.support.wait import wait_until

pytestmark = pytest.mark.slow

RATE: Final = 5


class Origin:
    """A server of two films and a web page; a ``held`` response pauses until it is released."""

    def __init__(self, folder: Path):
        self.files = {name: _film(folder / name, seconds) for name, seconds in FILMS.items()}
        self.files["video.mp4"] = b"<!doctype html><title>No video</title>"
        self.let_go = Event()
        self.requested = Event()
        self.url = ""

    def handler(self) -> type[Handler]:
        """Return the request handler."""
        origin = self

        class Films(Handler):
            def do_GET(self) -> None:  # noqa: N802
                held, _, name = self.path.strip("/").rpartition("/")
                if held:
                    origin.requested.set()
                    origin.let_go.wait(60)
                self.answer(200, origin.files[name], Content_Type="video/mp4")

        return Films


FILMS: Final = {"a.mp4": 2, "b.mp4": 1}


def _film(path: Path, seconds: int) -> bytes:
    source = f"testsrc2=s=64x64:r={RATE}:d={seconds}"
    make(path, "-f", "lavfi", "-i", source, "-c:v", "libx264", "-pix_fmt", "yuv420p")
    return path.read_bytes()


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    made = Origin(tmp_path)
    with served(made.handler()) as url:
        made.url = url
        yield made
        made.let_go.set()


@pytest.fixture
def stack(media_stack: Stack) -> Stack:
    """A stack whose workers fetch from this machine, too."""
    return media_stack


def test_a_file_from_a_url_becomes_an_asset(stack: Stack, origin: Origin, tmp_path: Path) -> None:
    promised = _import(stack, f"{origin.url}/a.mp4", label="a film")
    assert promised["status"] == "pending"
    stack.client.wait(promised["job_id"], timeout_seconds=60)
    asset = stack.client.asset(promised["id"])
    whole = origin.files["a.mp4"]
    assert asset.status is AssetStatus.READY
    assert (asset.mime, asset.kind) == ("video/mp4", AssetKind.SOURCE_VIDEO)
    assert (asset.label, asset.filename) == ("a film", "a.mp4")
    assert asset.checksum == hashlib.sha256(whole).hexdigest()
    assert stack.client.download(asset.id, tmp_path / "back.mp4").read_bytes() == whole


NO_MEDIA: Final = {
    "page": (b"<!doctype html><title>No video</title>", "a web page (text/html)"),
    "text": (b"Not found", "text (text/plain)"),
    "json": (b'{"error": "not found"}', "text (application/json)"),
}
SUBTITLES: Final = {
    "srt": b"1\n00:00:01,000 --> 00:00:02,000\nHello\n",
    "ttml": b"<?xml version='1.0'?><tt xmlns='http://www.w3.org/ns/ttml'><body><div>"
    b"<p begin='0s' end='1s'>Hello</p></div></body></tt>",
}


def test_text_is_refused_unless_it_is_subtitles(stack: Stack, origin: Origin) -> None:
    origin.files |= SUBTITLES | {name: content for name, (content, _) in NO_MEDIA.items()}
    names = (*NO_MEDIA, *SUBTITLES)
    promised = {name: _import(stack, f"{origin.url}/{name}", kind="other") for name in names}
    for name, asset in promised.items():
        ended = stack.client.wait(asset["job_id"], timeout_seconds=60)
        assert (ended.status is JobStatus.DONE) is (name in SUBTITLES), ended.error
        if name in NO_MEDIA:
            error = stack.client.asset(asset["id"]).error
            assert error is not None
            assert error.code == "UNSUPPORTED_MEDIA"
            assert error.message.startswith("url: The file")
            assert NO_MEDIA[name][1] in error.message


def test_a_web_page_named_as_a_video_is_refused(stack: Stack, origin: Origin) -> None:
    promised = _import(stack, f"{origin.url}/video.mp4")
    ended = stack.client.wait(promised["job_id"], timeout_seconds=60)
    assert ended.status is JobStatus.FAILED
    asset = stack.client.asset(promised["id"])
    assert asset.status is AssetStatus.FAILED
    assert asset.error is not None
    assert asset.error.code in {"UNSUPPORTED_MEDIA", "UNPROCESSABLE_MEDIA"}
    with pytest.raises(AssetNotFound, match="could not be made"):
        stack.client.asset_url(asset.id)


def test_files_from_urls_are_inputs_in_their_order(stack: Stack, origin: Origin) -> None:
    urls = [f"{origin.url}/{name}" for name in FILMS]
    job = stack.client.submit(type="concatenate", params={}, inputs={"clips_urls": urls})
    ended = stack.client.wait(job.id, timeout_seconds=60)
    assert ended.status is JobStatus.DONE, ended.error
    assert "video" in ended.outputs[0].asset_ids


def test_deleting_an_asset_that_is_being_fetched_ends_its_job(stack: Stack, origin: Origin) -> None:
    promised = _import(stack, f"{origin.url}/held/a.mp4")
    assert origin.requested.wait(30)
    stack.client.delete_asset(promised["id"])
    origin.let_go.set()
    ended = stack.client.wait(promised["job_id"], timeout_seconds=60)
    assert ended.status is JobStatus.CANCELLED
    with pytest.raises(AssetNotFound):
        stack.client.asset(promised["id"])
    assert promised["id"] not in {asset.id for asset in stack.client.assets()}


def test_a_worker_killed_in_between_costs_no_promise(stack: Stack, origin: Origin) -> None:
    before = {asset.id for asset in stack.client.assets()}
    promised = _import(stack, f"{origin.url}/held/a.mp4")
    assert origin.requested.wait(30)
    stack.kill_tree("worker-batch-1")
    origin.let_go.set()
    stack.start("worker-batch-1")
    ended = stack.client.wait(promised["job_id"], timeout_seconds=60)
    assert (ended.status, ended.attempt) == (JobStatus.DONE, 2)
    wait_until(lambda: stack.client.asset(promised["id"]).status is AssetStatus.READY, 5)
    assert {asset.id for asset in stack.client.assets()} - before == {promised["id"]}


def _import(stack: Stack, url: str, **fields: Any) -> dict[str, Any]:
    body = {"url": url, "kind": "source_video"} | fields
    answer = http.post(f"{stack.base_url}/assets", json=body, timeout=30, trust_env=False)
    assert answer.status_code == 202, answer.text
    asset: dict[str, Any] = answer.json()["asset"]
    return asset
