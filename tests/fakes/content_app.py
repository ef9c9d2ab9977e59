"""A small application around the real download and upload code, on storages that misbehave."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

import anyio.lowlevel
import psutil
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gala.asgi import StreamedResponse
from gala.sniff import sniff
from gala_api.errors import handlers
from gala_api.http.content_response import StoredContent, content_response
from gala_api.http.filenames import Disposition
from gala_api.http.unread_bodies import SILENT_SECONDS, UnreadBodies
from gala_api.http.uploads import receive_upload
from gala_storage import (
    ByteRange,
    LocalStorage,
    MemoryStorage,
    ObjectStream,
    Storage,
    StorageUnavailable,
)

MODIFIED = datetime(2026, 11, 20, 10, 30, 15, 123456, tzinfo=UTC)
HUGE = 4 * 1024**3


class EndlessStorage(MemoryStorage):
    """Generates `HUGE` bytes on demand at a limited rate; counts the open streams."""

    def __init__(self, *, pause: float = 0.0, breaks_after: int = HUGE) -> None:
        super().__init__()
        self.opened = 0
        self.closed = 0
        self._pause = pause
        self._breaks_after = breaks_after

    def open(self, object_key: str, byte_range: ByteRange | None = None) -> ObjectStream:
        self.opened += 1
        size = byte_range.length if byte_range else HUGE
        return ObjectStream(self._chunks(size), size=size, close=self._close)

    def _chunks(self, size: int) -> Iterator[bytes]:
        chunk = bytes(256 * 1024)
        for sent in range(0, size, len(chunk)):
            if sent >= self._breaks_after:
                raise StorageUnavailable("the provider hung up")
            time.sleep(self._pause)
            yield chunk[: size - sent]

    def _close(self) -> None:
        self.closed += 1


class State:
    """State that the routes share."""

    def __init__(self, root: Path) -> None:
        self.slow = EndlessStorage(pause=0.02)
        self.streams = 0
        self.storages: dict[str, Storage] = {
            "memory": MemoryStorage(),
            "localfs": LocalStorage(root / "storage"),
            "slow": self.slow,
            "stuck": EndlessStorage(pause=4.0),
            "endless": EndlessStorage(),
            "breaking": EndlessStorage(breaks_after=1024 * 1024),
            "down": EndlessStorage(breaks_after=0),
        }
        self.staging = root / "staging"
        self.known: dict[tuple[str, str], StoredContent] = {}
        self.reports: list[dict[str, Any]] = []
        self.pages: dict[str, str] = {}

    def put(self, provider: str, path: Path, filename: str, mime: str, digest: str) -> None:
        key = f"assets/{digest}"
        self.storages[provider].put(key, path, mime, name=key)
        self.known[provider, filename] = StoredContent(
            object_key=key,
            mime=mime,
            size=path.stat().st_size,
            sha256=digest,
            filename=filename,
            modified=MODIFIED,
        )

    def find(self, provider: str, name: str) -> StoredContent:
        made = StoredContent(
            object_key=f"assets/{name}",
            mime="video/mp4",
            size=HUGE,
            sha256=sha256(name.encode()).hexdigest(),
            filename=name,
            modified=MODIFIED,
        )
        return self.known.get((provider, name), made)


def _store(state: State) -> Callable[[Request], Any]:
    async def store(request: Request) -> Response:
        body = await request.body()
        with NamedTemporaryFile() as file:
            file.write(body)
            file.flush()
            state.put(
                request.path_params["provider"],
                Path(file.name),
                request.path_params["name"],
                request.headers["content-type"],
                sha256(body).hexdigest(),
            )
        return Response(status_code=201)

    return store


def _content(state: State) -> Callable[[Request], Response]:
    def content(request: Request) -> Response:
        provider, name = request.path_params["provider"], request.path_params["name"]
        stored = state.find(provider, name)
        if claim := request.query_params.get("claim"):
            stored = replace(stored, size=int(claim))
        return content_response(
            request,
            storage=state.storages[provider],
            stored=stored,
            disposition=Disposition.ATTACHMENT
            if request.query_params.get("download") == "1"
            else Disposition.INLINE,
        )

    return content


def _upload(state: State) -> Callable[[Request], Any]:
    async def upload(request: Request) -> Response:
        limit = int(request.query_params.get("max", 1024**3))
        async with receive_upload(request, staging=state.staging, max_bytes=limit) as received:
            mime = sniff(received.path)
            for provider in request.query_params.getlist("to"):
                state.put(provider, received.path, received.filename, mime, received.sha256)
            return JSONResponse(
                {
                    "size": received.size,
                    "sha256": received.sha256,
                    "filename": received.filename,
                    "fields": received.fields,
                    "mime": mime,
                },
                status_code=201,
            )

    return upload


class ImpatientResponse(StreamedResponse):
    """A response that ends soon if its client reads nothing."""

    stalled_seconds = 0.5


def _endless(state: State) -> Callable[[Request], Any]:
    async def endless(_request: Request) -> Response:
        async def chunks() -> AsyncGenerator[bytes, None]:
            state.streams += 1
            try:
                while True:
                    yield bytes(64 * 1024)
                    # `send` does not wait once the client has left.
                    await anyio.lowlevel.checkpoint()
            finally:
                state.streams -= 1

        return ImpatientResponse(chunks(), "audio/mpeg")

    return endless


def _stats(state: State) -> Callable[[Request], Response]:
    process = psutil.Process(os.getpid())

    def stats(_request: Request) -> Response:
        return JSONResponse(
            {
                "pid": process.pid,
                "open_streams": state.slow.opened - state.slow.closed,
                "opened": state.slow.opened,
                "endless_streams": state.streams,
                "rss": process.memory_info().rss,
                "fds": process.num_fds(),
                "threads": threading.active_count(),
                "staged": len(list(state.staging.glob("*"))),
            }
        )

    return stats


def _reports(state: State) -> Callable[[Request], Any]:
    async def reports(request: Request) -> Response:
        if request.method == "POST":
            state.reports.append(await request.json())
        return JSONResponse(state.reports)

    return reports


def _pages(state: State) -> Callable[[Request], Any]:
    async def pages(request: Request) -> Response:
        name = request.path_params["name"]
        if request.method == "PUT":
            state.pages[name] = (await request.body()).decode()
        return HTMLResponse(state.pages[name])

    return pages


def create_impatient_app() -> Starlette:
    """Create an application that does not wait for clients that are silent within a body."""
    return create_app(silent_seconds=0.5)


def create_app(silent_seconds: float = SILENT_SECONDS) -> Starlette:
    """Create the application; its temporary folder is removed with the process."""
    folder = TemporaryDirectory(prefix="gala-content-")
    state = State(Path(folder.name))
    app = Starlette(
        routes=[
            Route("/content/{provider}/{name}", _content(state), methods=["GET"]),
            Route("/content/{provider}/{name}", _store(state), methods=["PUT"]),
            Route("/uploads", _upload(state), methods=["POST"]),
            Route("/endless", _endless(state)),
            Route("/stats", _stats(state)),
            Route("/reports", _reports(state), methods=["GET", "POST"]),
            Route("/pages/{name}", _pages(state), methods=["GET", "PUT"]),
        ],
    )
    handlers.install(app)
    app.add_middleware(UnreadBodies, silent_seconds=silent_seconds)
    app.state.folder = folder
    return app
