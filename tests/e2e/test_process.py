"""An existing TypeScript client of the process service, under Node with axios, against GALA."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import httpx
import numpy
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from gala.db import api_keys
from gala.permissions import Role
from gala.signing import Keyring
from tests.e2e.conftest import Platform
from tests.fakes.http import Handler, served
from tests.fakes.media_files import make
from tests.platform.stack import SECRET_KEY, Stack
from tests.support import http
from tests.support.media_probe import read_frames

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = Path(__file__).with_name("process_client")
RATE: Final = 25


@pytest.fixture(scope="session")
def installed() -> Path:
    """The client with axios and TypeScript, installed once per package.json."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the client of the process service needs Node and npm")
        pytest.skip("needs Node and npm")
    digest = sha256((SOURCES / "package.json").read_bytes()).hexdigest()[:12]
    packages = ROOT / ".gala" / "node" / f"process-client-{digest}"
    if not packages.exists():
        _install(packages)
    return packages


def _install(packages: Path) -> None:
    packages.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=packages.parent) as folder:
        shutil.copy(SOURCES / "package.json", folder)
        command = ("npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit",
                   "--no-fund", "--loglevel=error")  # fmt: skip
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        if not packages.exists():
            Path(folder).rename(packages)
            # The context manager removes this at its end.
            Path(folder).mkdir()


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with two videos, each second in a different grey, and a web page."""
    folder = tmp_path_factory.mktemp("media")
    shade = "geq=lum='32+32*floor(T)':cb=128:cr=128"
    coding = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10")
    for name, seconds in (("a.mp4", 4), ("b.mp4", 2)):
        source = f"color=s=320x180:r={RATE}:d={seconds},{shade}"
        make(folder / name, "-f", "lavfi", "-i", source, *coding)
    (folder / "page.mp4").write_text("<!doctype html><title>No video</title>")

    class Files(Handler):
        """GET of the files in that folder, without keep-alive."""

        def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
            file = folder / Path(self.path).name
            if file.is_file():
                self.answer(200, file.read_bytes(), Content_Type="video/mp4")
            else:
                self.answer(404)

    with served(Files) as url:
        yield url


@pytest.fixture(scope="module")
def stack(keyed_stack: Platform) -> Stack:
    """A stack with API keys and one interactive worker, which fetches from this machine, too."""
    return keyed_stack.stack


@pytest.fixture(scope="module")
def key(stack: Stack) -> str:
    """A key created by `gala keys create`."""
    engine = create_engine(stack.services.database_url)
    grant = api_keys.Grant(owner_id="misybot", role=Role.EDITOR)
    with Session(engine) as session, session.begin():
        _, token = api_keys.create(session, Keyring(SecretStr(SECRET_KEY)), grant, name="e2e")
    engine.dispose()
    return token.get_secret_value()


Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def program(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script that calls the client."""
    folder = tmp_path_factory.mktemp("client")
    for source in SOURCES.iterdir():
        shutil.copy(source, folder)
    (folder / "node_modules").symlink_to(installed / "node_modules")
    return folder / "main.mjs"


@pytest.fixture
def ask(program: Path, stack: Stack, key: str) -> Ask:
    """Call a method of the client and return the result."""

    def call(method: str, *args: Any, fetch_to: Path | None = None, **env: str) -> dict[str, Any]:
        settings = {"MOVIEPY_SERVICE_URL": stack.base_url, "MOVIEPY_SERVICE_API_KEY": key, **env}
        wanted = {"method": method, "args": args, "fetch_to": fetch_to and str(fetch_to)}
        done = subprocess.run(
            ["node", str(program)],
            input=json.dumps(wanted),
            capture_output=True,
            text=True,
            check=False,
            timeout=330,
            env={**os.environ, "NO_PROXY": "*", **settings},
        )
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    return call


def shades(file: Path) -> list[int]:
    """Return, for every frame, the second that its grey belongs to."""
    _, frames = read_frames(file)
    levels = numpy.median(frames, axis=(1, 2))
    # Full range: 16 to 235 are 0 to 255.
    return [round((16 + level * 219 / 255 - 32) / 32) for level in levels]


def test_the_client_trims_writes_on_and_joins_videos_and_opens_what_it_gets(
    ask: Ask, media: str, tmp_path: Path
) -> None:
    trimmed, titled, joined = (tmp_path / name for name in ("trim.mp4", "text.mp4", "both.mp4"))
    told = ask("trimVideo", f"{media}/a.mp4", 1, 3, "user-session-123", fetch_to=trimmed)
    assert told["fetched"] == 200, told
    assert told["result"]["status"] == "completed"
    assert told["result"]["message"] == "Video recortado exitosamente"
    assert shades(trimmed) == [1] * RATE + [2] * RATE

    told = ask("addTextToVideo", f"{media}/b.mp4", "¡Año!", "center", "s", fetch_to=titled)
    assert (told["result"]["status"], told["fetched"]) == ("completed", 200)
    _, before = read_frames(titled)
    assert before.shape == (2 * RATE, 180, 320)
    middle = before[:, 60:120, 80:240]
    assert (middle.max(axis=(1, 2)) > 240).all(), "white letters in the middle of every frame"
    assert before[:, :40].max() < 100, "and none at the top"

    urls = [f"{media}/b.mp4", told["result"]["asset_url"], f"{media}/a.mp4"]
    told = ask("concatenateVideos", urls, "user-session-123", fetch_to=joined)
    assert (told["result"]["status"], told["fetched"]) == ("completed", 200)
    second = [0] * RATE + [1] * RATE
    assert shades(joined) == second + second + [n for n in range(4) for _ in range(RATE)]


def test_the_client_finds_its_work_by_session_and_nobody_else_does(
    ask: Ask, stack: Stack, key: str, media: str
) -> None:
    told = ask("trimVideo", f"{media}/b.mp4", 0, 1, "a session of its own")
    headers = {"Authorization": f"Bearer {key}"}
    query = {"session_id": "a session of its own"}
    found = http.get(
        f"{stack.base_url}/jobs", params=query, headers=headers, trust_env=False
    ).json()
    assert [job["id"] for job in found["jobs"]] == [told["result"]["job_id"]]
    assert http.get(told["result"]["status_url"], trust_env=False).status_code == 401


def test_a_wrong_key_is_an_error_of_authorization(ask: Ask, media: str) -> None:
    told = ask("trimVideo", f"{media}/a.mp4", 0, 1, "s", MOVIEPY_SERVICE_API_KEY="wrong")
    assert told["error"] == "Video trimming failed: Request failed with status code 401"
    assert told["answered"]["data"]["error"]["code"] == "UNAUTHORIZED"
    assert told["answered"]["data"]["detail"].startswith("No autorizado: verifique la API key.")


def test_a_text_for_a_number_is_a_bad_format_that_names_the_field(ask: Ask, media: str) -> None:
    told = ask("trimVideo", f"{media}/a.mp4", "pronto", 1, "s")
    assert told["error"] == "Video trimming failed: Request failed with status code 400"
    error = told["answered"]["data"]["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"]["field"] == "start_time"


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("trimVideo", ["{}", 0, 1, "s"]),
        ("addTextToVideo", ["{}", "x", "center", "s"]),
        ("concatenateVideos", [["{}"], "s"]),
    ],
)
def test_a_url_that_is_no_video_is_said_to_be_none(
    ask: Ask, media: str, method: str, args: list[Any]
) -> None:
    url = f"{media}/page.mp4"
    told = ask(method, *([url] if arg == ["{}"] else url if arg == "{}" else arg for arg in args))
    assert told["answered"]["status"] == 422, told
    error = told["answered"]["data"]["error"]
    assert error["code"] == "UNPROCESSABLE_MEDIA"
    assert error["message"].startswith(
        "El archivo no es un video que se pueda procesar. Campo: video_url"
    )


def test_a_url_that_leads_nowhere_or_inside_is_told_apart(ask: Ask, media: str) -> None:
    gone = ask("trimVideo", f"{media}/none.mp4", 0, 1, "s")["answered"]
    assert (gone["status"], gone["data"]["error"]["code"]) == (422, "FETCH_FAILED")
    inside = ask("trimVideo", "http://127.0.0.2/a.mp4", 0, 1, "s")["answered"]
    assert (inside["status"], inside["data"]["error"]["code"]) == (422, "URL_REFUSED")


@pytest.fixture
def client(stack: Stack, key: str) -> Iterator[httpx.Client]:
    """A client for requests that the TypeScript client does not send."""
    with http.Client(
        base_url=stack.base_url,
        headers={"Authorization": f"Bearer {key}"},
        timeout=120,
        trust_env=False,
    ) as found:
        yield found


def test_two_requests_with_one_key_wait_for_one_work(client: httpx.Client, media: str) -> None:
    body = {"video_url": f"{media}/a.mp4", "text": "once", "session_id": "once"}

    def send(_: int) -> dict[str, Any]:
        key = {"Idempotency-Key": "once"}
        answer = client.post("/process/video/add_text", json=body, headers=key)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(send, range(2))
    assert first["job_id"] == second["job_id"]
    assert first["asset_id"] == second["asset_id"]
    assert len(client.get("/jobs", params={"session_id": "once"}).json()["jobs"]) == 1


def test_a_sound_is_no_video_also_to_what_could_trim_it(
    client: httpx.Client, tmp_path: Path
) -> None:
    sound = make(tmp_path / "a.mp3", "-f", "lavfi", "-i", "sine=d=1")
    form = {"kind": "music"}
    stored = client.post("/assets", files={"file": sound.read_bytes()}, data=form)
    asset_id = stored.json()["asset"]["id"]
    body = {"video_url": asset_id, "start_time": 0, "end_time": 0.5}
    answer = client.post("/process/video/trim", json=body, headers={"Accept-Language": "en"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["code"] == "UNPROCESSABLE_MEDIA"
    assert "video_url" in answer.json()["detail"]


def test_a_start_after_the_end_of_the_video_names_its_field(
    client: httpx.Client, media: str
) -> None:
    body = {"video_url": f"{media}/b.mp4", "start_time": "0:50", "end_time": "1:00"}
    answer = client.post("/process/video/trim", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["details"]["field"] == "start_time"
    assert "final del archivo, que dura 2.000 s" in answer.json()["detail"]
    reason = answer.json()["error"]["details"]["reason"]
    assert "the file, which is 2.000 s long" in reason


def test_a_time_out_is_told_as_one_and_the_work_is_there_later(
    ask: Ask, stack: Stack, client: httpx.Client, media: str
) -> None:
    stack.pause("worker-interactive-1")
    try:
        told = ask("trimVideo", f"{media}/a.mp4", 0, 1, "late", MOVIEPY_SERVICE_TIMEOUT="700")
        assert told["error"] == "Video trimming failed: timeout of 700ms exceeded"
    finally:
        stack.resume("worker-interactive-1")
    (job,) = client.get("/jobs", params={"session_id": "late"}).json()["jobs"]
    status = f"/process/status/{job['id']}"
    told = client.get(status, headers={"Prefer": "wait=60"}).json()
    assert told["status"] == "completed", told
    assert http.get(told["asset_url"], trust_env=False).status_code == 200
