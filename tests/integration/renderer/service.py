"""Starts a real renderer for tests, and inspects its outputs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import httpx
import psutil

from gala.ids import Prefix, new_id
from gala.job import JobFailure
from gala.render_protocol import EVENTS, Done, Error, Output, Progress, RenderEvent
from gala.supervisor import free_port
from tests.support import http
from tests.support.processes import is_fork_server
from tests.support.wait import wait_until

PLUGINS = Path(__file__).parents[2] / "fakes" / "plugins"
SMALL = {"width": 160, "height": 284, "fps": 30}


@dataclass(frozen=True)
class Attempt:
    """An attempt's folder as the worker prepares it."""

    job_id: str
    folder: Path

    @property
    def inputs(self) -> Path:
        return self.folder / "in"

    def left(self) -> set[str]:
        """The names of its files, except inputs."""
        return {
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_file() and self.inputs not in path.parents
        }

    def request(self, type_name: str = "hello_render", **fields: Any) -> dict[str, Any]:
        """Return a render request; files in ``in/`` are named by their role, such as ``bg.png``."""
        inputs = {
            path.stem: [{"path": f"in/{path.name}", "mime": "application/octet-stream"}]
            for path in self.inputs.iterdir()
        }
        defaults = {
            "job_id": self.job_id,
            "attempt": 1,
            "type": type_name,
            "params": {"text": "hi"} if type_name == "hello_render" else {},
            "inputs": inputs,
            "format": SMALL,
            "duration_ms": 500,
            "deadline_seconds": 60,
        }
        return defaults | fields


@dataclass(frozen=True)
class Result:
    """Return all events of a render."""

    events: list[RenderEvent]

    @property
    def last(self) -> RenderEvent:
        return self.events[-1]

    @property
    def error(self) -> JobFailure:
        assert isinstance(self.last, Error), self.last
        return self.last.failure

    @property
    def outputs(self) -> dict[str, Output]:
        assert isinstance(self.last, Done), self.last
        return {event.role: event for event in self.events if isinstance(event, Output)}

    @property
    def fractions(self) -> list[float]:
        return [event.fraction for event in self.events if isinstance(event, Progress)]


class RendererProcess:
    """``python -m gala_renderer`` on a free port; ``within`` is a command to run it by."""

    def __init__(self, data_root: Path, *, within: Sequence[str] = (), **env: str):
        self.data_root = data_root
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        settings = {"DATA_ROOT": str(data_root), "RENDERER_PORT": str(port)}
        settings["RENDERER_CACHE_BYTES"] = "0"  # every render is done; see test_cache.py
        environment = os.environ | settings | {"PYTHONPATH": str(PLUGINS)} | env
        command = [*within, sys.executable, "-m", "gala_renderer"]
        self._popen = subprocess.Popen(command, env=environment)
        self.process = psutil.Process(self._popen.pid)
        self.client = http.Client(base_url=self.url, timeout=60)
        wait_until(self._ready, 30)

    def _ready(self) -> bool:
        assert self._popen.poll() is None, "the renderer ended by itself"
        try:
            return self.client.get("/readyz").is_success
        except httpx.TransportError:
            return False

    def attempt(self) -> Attempt:
        """Create the folder of a new attempt."""
        job_id = new_id(Prefix.JOB)
        attempt = Attempt(job_id, self.data_root / "jobs" / job_id / "1")
        attempt.inputs.mkdir(parents=True)
        return attempt

    def render(self, request: dict[str, Any]) -> Result:
        """Render to the end; return all events."""
        response = self.client.post("/render", json=request)
        assert response.status_code == 200, response.text
        return Result([EVENTS.validate_json(line) for line in response.text.splitlines()])

    @contextmanager
    def rendering(self, request: dict[str, Any]) -> Iterator[Iterator[RenderEvent]]:
        """A render whose FFmpeg is running; leaving the block disconnects from the renderer."""
        with (
            http.Client(base_url=self.url, timeout=60) as client,
            client.stream("POST", "/render", json=request) as response,
        ):
            events = (EVENTS.validate_json(line) for line in response.iter_lines())
            next(events)
            wait_until(self.decoders, 20, what="FFmpeg")
            yield events

    def decoders(self) -> list[psutil.Process]:
        """The programs that it is running."""
        programs = self.process.children(recursive=True)
        return [one for one in programs if not is_fork_server(one)]

    def send(self, signum: signal.Signals) -> None:
        self._popen.send_signal(signum)

    def wait_ended(self, seconds: float) -> int:
        return self._popen.wait(seconds)

    def stop(self) -> None:
        """Stop it; its programs are stopped with it."""
        self.client.close()
        if self._popen.poll() is None:
            self._popen.terminate()
        self._popen.wait(10)


@dataclass(frozen=True)
class Look:
    """Return the properties of a media file as PyAV reads them."""

    frames: list[av.VideoFrame]
    video: Any
    audio: Any
    seconds: float

    @classmethod
    def into(cls, path: Path) -> Look:
        with av.open(path) as container:
            video = container.streams.video[0]
            audio = container.streams.audio[0] if container.streams.audio else None
            frames = list(container.decode(video))
            return cls(
                frames,
                {
                    "codec": video.codec_context.name,
                    "profile": video.codec_context.profile,
                    "pix_fmt": video.codec_context.pix_fmt,
                    "size": (video.width, video.height),
                    "fps": video.average_rate,
                    "colours": (
                        video.codec_context.color_primaries,
                        video.codec_context.color_trc,
                        video.codec_context.colorspace,
                        video.codec_context.color_range,
                    ),
                },
                audio
                and {
                    "codec": audio.codec_context.name,
                    "rate": audio.rate,
                    "channels": audio.channels,
                },
                (container.duration or 0) / av.time_base,
            )
