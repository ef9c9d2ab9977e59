"""The API's copy of the renderer's list of voices."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from gala.errors import InvalidRequest, Unavailable
from gala.render_types.tts import TtsParams
from gala_api.voice_catalogue import VoiceCatalogue


class Renderer(BaseHTTPRequestHandler):
    """Lists one voice of Kokoro, and that of espeak-ng."""

    voices: tuple[str, ...] = ("af_mine",)
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        voice = {"language": "en-US", "gender": None, "title": "", "description": ""}
        engines = {
            "espeak": [{"name": "es", **voice}],
            "kokoro": [{"name": name, **voice} for name in self.voices],
        }
        about = {name: {"licence": None, "variants": []} for name in engines}
        body = json.dumps({"default": "kokoro", "engines": engines, "about": about}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def renderer() -> Iterator[HTTPServer]:
    Renderer.voices, Renderer.asked = ("af_mine",), 0
    with HTTPServer(("127.0.0.1", 0), Renderer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def params(voice: str) -> TtsParams:
    return TtsParams.parse({"text": "Hello.", "voice": voice})


def test_the_list_is_asked_for_once_and_again_before_a_refusal(renderer: HTTPServer) -> None:
    voices = VoiceCatalogue(f"http://127.0.0.1:{renderer.server_port}")
    assert [one.name for one in voices.current().voices] == ["af_mine", "es"]
    for _ in range(3):
        voices.check(params("af_mine"), frozenset())
    assert Renderer.asked == 1
    Renderer.voices = ("af_mine", "af_new")
    voices._asked_at -= 2
    voices.check(params("af_new"), frozenset())
    assert Renderer.asked == 2
    with pytest.raises(InvalidRequest, match="af_nwe"):
        voices.check(params("af_nwe"), frozenset())
    assert Renderer.asked == 2


def test_without_an_answer_one_submission_waits_and_the_list_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=20) as silent:
        silent.setblocking(False)
        voices = VoiceCatalogue(f"http://127.0.0.1:{silent.getsockname()[1]}")
        for _ in range(20):
            voices.check(params("af_nwe"), frozenset())
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
    with pytest.raises(Unavailable):
        voices.current()
