"""The images, and the compose file itself, run for real: ``python3 run.py test --images``.

The stack is the one of ``infra/docker-compose.yml``, with its networks, volumes, health checks and
restrictions; only Postgres and Valkey come from fakes (``fakes/Dockerfile``).
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gala.supervisor import free_port
from tests.e2e.images.engine import ROOT, Engine, HealthChecks
from tests.support import http

pytestmark = [pytest.mark.images, pytest.mark.timeout(1800)]

PROJECT = "galaimages"
SERVICES = ("postgres", "redis", "api", "swagger-ui", "worker", "worker-interactive", "renderer")


class Stack:
    """The compose project, up."""

    def __init__(self, engine: Engine, infra: Path):
        self.engine = engine
        self._infra = infra
        self.api_port, self.swagger_port = free_port(), free_port()

    @property
    def api(self) -> httpx.Client:
        return http.Client(base_url=f"http://127.0.0.1:{self.api_port}", timeout=30)

    def compose(self, *arguments: str) -> str:
        ports = {"API_PORT": str(self.api_port), "SWAGGER_PORT": str(self.swagger_port)}
        file = f"--file={self._infra / 'docker-compose.yml'}"
        return self.engine.run(
            "podman-compose", file, f"--project-name={PROJECT}", *arguments, env=ports
        )

    def use_env_example(self) -> None:
        example = (ROOT / "infra" / ".env.example").read_text()
        (self._infra / ".env").write_text(f"{example}\nWORKER_CLEANUP_LOCAL=1\n")

    def container(self, service: str) -> str:
        return f"{PROJECT}_{service}_1"

    def inspect(self, service: str) -> dict[str, Any]:
        (found,) = json.loads(self.engine.run("podman", "inspect", self.container(service)))
        return dict(found)

    def python(self, service: str, code: str) -> str:
        container = self.container(service)
        return self.engine.run("podman", "exec", container, "python", "-c", code).strip()

    def log(self, service: str) -> str:
        return self.engine.run("sh", "-c", f"podman logs {self.container(service)} 2>&1")

    def ended_job(self, job_id: str, *, within: float) -> dict[str, Any]:
        deadline = time.monotonic() + within
        with self.api as api:
            while True:
                job: dict[str, Any] = api.get(f"/jobs/{job_id}").json()["job"]
                if job["status"] not in {"QUEUED", "RUNNING"}:
                    return job
                assert time.monotonic() < deadline, f"{job} {self.log('worker')}"
                time.sleep(0.5)

    def hello(self) -> dict[str, Any]:
        with self.api as api:
            body = {"name": "hello-e2e", "params": {"text": "GALA E2E"}}
            answer = api.post("/jobs", json=body)
        assert answer.status_code == 201, answer.text
        job = self.ended_job(answer.json()["job"]["id"], within=120)
        assert job["status"] == "DONE", f"{job} {self.log('worker')}"
        return job


@pytest.fixture(scope="module")
def stack(images: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    infra = tmp_path_factory.mktemp("infra")
    shutil.copy(ROOT / "infra" / "docker-compose.yml", infra)
    stack = Stack(images, infra)
    with HealthChecks(images):
        stack.compose("up", "--detach", "--no-build")
        try:
            _wait_until_ready(stack)
            yield stack
        finally:
            stack.compose("down", "--volumes")


def _wait_until_ready(stack: Stack) -> None:
    deadline = time.monotonic() + 120
    while True:
        states = {s: stack.inspect(s)["State"] for s in SERVICES}
        waiting = [s for s, state in states.items() if not _is_ready(state)]
        if not waiting:
            return
        logs = "\n".join(f"--- {s}\n{stack.log(s)[-1500:]}" for s in waiting)
        assert time.monotonic() < deadline, f"not ready: {waiting}\n{logs}"
        time.sleep(1)


def _is_ready(state: dict[str, Any]) -> bool:
    health = (state.get("Health") or state.get("Healthcheck") or {}).get("Status")
    return state["Status"] == "running" and health in {"healthy", "", None}


def test_an_image_holds_what_its_service_needs_and_no_more(images: Engine) -> None:
    foreign = {
        "api": ["av", "imageio_ffmpeg", "mplfonts", "pip"],
        "worker": ["av", "imageio_ffmpeg", "fastapi", "granian", "pip"],
        "renderer": ["sqlalchemy", "psycopg", "redis", "rq", "boto3", "googleapiclient", "pip"],
    }
    code = "import importlib.util as u, sys; print([m for m in sys.argv[1:] if u.find_spec(m)])"
    for service, modules in foreign.items():
        run = ("podman", "run", "--rm", "--network=none", f"gala-{service}", "python", "-c", code)
        assert images.run(*run, *modules).strip() == "[]", service


def test_the_smallest_job_becomes_a_video_and_a_picture(stack: Stack) -> None:
    outputs = stack.hello()["outputs"][0]
    with stack.api as api:
        video = api.get(f"/assets/{outputs['video_asset_id']}/content")
        picture = api.get(f"/assets/{outputs['thumbnail_asset_id']}/content")
    assert len(video.content) > 10_000
    assert video.content[4:8] == b"ftyp"
    assert len(picture.content) > 1_000
    assert picture.content.startswith(b"\xff\xd8")


def test_an_uploaded_file_comes_back(stack: Stack) -> None:
    picture = stack.hello()["outputs"][0]["thumbnail_asset_id"]
    with stack.api as api:
        content = api.get(f"/assets/{picture}/content").content
        upload = api.post(
            "/assets", files={"file": ("a.jpg", content)}, data={"kind": "background"}
        )
        assert upload.status_code == 201, upload.text
        again = api.get(f"/assets/{upload.json()['asset']['id']}/content").content
    assert again == content


def test_redis_answers_only_to_the_generated_password(stack: Stack) -> None:
    code = (
        "from redis import Redis\n"
        "from gala_worker.settings import WorkerSettings\n"
        "url = str(WorkerSettings().redis_url)\n"
        "print(Redis.from_url(url).ping())\n"
        "try: Redis(host='redis').ping()\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    assert stack.python("worker", code).split() == ["True", "AuthenticationError"]
    assert "GALA_SECRET_KEY" not in stack.log("worker") + stack.log("api")


def test_swagger_ui_answers_on_its_own_port(stack: Stack) -> None:
    page = http.get(f"http://127.0.0.1:{stack.swagger_port}/", follow_redirects=True)
    assert page.status_code == 200
    assert "swagger" in page.text.lower()


def test_the_renderer_reaches_neither_the_internet_nor_the_database(stack: Stack) -> None:
    code = (
        "import socket\n"
        "for where in [('192.0.2.1', 80), ('postgres', 5432), ('redis', 6379)]:\n"
        "    try: socket.create_connection(where, timeout=3); print('reached', where)\n"
        "    except OSError: pass\n"
        "import errno\n"
        "s = socket.socket(); s.settimeout(3)\n"
        "print(s.connect_ex(('192.0.2.1', 80)) == errno.ENETUNREACH)\n"
    )
    assert stack.python("renderer", code) == "True"


def test_the_renderer_knows_no_secret(stack: Stack) -> None:
    names = stack.python("renderer", "import os; print(*os.environ)").split()
    secret = ("DATABASE", "REDIS", "POSTGRES", "S3_", "GDRIVE", "STORAGE")
    assert [name for name in names if name.startswith(secret)] == []


@pytest.mark.parametrize("service", ["api", "worker", "worker-interactive", "renderer"])
def test_a_service_has_no_rights_and_writes_only_to_its_volumes(stack: Stack, service: str) -> None:
    code = (
        "import os, pathlib\n"
        "status = dict(l.split(':', 1) for l in open('/proc/self/status'))\n"
        "print(os.getuid(), status['CapEff'].strip(), status['NoNewPrivs'].strip(),\n"
        "      os.access('/opt/gala', os.W_OK), os.access('/etc', os.W_OK),\n"
        "      os.access('/data', os.W_OK))\n"
    )
    assert stack.python(service, code) == "10001 0000000000000000 1 False False True"


@pytest.mark.parametrize("service", ["worker-interactive", "worker", "api", "renderer"])
def test_a_service_told_to_stop_ends_by_itself(stack: Stack, service: str) -> None:
    name = stack.container(service)
    stack.engine.run("podman", "stop", "--time=60", name)
    assert stack.inspect(service)["State"]["ExitCode"] == 0
    stack.engine.run("podman", "start", name)
    _wait_until_ready(stack)


def test_a_killed_worker_comes_back_at_once(stack: Stack) -> None:
    name = stack.container("worker")
    stack.engine.run("podman", "kill", "--signal=KILL", name)
    stack.engine.run("podman", "wait", name)
    stack.engine.run("podman", "start", name)
    stack.hello()
    assert "already" not in stack.log("worker")


def test_everything_survives_down_and_up_with_an_env_file(stack: Stack) -> None:
    video = stack.hello()["outputs"][0]["video_asset_id"]
    assert "cleanup ok" not in stack.log("worker")
    with stack.api as api:
        before = api.get(f"/assets/{video}/content").content
    stack.compose("down")
    stack.use_env_example()
    stack.compose("up", "--detach", "--no-build")
    _wait_until_ready(stack)
    with stack.api as api:
        assert api.get(f"/assets/{video}/content").content == before
    stack.hello()
    assert "cleanup ok path=/data/jobs/" in stack.log("worker")
