"""Jobs of several types, submitted all the time, each with a key so that none is made twice."""

from __future__ import annotations

import io
import itertools
import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bench.reliability.machine import Machine
from gala.job import LIVE
from tests.support.samples import sample

Job = Mapping[str, Any]

LIVE_JOBS = 8
"""How many jobs are queued or running at any time."""
_PAUSE_SECONDS = 0.1
_CHUNK_PAUSE_SECONDS = 0.02
_SMALL = {"format": {"width": 64, "height": 112, "fps": 10}}


class _SlowFile(io.BytesIO):
    """Four megabytes that take a second or two to read, so that kills hit the upload."""

    def __init__(self) -> None:
        super().__init__(os.urandom(4 << 20))

    def read(self, size: int | None = -1, /) -> bytes:
        time.sleep(_CHUNK_PAUSE_SECONDS)
        return super().read(size)


class Load:
    """Two threads, one of which submits jobs and one uploads files slowly.

    ``submitted`` has the ids of the jobs that were accepted.
    """

    def __init__(self, machine: Machine, *, seed: int, whisper: bool):
        self.submitted: list[str] = []
        self._machine = machine
        self._random = random.Random(seed)
        self._numbers = itertools.count(1)
        self._video = sample("video", machine.folder)
        self._stopping = threading.Event()
        self._client = httpx.Client(base_url=machine.api_url, timeout=10, trust_env=False)
        self._makers: list[Callable[[], Job]] = [
            self._film,
            self._hello,
            self._speech,
            self._trim,
            self._probe,
        ]
        if whisper:
            self._makers.append(self._transcribe)
        self._threads = [threading.Thread(target=work) for work in (self._run, self._upload)]

    def start(self) -> None:
        """Start submitting and uploading."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Submit and upload no more."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._client.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._live_jobs() < LIVE_JOBS:
                self._submit(self._random.choice(self._makers)())
            else:
                time.sleep(_PAUSE_SECONDS)

    def _upload(self) -> None:
        with httpx.Client(base_url=self._machine.api_url, timeout=10, trust_env=False) as client:
            while not self._stopping.wait(_PAUSE_SECONDS):
                files = {"file": ("slow.txt", _SlowFile())}
                with suppress(httpx.TransportError):
                    client.post("/assets", data={"kind": "other"}, files=files)

    def _live_jobs(self) -> int:
        statuses = ", ".join(f"'{status}'" for status in LIVE)
        with suppress(DBAPIError), self._machine.engine.connect() as connection:
            count = connection.execute(
                text(f"SELECT count(*) FROM jobs WHERE status IN ({statuses})")
            )
            return int(count.scalar_one())
        return LIVE_JOBS

    def _submit(self, job: Job) -> None:
        headers = {"Idempotency-Key": f"job-{next(self._numbers)}"}
        answer = self._answer(lambda: self._client.post("/jobs", json=job, headers=headers))
        if answer is not None:
            self.submitted.append(answer["job"]["id"])

    def _answer(self, send: Callable[[], httpx.Response]) -> dict[str, Any] | None:
        """Send until it is accepted, as a client does; return None when stopping."""
        while not self._stopping.is_set():
            with suppress(httpx.TransportError):
                response = send()
                if not response.is_server_error:
                    body: dict[str, Any] = response.raise_for_status().json()
                    return body
            time.sleep(_PAUSE_SECONDS)
        return None

    def _asset(self, path: Path) -> str:
        def send() -> httpx.Response:
            with path.open("rb") as content:
                files = {"file": (path.name, content)}
                return self._client.post("/assets", data={"kind": "other"}, files=files)

        answer = self._answer(send)
        return "" if answer is None else str(answer["asset"]["id"])

    def _film(self) -> Job:
        return {"type": "test_film", "params": {"seconds": self._random.uniform(0.5, 2)}}

    def _hello(self) -> Job:
        params = {"text": f"Number {next(self._numbers)}"}
        return {"type": "hello_render", "params": params, "output": {**_SMALL, "duration_ms": 500}}

    def _speech(self) -> Job:
        text = f"This is number {next(self._numbers)}. " * 5
        return {"type": "tts", "params": {"text": text, "engine": "espeak"}}

    def _trim(self) -> Job:
        start = self._random.uniform(0.1, 1)
        params = {"start": round(start, 2), "end": round(start + 1, 2)}
        return {"type": "trim", "params": params, "inputs": self._media()}

    def _probe(self) -> Job:
        return {"type": "probe", "params": {}, "inputs": self._media()}

    def _transcribe(self) -> Job:
        inputs = {"audio_asset_id": self._asset(self._video)}
        return {"type": "transcribe", "params": {"language": "en"}, "inputs": inputs}

    def _media(self) -> dict[str, str]:
        return {"media_asset_id": self._asset(self._video)}
