"""Client steps for the media server's routes, tiny media files and a web server for them."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from PIL import Image

from tests.fakes.http import Handler, served
from tests.fakes.media_files import BOTH, SOUND, make
from tests.support.wait import wait_until

MEDIA: Final = "/api/v1/media"
UTILS: Final = "/api/v1/utils"
_H264: Final = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")


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
    """Write a video of 0.4 seconds, 128x96 pixels, with a tone."""
    return make(folder / "film.mp4", *BOTH, *_H264)


def tiny_sound(folder: Path) -> Path:
    """Write a tone of 0.4 seconds, as WAV."""
    return make(folder / "sound.wav", *SOUND)


def picture(colour: str = "#3060c0", size: tuple[int, int] = (240, 320)) -> bytes:
    """Return a PNG of one colour."""
    drawn = io.BytesIO()
    Image.new("RGB", size, colour).save(drawn, format="PNG")
    return drawn.getvalue()


def file_id(answer: httpx.Response) -> str:
    """Return the file id of an answer; it must have the form that clients rely on."""
    assert answer.status_code == 200, answer.text
    name: str = answer.json()["file_id"]
    kind, _, rest = name.partition("_")
    assert kind in {"image", "video", "audio", "tmp"}
    uuid.UUID(rest.partition(".")[0], version=4)
    return name


def upload(server: httpx.Client, name: str, data: bytes, media_type: str) -> str:
    """Upload a file and return its id."""
    data_fields, files = {"media_type": media_type}, {"file": (name, data)}
    return file_id(server.post(f"{MEDIA}/storage", data=data_fields, files=files))


def status(server: httpx.Client, name: str) -> dict[str, Any]:
    """Return the status of a file."""
    answer = server.get(f"{MEDIA}/storage/{name}/status")
    assert answer.status_code == 200
    state: dict[str, Any] = answer.json()
    return state


def ready(server: httpx.Client, name: str) -> bytes:
    """Poll until the file is ready, then download it."""

    def is_ready() -> bool:
        state = status(server, name)
        assert state["status"] in {"processing", "ready"}, state
        return bool(state["status"] == "ready")

    wait_until(is_ready, 60, what=name)
    answer = server.get(f"{MEDIA}/storage/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert name.partition("_")[2] in answer.headers["content-disposition"]
    return answer.content


def failed(server: httpx.Client, name: str) -> dict[str, Any]:
    """Poll until the file's job has failed; return the status."""
    wait_until(lambda: status(server, name)["status"] != "processing", 60, what=f"{name}'s end")
    state = status(server, name)
    assert state["status"] == "failed", state
    return state
