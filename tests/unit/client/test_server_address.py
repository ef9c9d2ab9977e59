"""A client that names no server finds the right one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gala import MediaService
from gala.client import GalaClient
from gala.embedded_servers import Home
from gala.errors import Conflict, InvalidRequest
from gala.server_address import ServerAddress, find_server, running_url

URL = "http://127.0.0.1:18180"
_RUN = """
import sys
from pathlib import Path
from gala.embedded_servers import Home
home = Home(Path(sys.argv[1]))
home.claim()
home.record(sys.argv[2])
print("running", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("GALA_URL", "PUBLIC_BASE_URL", "API_PORT", "MEDIA_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GALA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def running(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has claimed the home, as `gala up` does."""
    command = [sys.executable, "-c", _RUN, str(home), URL]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "running\n"
        yield process
        process.kill()


def test_the_server_that_runs_from_the_home_is_found_by_client_and_library(
    running: subprocess.Popen[str], home: Path
) -> None:
    assert find_server() == ServerAddress(URL, f"running from {home}")
    with GalaClient() as client:
        assert client.base_url == URL


def test_the_library_finds_it_too(running: subprocess.Popen[str]) -> None:
    async def download_url() -> str:
        async with MediaService() as media:
            return await media.get_download_url("video_a.mp4")

    assert asyncio.run(download_url()).startswith(f"{URL}/")


def test_what_the_caller_and_then_gala_url_name_comes_first(
    running: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", "http://published.example")
    monkeypatch.setenv("API_PORT", "18181")
    assert find_server().url == URL
    monkeypatch.setenv("GALA_URL", "http://gala.example")
    assert find_server() == ServerAddress("http://gala.example", "GALA_URL")
    assert find_server("http://a.example") == ServerAddress("http://a.example", "--url")


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
def test_the_address_of_a_dead_server_is_never_used(
    running: subprocess.Popen[str], home: Path, signum: signal.Signals
) -> None:
    os.kill(running.pid, signum)
    running.wait(10)
    assert URL in (home / "lock").read_text()
    assert running_url(home) is None
    nothing = f"default; no GALA runs from {home}"
    assert find_server() == ServerAddress("http://localhost:8080", nothing)


def test_the_address_of_an_earlier_server_is_gone_before_the_next_has_one(
    running: subprocess.Popen[str], home: Path
) -> None:
    running.kill()
    running.wait(10)
    successor = Home(home)
    successor.claim()
    assert (home / "lock").read_text() == ""
    successor.record("http://127.0.0.1:18182")
    assert (home / "lock").read_text() == "http://127.0.0.1:18182"
    successor.release()
    assert (home / "lock").read_text() == ""


def test_a_second_server_that_is_refused_leaves_the_address_of_the_first(
    running: subprocess.Popen[str], home: Path
) -> None:
    with pytest.raises(Conflict):
        Home(home).claim()
    assert find_server().url == URL


def test_clients_that_look_for_a_server_do_not_keep_it_from_starting(home: Path) -> None:
    looking = [
        threading.Thread(target=lambda: [running_url(home) for _ in range(500)]) for _ in range(4)
    ]
    for thread in looking:
        thread.start()
    for _ in range(50):
        server = Home(home)
        server.claim()
        server.record(URL)
        server.release()
    for thread in looking:
        thread.join()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"x" * 5000], ids=["empty", "not ASCII", "long"]
)
def test_a_file_that_nobody_locks_is_no_address(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / "lock").write_bytes(content)
    assert running_url(home) is None


def test_without_a_running_server_the_published_address_and_the_port_are_used(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = f"default; no GALA runs from {home}"
    assert find_server() == ServerAddress("http://localhost:8080", nothing)
    monkeypatch.setenv("API_PORT", "18180")
    assert find_server() == ServerAddress("http://localhost:18180", "API_PORT")
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://gala.example")
    assert find_server() == ServerAddress("https://gala.example", "PUBLIC_BASE_URL")


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "9" * 5000, "tcp://10.0.0.1:80", "٣"])
def test_a_port_that_is_none_is_refused_only_if_it_is_needed(
    port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_PORT", port)
    with pytest.raises(InvalidRequest, match="API_PORT"):
        find_server()
    monkeypatch.setenv("GALA_URL", URL)
    assert find_server().url == URL
