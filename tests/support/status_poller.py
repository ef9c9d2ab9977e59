"""Clients that poll the status of files while they are rendered, and check the answers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from gala.job import ENDED, JobStatus
from tests.fakes.raw_http import get
from tests.support.media_server_client import (
    MEDIA,
    UTILS,
    file_id,
    picture,
    tiny_film,
    tiny_sound,
    upload,
)

POLLS_PER_SECOND: Final = 200
CONNECTIONS: Final = 16
FILES: Final = 20
MIN_POLLS: Final = 25
"""The least number of polls of each file, before and again after all jobs have ended."""
_TIMEOUT_SECONDS: Final = 180.0


@dataclass
class Watched:
    """Observations of one file; times are those of the monotonic clock."""

    fails: str | None
    """The expected error code."""
    job_id: str = ""
    polls: int = 0
    reported_at: float = float("inf")
    """When a status first was ready or failed."""
    reported: dict[str, Any] = field(default_factory=dict)
    ended_at: float = float("inf")
    """When its job first had ended."""
    ended: str = ""
    content: bytes = b""


@dataclass
class Connection:
    """One keep-alive connection. A full HTTP client would need more time than the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def get(self, path: str) -> dict[str, Any]:
        """Return the JSON at a path; the status must be 200."""
        self.writer.write(get(path))
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200 "), head
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        body: dict[str, Any] = json.loads(await self.reader.readexactly(length))
        return body


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """Connect to the server of the URL; close at the end."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


@dataclass
class Watch:
    """Polls the files at a fixed rate until all have ended, and for a while longer."""

    client: httpx.AsyncClient
    files: Mapping[str, Watched]
    polls: int = 0
    seconds: float = 0.0
    late: int = 0
    """Polls after all files had ended."""
    mistakes: list[str] = field(default_factory=list)

    async def run(self) -> None:
        began = time.monotonic()
        async with asyncio.timeout(_TIMEOUT_SECONDS), asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_jobs())
            for number in range(CONNECTIONS):
                tasks.create_task(self._poll(began, number))
        self.seconds = time.monotonic() - began

    @property
    def over(self) -> bool:
        """True once every file and every job was seen to have ended."""
        return all(one.reported and one.ended for one in self.files.values())

    async def _poll(self, began: float, number: int) -> None:
        names = list(self.files)
        async with connected(str(self.client.base_url)) as connection:
            while self.late < MIN_POLLS * len(names):
                due = began + number / POLLS_PER_SECOND
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                await self._poll_once(connection, names[number % len(names)])
                self.late += self.over
                number += CONNECTIONS

    async def _poll_once(self, connection: Connection, name: str) -> None:
        one, sent = self.files[name], time.monotonic()
        body = await connection.get(f"{MEDIA}/storage/{name}/status")
        came = time.monotonic()
        self.polls, one.polls = self.polls + 1, one.polls + 1
        if body["status"] == "processing":
            # A request sent before the end may be answered after it.
            if sent > min(one.ended_at, one.reported_at):
                self.mistakes.append(f"{name}: still processing after its end")
            return
        if one.reported and body != one.reported:
            self.mistakes.append(f"{name}: was {one.reported}, is {body}")
        if not one.reported:
            one.reported_at, one.reported = came, body
            if body["status"] == "ready":
                await self._check_ready(name)

    async def _check_ready(self, name: str) -> None:
        """Check that a file that is ready is complete and its job is done."""
        one = self.files[name]
        job = (await self.client.get(f"/jobs/{one.job_id}")).json()["job"]
        if job["status"] != JobStatus.DONE:
            self.mistakes.append(f"{name}: ready while its job is {job['status']}")
        answer = await self.client.get(f"{MEDIA}/storage/{name}")
        if answer.status_code != 200:
            self.mistakes.append(f"{name}: ready, and its download answers {answer.status_code}")
        if len(answer.content) != int(answer.headers["content-length"]):
            self.mistakes.append(f"{name}: its download is cut off")
        one.content = answer.content

    async def _watch_jobs(self) -> None:
        by_job = {one.job_id: one for one in self.files.values()}
        while not self.over:
            jobs = (await self.client.get("/jobs", params={"limit": 100})).json()["jobs"]
            now = time.monotonic()
            for job in jobs:
                one = by_job.get(job["id"])
                if one is not None and not one.ended and job["status"] in ENDED:
                    one.ended, one.ended_at = job["status"], now
            await asyncio.sleep(0.05)


class Maker:
    """Starts jobs through the media server's routes."""

    def __init__(self, server: httpx.Client, folder: Path):
        self._server = server
        self.files: dict[str, Watched] = {}
        film = tiny_film(folder).read_bytes()
        self.film = upload(server, "film.mp4", film, "video")
        self.broken = upload(server, "broken.mp4", film[: len(film) // 3], "video")
        self.sound = upload(server, "sound.wav", tiny_sound(folder).read_bytes(), "audio")
        self.image = upload(server, "picture.png", picture(), "image")

    def begin(self, path: str, fails: str | None = None, **fields: object) -> Watched:
        """Request a file; its job is the newest one."""
        name = file_id(self._server.post(path, data=fields))
        self.files[name] = Watched(fails=fails)
        jobs = self._server.get("/jobs", params={"limit": 1}).json()["jobs"]
        self.files[name].job_id = jobs[0]["id"]
        return self.files[name]

    def begin_all(self, page: str) -> None:
        """Request twenty files of all kinds, five of which fail."""
        merge, colorkey = f"{MEDIA}/video-tools/merge", f"{MEDIA}/video-tools/add-colorkey-overlay"
        for _ in range(4):
            self.begin(merge, video_ids=f"{self.film},{self.film}")
            self.begin(colorkey, video_id=self.film, overlay_video_id=self.film)
            self.begin(f"{UTILS}/make-image-imperfect", image_id=self.image, noise_strength=9)
        self.begin(merge, fails="UNPROCESSABLE_MEDIA", video_ids=f"{self.film},{self.broken}")
        self.begin(merge, fails="UNPROCESSABLE_MEDIA", video_ids=self.broken)
        self.begin(f"{MEDIA}/audio-tools/tts/chatterbox", fails="ENGINE_MISSING", text="Nor this.")
        self.begin(f"{MEDIA}/storage", fails="UNSUPPORTED_MEDIA", media_type="image", url=page)
        for _ in range(2):
            self.begin(f"{UTILS}/convert/pcm/wav", pcm_id=self.sound)
        self.begin(f"{MEDIA}/storage", media_type="image", url=page.replace("page", "picture"))
        # Cancelled while it is queued or running.
        stopped = self.begin(merge, fails="INVALID_JOB_STATE", video_ids=",".join([self.film] * 9))
        assert self._server.post(f"/jobs/{stopped.job_id}/cancel").status_code in {200, 202}
