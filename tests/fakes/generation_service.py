"""A service that makes pictures, videos and speech over real HTTP, in the usual dialects."""

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
"""Of pictures."""
SPEECH = "/v1/audio/speech"


class Service:
    """What the stand-in does, and what it was asked."""

    def __init__(self, folder: Path):
        self.url = ""
        self._folder = folder
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.keys: list[str | None] = []
        self.go = threading.Event()
        """Nothing is answered before it is set."""
        self.arrived = threading.Event()
        self.hung_up = threading.Event()
        """A client went away while it waited."""
        self.reset()

    def reset(self) -> None:
        """Be as new."""
        self.picture, self.sound = self._usual
        self.routes = {*ROUTES.values(), SPEECH}
        self.link: str | None = None
        """The URL that OpenAI's answer names instead of holding the picture."""
        self.link_status = 200
        """What that URL is answered with."""
        self.said: bytes | None = None
        """The whole answer, as JSON, in place of the usual one."""
        self.refusals: list[tuple[int, bytes]] = []
        """Answers that come before the good ones."""
        self.asked.clear()
        self.keys.clear()
        self.arrived.clear()
        self.hung_up.clear()
        self.go.set()

    @cached_property
    def video(self) -> bytes:
        """What it sends for a film."""
        return make(self._folder / "made.mp4", *VIDEO, "-pix_fmt", "yuv420p").read_bytes()

    @cached_property
    def _usual(self) -> tuple[bytes, bytes]:
        picture, sound = self._folder / "made.png", self._folder / "made.wav"
        return make(picture, *PICTURE).read_bytes(), make(sound, *SOUND).read_bytes()

    def hold(self) -> None:
        """Answer nothing until ``go`` is set."""
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
            # Nothing more comes from the client: it waits, or goes.
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
    """The service, ready to answer."""
    service = Service(folder)
    with served(type("Speaking", (_Speaking,), {"service": service})) as url:
        service.url = url
        yield service
