"""A fake Hugging Face hub: the files of one folder over HTTP, with ranges."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest

_COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """``seen`` has the requests (method, path, Range); after ``break_after`` bytes one download
    breaks off; ``lie`` makes the published checksums wrong."""

    def __init__(self, files: Path):
        self.files = files
        self.seen: list[tuple[str, str, str | None]] = []
        self.break_after: int | None = None
        self.lie = False
        self.url = ""

    def siblings(self) -> list[dict[str, Any]]:
        """Return the list of files in the format of the hub's API."""
        found = []
        for path in sorted(self.files.rglob("*")):
            if path.is_file():
                size, sha256 = path.stat().st_size, self.sha256(path)
                name = path.relative_to(self.files).as_posix()
                lfs = {"size": size, "sha256": sha256, "pointerSize": 130}
                found.append({"rfilename": name, "size": size, "blobId": sha256[:40], "lfs": lfs})
        return found

    def sha256(self, path: Path) -> str:
        """Return the published checksum."""
        return hashlib.sha256(path.read_bytes() + (b"!" if self.lie else b"")).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: Hub):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        self.server.hub.seen.append((self.command, path, self.headers.get("Range")))
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(/revision/.*)?", path):
            told = {"id": match[1], "sha": _COMMIT, "siblings": self.server.hub.siblings()}
            self._send(200, json.dumps(told).encode(), {}, body=True)
        elif match := re.fullmatch(r"/[^/]+/[^/]+/resolve/[^/]+/(.+)", path):
            self._file(self.server.hub.files / match[1], body=body)
        else:
            self._send(404, b"{}", {}, body=body)

    def _file(self, path: Path, *, body: bool) -> None:
        content = path.read_bytes()
        headers = {"X-Repo-Commit": _COMMIT, "ETag": f'"{self.server.hub.sha256(path)}"'}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if not asked:
            self._send(200, content, headers, body=body)
            return
        start = int(asked[1])
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206, content[start:], headers, body=body)

    def _send(self, status: int, content: bytes, more: dict[str, str], *, body: bool) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        if not body:
            return
        cut = self.server.hub.break_after
        if cut is not None and len(content) > cut:
            self.server.hub.break_after = None
            self.wfile.write(content[:cut])
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
            return
        self.wfile.write(content)


@contextmanager
def hub(files: Path) -> Iterator[Hub]:
    """Serve the folder as the files of any repository; ``url`` is for ``HF_ENDPOINT``."""
    made = Hub(files)
    server = _Server(made)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def use_hub(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Set what HF_ENDPOINT sets in a process that has not imported the hub's client yet."""
    template = f"{url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", url)
    monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
