"""What the tests of the media server's routes share: a client's steps, tiny media, a web server.

Fixtures, imported by ``tests/e2e/conftest.py``: ``media_stack``, a platform on which Kokoro speaks
and Whisper hears (weights made on the spot), for all tests of a run that harm nothing for long;
``media``, a client of it; ``elsewhere``, a web server with a picture and a film.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from PIL import Image

from gala.job import Lane
from tests.standins.http import Handler, served
from tests.standins.media_files import BOTH, SOUND, make
from tests.support.kokoro import make_weights
from tests.support.servers import ValkeyServer
from tests.support.shared import stack_in
from tests.support.stack import Stack
from tests.support.waiting import wait_until
from tests.support.whisper_weights import make_whisper

MEDIA: Final = "/api/v1/media"
UTILS: Final = "/api/v1/utils"
_REDIS_DATABASE: Final = 1006
_H264: Final = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")


@pytest.fixture(scope="session")
def media_stack(
    new_database: Callable[..., str],
    valkey_server: ValkeyServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """All processes but Swagger, ready; whoever stops a worker starts it again."""
    root = tmp_path_factory.mktemp("media-server")
    stack = stack_in(
        root,
        new_database(),
        valkey_server.url(_REDIS_DATABASE),
        {Lane.BATCH: 1, Lane.INTERACTIVE: 1},
        KOKORO_WEIGHTS=str(make_weights(root / "kokoro")),
        WHISPER_MODEL=str(make_whisper(root / "whisper-tiny")),
        FETCH_ALLOWED_HOSTS="127.0.0.1",
        WORKER_LEASE_SECONDS="2",
        WORKER_SWEEP_SECONDS="0.5",
        WORKER_BACKOFF_SECONDS="0.1",
        API_MAX_UPLOAD_BYTES="4000000",
    )
    stack.start()
    yield stack
    stack.close()


@pytest.fixture(scope="session")
def media(media_stack: Stack) -> Iterator[httpx.Client]:
    """A client of the media server."""
    with httpx.Client(base_url=media_stack.base_url, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a web server with a picture and a film; all other pages are of words."""
    film = tiny_film(tmp_path_factory.mktemp("elsewhere")).read_bytes()
    with web_server(film) as url:
        yield url


@contextmanager
def web_server(film: bytes) -> Iterator[str]:
    """Serve ``/picture…`` and ``/film…`` until the block ends."""

    class Pages(Handler):
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks for
            if self.path.startswith("/picture"):
                self.answer(200, picture(), Content_Type="image/png")
            elif self.path.startswith("/film"):
                self.answer(200, film, Content_Type="video/mp4")
            else:
                self.answer(200, b"<html>no picture</html>", Content_Type="image/png")

    with served(Pages) as url:
        yield url


def tiny_film(folder: Path) -> Path:
    """A film of 0.4 seconds, 128x96 pixels, with a tone."""
    return make(folder / "film.mp4", *BOTH, *_H264)


def tiny_sound(folder: Path) -> Path:
    """A tone of 0.4 seconds, as WAV."""
    return make(folder / "sound.wav", *SOUND)


def picture(colour: str = "#3060c0", size: tuple[int, int] = (240, 320)) -> bytes:
    """A PNG of one colour."""
    drawn = io.BytesIO()
    Image.new("RGB", size, colour).save(drawn, format="PNG")
    return drawn.getvalue()


def file_id(answer: httpx.Response) -> str:
    """The promised id, which has the form that clients rely on."""
    assert answer.status_code == 200, answer.text
    name: str = answer.json()["file_id"]
    kind, _, rest = name.partition("_")
    assert kind in {"image", "video", "audio", "tmp"}
    uuid.UUID(rest.partition(".")[0], version=4)
    return name


def upload(server: httpx.Client, name: str, data: bytes, media_type: str) -> str:
    """The id of a file that is sent."""
    data_fields, files = {"media_type": media_type}, {"file": (name, data)}
    return file_id(server.post(f"{MEDIA}/storage", data=data_fields, files=files))


def status(server: httpx.Client, name: str) -> dict[str, Any]:
    """How a file stands."""
    answer = server.get(f"{MEDIA}/storage/{name}/status")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def ready(server: httpx.Client, name: str) -> bytes:
    """Ask until it is ready, then download it."""

    def there() -> bool:
        told = status(server, name)
        assert told["status"] in {"processing", "ready"}, told
        return bool(told["status"] == "ready")

    wait_until(there, 60, what=name)
    answer = server.get(f"{MEDIA}/storage/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert name.partition("_")[2] in answer.headers["content-disposition"]
    return answer.content


def failed(server: httpx.Client, name: str) -> dict[str, Any]:
    """Ask until its work has failed; what is told of that."""
    wait_until(lambda: status(server, name)["status"] != "processing", 60, what=f"{name}'s end")
    told = status(server, name)
    assert told["status"] == "failed", told
    return told
