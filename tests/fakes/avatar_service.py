"""A stand-in for services that animate portraits, which can fail in many ways."""

from __future__ import annotations

import email
import email.policy
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.http import Handler, served
from tests.fakes.media_files import make


@dataclass
class AvatarServiceFake:
    """How it answers, and what it received."""

    folder: Path
    url: str = ""
    answer: str = "good"
    """``good``, ``dies``, ``stalls``, ``half`` of the bytes, ``error`` or ``text``; or a lie:
    ``small``, ``slow`` (half the rate), ``short``, ``long``, ``damaged`` or ``faceless``."""
    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    key: str | None = None
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set when a client disconnects while it waits."""

    def receive(self, kind: str, body: bytes) -> None:
        """Read a form."""
        head = f"Content-Type: {kind}\r\n\r\n".encode()
        for part in email.message_from_bytes(head + body, policy=email.policy.default).iter_parts():
            name = part.get_param("name", header="content-disposition")
            content: Any = part.get_payload(decode=True)
            if part.get_filename() is None:
                self.fields[str(name)] = content.decode()
            else:
                self.files[str(name)] = self.folder / str(part.get_filename())
                self.files[str(name)].write_bytes(content)

    def video(self) -> bytes:
        """Return the portrait, or the video, as a video that gets lighter, or the lie."""
        width, height, fps = (int(self.fields[name]) for name in ("width", "height", "fps"))
        with wave.open(str(self.files["audio"])) as sound:
            seconds = sound.getnframes() / sound.getframerate()
        match self.answer:
            case "small":
                width //= 4
            case "slow":
                fps //= 2
            case "short":
                seconds /= 2
            case "long":
                seconds += 5
        source = ("-loop", "1", "-i", str(self.files.get("portrait")))
        if "idle" in self.files:
            source = ("-stream_loop", "-1", "-i", str(self.files["idle"]))
        if self.answer == "faceless":
            source = ("-f", "lavfi", "-i", "testsrc")
        target = self.folder / "answer.mp4"
        target.unlink(missing_ok=True)
        make(target, *source, "-t", f"{seconds:.3f}", "-r", str(fps), "-vf",
             f"scale={width // 2 * 2}:{height},format=yuv420p,eq=brightness='0.1+n/50':eval=frame",
             "-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart")  # fmt: skip
        made = target.read_bytes()
        return made[: len(made) * 6 // 10] if self.answer == "damaged" else made


class _Animating(Handler):
    service: AvatarServiceFake

    def do_POST(self) -> None:  # noqa: N802
        service = self.service
        body = self.rfile.read(int(self.headers["Content-Length"]))
        service.key = self.headers["Authorization"]
        service.receive(self.headers["Content-Type"], body)
        match service.answer:
            case "dies":
                self.cut()
            case "stalls":
                if self.connection.recv(1) == b"":
                    service.hung_up.set()
                self.close_connection = True
            case "error":
                self.answer(500, b"out of memory")
            case "text":
                self.answer(200, b"I am a video.", Content_Type="video/mp4")
            case "half":
                self._half(service.video())
            case _:
                self.answer(200, service.video(), Content_Type="video/mp4")

    def _half(self, video: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Length", str(len(video)))
        self.end_headers()
        self.wfile.write(video[: len(video) // 2])
        self.cut()


@contextmanager
def serving(folder: Path) -> Iterator[AvatarServiceFake]:
    """Serve until the block ends."""
    service = AvatarServiceFake(folder)
    with served(type("Animating", (_Animating,), {"service": service})) as url:
        service.url = url
        yield service
