"""Chatterbox's own server with a fake model, for tests that only need a voice."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from gala.supervisor import free_port
from tests.support import http
from tests.support.wait import wait_until

ROOT = Path(__file__).parents[2]
_FAKE_MODEL = ROOT / "tests" / "fakes" / "chatterbox_model"


@contextlib.contextmanager
def chatterbox_server(folder: Path) -> Iterator[str]:
    """Run the server and yield its URL, for ``CHATTERBOX_URL``."""
    weights = folder / "weights"
    weights.mkdir(parents=True)
    for name in ("ve.safetensors", "conds.pt"):
        (weights / name).touch()
    port = free_port()
    path = os.pathsep.join(map(str, (_FAKE_MODEL, ROOT / "renderer/chatterbox", ROOT / "renderer")))
    environment = {
        **os.environ,
        "PYTHONPATH": path,
        "CHATTERBOX_PORT": str(port),
        "CHATTERBOX_WEIGHTS": str(weights),
        "CHATTERBOX_DEVICE": "cpu",
        "CHATTERBOX_FAKE": str(folder),
    }
    process = subprocess.Popen([sys.executable, "-m", "gala_chatterbox"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url), timeout_seconds=30)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return http.get(f"{url}/health").status_code == 200
    return False
