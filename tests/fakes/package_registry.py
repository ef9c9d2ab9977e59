"""A registry of packages for pip and npm: a simple index, and JSON documents with tarballs."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VERSION = "1.0.0"


class PackageRegistry:
    """``files`` are the archives by name; ``seen`` has the names of those that were downloaded.

    While ``stalled`` is set, downloads stop in the middle until ``go_on`` is set.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.seen: list[str] = []
        self.stalled = False
        self.go_on = threading.Event()
        self.url = ""

    def add_wheel(self, package: str, files: Mapping[str, bytes]) -> None:
        """Add a wheel of ``package`` with these files, by their paths."""
        stem = f"{package.replace('-', '_')}-{VERSION}"
        about = {
            "METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: {VERSION}\n",
            "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "RECORD": "",
        }
        output = io.BytesIO()
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as wheel:
            for name, content in files.items():
                wheel.writestr(name, content)
            for name, text in about.items():
                wheel.writestr(f"{stem}.dist-info/{name}", text)
        self.files[f"{stem}-py3-none-any.whl"] = output.getvalue()

    def add_tarball(self, package: str, files: Mapping[str, bytes]) -> None:
        """Add a tarball of npm's ``package`` with these files, by their paths in it."""
        about = json.dumps({"name": package, "version": VERSION}).encode()
        output = io.BytesIO()
        with tarfile.open(fileobj=output, mode="w:gz") as tar:
            for name, content in {"package/package.json": about, **files}.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        self.files[f"{package}-{VERSION}.tgz"] = output.getvalue()

    def write_to(self, folder: Path) -> None:
        """Write all archives to a folder."""
        for name, content in self.files.items():
            (folder / name).write_bytes(content)

    def environment(self) -> dict[str, str]:
        """Return the variables that point pip and npm at this registry and at nothing else."""
        return registry_environment(self.url)


def registry_environment(url: str) -> dict[str, str]:
    """Return the variables that point pip and npm at a registry and at nothing else."""
    return {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": f"{url}/simple",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "npm_config_registry": url,
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, registry: PackageRegistry):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.registry = registry


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        registry, name = self.server.registry, self.path.strip("/").rpartition("/")[2]
        if name in registry.files:
            self._archive(name)
        elif self.path.startswith("/simple/"):
            stem = f"{name.replace('-', '_')}-{VERSION}"
            links = [f'<a href="/files/{it}">{it}</a>' for it in registry.files if stem in it]
            self._send("text/html", "".join(links).encode())
        elif (archive := f"{name}-{VERSION}.tgz") in registry.files:
            self._send("application/json", json.dumps(self._document(name, archive)).encode())
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass

    def _document(self, package: str, archive: str) -> dict[str, object]:
        digest = hashlib.sha512(self.server.registry.files[archive]).digest()
        url = f"{self.server.registry.url}/{package}/-/{archive}"
        integrity = f"sha512-{base64.b64encode(digest).decode()}"
        dist = {"tarball": url, "integrity": integrity}
        version = {"name": package, "version": VERSION, "dist": dist}
        return {
            "name": package,
            "dist-tags": {"latest": VERSION},
            "versions": {VERSION: version},
        }

    def _archive(self, name: str) -> None:
        registry = self.server.registry
        content = registry.files[name]
        registry.seen.append(name)
        half = len(content) // 2 if registry.stalled else 0
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content[:half])
            if half:
                registry.go_on.wait(90)
            self.wfile.write(content[half:])
        except OSError:
            pass  # the client was killed

    def _send(self, content_type: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def package_registry() -> Iterator[PackageRegistry]:
    """Serve an empty registry."""
    registry = PackageRegistry()
    server = _Server(registry)
    registry.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        registry.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()
