"""A fake service that generates images, videos and speech over HTTP, in the usual dialects."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.fakes.http import Handler, served
from tests.fakes.media_files import PICTURE, SOUND, VIDEO, make

ROUTES = {
    "openai": "/v1/images/generations",
    "automatic1111": "/sdapi/v1/txt2img",
    "json": "/generate",
}
"""The dialects for images."""
SPEECH = "/v1/audio/speech"


class Service:
    """The settings of the fake and the requests that it received."""

    def __init__(self, folder: Path):
        self.url = ""
        self._folder = folder
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.keys: list[str | None] = []
        self.go = threading.Event()
        """No request is answered before it is set."""
        self.arrived = threading.Event()
        self.hung_up = threading.Event()
        """Set when a client disconnects while it waits."""
        self.reset()

    def reset(self) -> None:
        """Reset all settings and recorded requests."""
        self.picture, self.sound = self._usual
        self.routes = {*ROUTES.values(), SPEECH}
        self.link: str | None = None
        """The image URL in OpenAI's answer, instead of the image data."""
        self.link_status = 200
        """The content at that URL."""
        self.said: bytes | None = None
        """The JSON answer that replaces the usual one."""
        self.refusals: list[tuple[int, bytes]] = []
        """Answers to send before the successful ones."""
        self.asked.clear()
        self.keys.clear()
        self.arrived.clear()
        self.hung_up.clear()
        self.go.set()

    @cached_property
    def video(self) -> bytes:
        """The bytes of a generated video."""
        return make(self._folder / "made.mp4", *VIDEO, "-pix_fmt", "yuv420p").read_bytes()

    @cached_property
    def _usual(self) -> tuple[bytes, bytes]:
        picture, sound = self._folder / "made.png", self._folder / "made.wav"
        return make(picture, *PICTURE).read_bytes(), make(sound, *SOUND).read_bytes()

    def hold(self) -> None:
        """Answer no request until ``go`` is set."""
        self.arrived.clear()
        self.hung_up.clear()
        self.go.clear()


class _Speaking(Handler):
    service: Service

    def do_GET(self) -> None:  # noqa: N802
        if self.service.link_status == 200:
            self.answer(200, self.service.picture, Content_Type="image/png")
        else:
            self.answer(self.service.link_status)

    def do_POST(self) -> None:  # noqa: N802
        service = self.service
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        service.asked.append((self.path, body))
        service.keys.append(self.headers["Authorization"])
        service.arrived.set()
        if not service.go.is_set():
            # The client sends nothing more: it waits or disconnects.
            if self.connection.recv(1) == b"":
                service.hung_up.set()
            self.close_connection = True
        elif self.path not in service.routes:
            self.answer(404, b'{"detail":"Not Found"}', Content_Type="application/json")
        elif service.refusals:
            status, said = service.refusals.pop(0)
            self.answer(status, said)
        elif "duration" in body:
            self.answer(200, service.video, Content_Type="video/mp4")
        elif self.path == SPEECH:
            self.answer(200, service.sound, Content_Type="audio/wav")
        else:
            made = service.said or json.dumps(self._made(body)).encode()
            self.answer(200, made, Content_Type="application/json")

    def _made(self, body: dict[str, Any]) -> dict[str, Any]:
        service = self.service
        if "text" in body:
            return {"audio": base64.b64encode(service.sound).decode()}
        text = base64.b64encode(service.picture).decode()
        if self.path == ROUTES["openai"]:
            where = {"url": service.link} if service.link else {"b64_json": text}
            return {"created": 1, "data": [where]}
        if self.path == ROUTES["automatic1111"]:
            return {"images": [text], "parameters": {}, "info": "{}"}
        return {"status": "ok", "image": f"data:image/png;base64,{text}"}


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """Serve until the block ends."""
    service = Service(folder)
    with served(type("Speaking", (_Speaking,), {"service": service})) as url:
        service.url = url
        yield service
