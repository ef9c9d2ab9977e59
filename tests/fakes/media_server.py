"""A media server as documented by 0.3.5: forms by its schema, files that take a while.

It makes nothing; a finished file has the bytes that the test put into ``content``.
"""

from __future__ import annotations

import email
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.http import Handler, served

Kind = Callable[[str], Any]
_MEDIA: Final = "/api/v1/media"


def _truth(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(text)
    return text == "true"


_CAPTIONS: Final[Mapping[str, Kind]] = {
    "caption_config_line_count": int,
    "caption_config_line_max_length": int,
    "caption_config_font_size": int,
    "caption_config_font_name": str,
    "caption_config_font_bold": _truth,
    "caption_config_font_italic": _truth,
    "caption_config_font_color": str,
    "caption_config_subtitle_position": str,
    "caption_config_shadow_color": str,
    "caption_config_shadow_transparency": float,
    "caption_config_shadow_blur": int,
    "caption_config_stroke_color": str,
    "caption_config_stroke_size": int,
}
FORMS: Final[Mapping[str, tuple[str, Mapping[str, Kind], tuple[str, ...]]]] = {
    "/storage": ("", {"media_type": str, "url": str, "file": bytes}, ("media_type",)),  # type: ignore[dict-item]
    "/audio-tools/tts/kokoro": (
        "audio .wav", {"text": str, "voice": str, "speed": float}, ("text",),
    ),
    "/audio-tools/tts/chatterbox": (
        "audio .wav",
        {
            "text": str, "sample_audio_id": str, "exaggeration": float, "cfg_weight": float,
            "temperature": float, "chunk_chars": int, "chunk_silence_ms": int,
        },
        ("text",),
    ),
    "/video-tools/merge": (
        "video .mp4",
        {"video_ids": str, "background_music_id": str, "background_music_volume": float},
        ("video_ids",),
    ),
    "/video-tools/generate/tts-captioned-video": (
        "video .mp4",
        {
            "background_id": str, "text": str, "width": int, "height": int, "audio_id": str,
            "kokoro_voice": str, "kokoro_speed": float, "language": str, "image_effect": str,
            **_CAPTIONS,
        },
        ("background_id",),
    ),
}  # fmt: skip
"""By route: media type and suffix of its file, its fields, and the required ones."""


@dataclass
class MediaServer:
    """The server's files and requests; a file is ready after ``polls`` polls."""

    url: str = ""
    token: str = ""
    polls: int = 2
    away: int = 0
    """The number of requests still to answer with ``busy``."""
    busy: int = 503
    failing: Mapping[str, str] | None = None
    """The status of jobs that are to fail."""
    content: bytes = b"content"
    forms: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    working: dict[str, int] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    authorizations: set[str | None] = field(default_factory=set)
    undeletable: int = 0
    """The number of deletions still to refuse."""
    answering: threading.Event = field(default_factory=threading.Event)
    """No form is answered before this is set; it is set initially."""

    def __post_init__(self) -> None:
        self.answering.set()


@contextmanager
def media_server() -> Iterator[MediaServer]:
    """Serve until the block ends."""
    state = MediaServer()

    class _Handler(_Routes):
        server_state = state

    with served(_Handler) as url:
        state.url = url
        yield state


class _Routes(Handler):
    server_state: MediaServer

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks for
        state, path = self.server_state, urlsplit(self.path).path
        if path == "/health":
            self._json(200, {"status": "ok"})
            return
        if not self._may():
            return
        if path.endswith("/status"):
            self._json(200, self._status(path.split("/")[-2]))
            return
        file_id = path.rpartition("/")[2]
        if file_id not in state.files:
            self._json(404, {"error": f"File with ID {file_id} not found."})
        elif "-tools/info/" in path:
            self._json(200, {"duration": 2.5, "width": 1080, "height": 1920})
        else:
            self.answer(200, state.files[file_id])

    def do_DELETE(self) -> None:  # noqa: N802 - the name that http.server looks for
        if not self._may():
            return
        if self.server_state.undeletable:
            self.server_state.undeletable -= 1
            self._json(500, {"error": "not now"})
        else:
            file_id = self.path.rpartition("/")[2]
            self.server_state.files.pop(file_id, None)
            self.server_state.deleted.append(file_id)
            self._json(200, {"status": "success"})

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server looks for
        state, route = self.server_state, self.path.removeprefix(_MEDIA)
        form = self._form()
        if not self._may():
            return
        made, fields, required = FORMS[route]
        problem = _problem(form, fields, required)
        if problem:
            self._json(422, {"detail": [{"loc": ["body", problem], "msg": "wrong", "type": "x"}]})
            return
        state.forms.append((route, form))
        state.answering.wait(30)
        if route == "/storage":
            self._store(form)
            return
        kind, suffix = made.split()
        file_id = f"{kind}_{uuid.uuid4()}{suffix}"
        state.working[file_id] = state.polls
        self._json(200, {"file_id": file_id})

    def _store(self, form: Mapping[str, Any]) -> None:
        name, content = form.get("file") or (form["url"], self.server_state.content)
        suffix = "." + name.rpartition(".")[2]
        file_id = f"{form['media_type']}_{uuid.uuid4()}{suffix}"
        self.server_state.files[file_id] = content
        self._json(200, {"file_id": file_id})

    def _status(self, file_id: str) -> Mapping[str, str]:
        state = self.server_state
        if file_id in state.files:
            return {"status": "ready"}
        if file_id not in state.working:
            return {"status": "not_found"}
        state.working[file_id] -= 1
        if state.working[file_id] > 0:
            return {"status": "processing"}
        if state.failing:
            return state.failing
        state.files[file_id] = state.content
        return {"status": "ready"}

    def _may(self) -> bool:
        state = self.server_state
        given = self.headers.get("Authorization")
        state.authorizations.add(given)
        if state.away:
            state.away -= 1
            self._json(state.busy, {"error": "busy"})
        elif state.token and given != state.token:
            self._json(401, {"error": "Unauthorized"})
        else:
            return True
        return False

    def _form(self) -> dict[str, Any]:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        told = self.headers["Content-Type"] or ""
        if not told.startswith("multipart/"):
            return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
        message = email.message_from_bytes(b"Content-Type: " + told.encode() + b"\r\n\r\n" + body)
        return dict(_part(part) for part in message.get_payload())  # type: ignore[arg-type]

    def _json(self, status: int, body: Mapping[str, Any]) -> None:
        self.answer(status, json.dumps(body).encode(), Content_Type="application/json")


def _part(part: Any) -> tuple[str, Any]:
    name = part.get_param("name", header="content-disposition")
    filename, content = part.get_filename(), part.get_payload(decode=True)
    return name, content.decode() if filename is None else (filename, content)


def _problem(
    form: Mapping[str, Any], fields: Mapping[str, Kind], required: tuple[str, ...]
) -> str | None:
    """Return a field that violates the schema, or None."""
    for name in required:
        if not form.get(name):
            return name
    for name, value in form.items():
        if name not in fields:
            return name
        if isinstance(value, str) and value:
            try:
                fields[name](value)
            except (ValueError, TypeError):
                return name
    return None
