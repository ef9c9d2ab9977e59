"""Secrets in the operator's environment reach no process that needs none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from gala.ids import Prefix, new_id
from tests.e2e.conftest import QUICK
from tests.platform.stack import SWAGGER, Stack
from tests.support import http
from tests.support.wait import wait_until

SECRET = "secret-of-the-operator"
SECRETS = (
    *("AUTH_TOKENS", "PGPASSWORD", "MEDIA_SERVER_TOKEN", "GALA_API_KEY", "JWT_SECRET"),
    *("AWS_SECRET_ACCESS_KEY", "GDRIVE_REFRESH_TOKEN", "HF_TOKEN", "UNRELATED_PASSWORD"),
)


def environment(process: psutil.Process) -> str:
    return Path(f"/proc/{process.pid}/environ").read_text(errors="replace")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_no_secret_is_in_the_environment_of_renderer_swagger_and_programs(
    make_stack: Callable[..., Stack],
) -> None:
    stack = make_stack(**QUICK, **dict.fromkeys(SECRETS, SECRET))
    stack.start("renderer")
    # Its environment can be read before its page is ready.
    stack.process(SWAGGER).start()
    renderer = psutil.Process(stack.process("renderer").pid)
    with rendering(stack):
        environments = {
            "swagger": environment(psutil.Process(stack.process(SWAGGER).pid)),
            "renderer": environment(renderer),
            **wait_until(lambda: sandboxed(renderer), 20, what="FFmpeg"),
        }
    for name, text in environments.items():
        assert SECRET not in text, name
        assert "DATABASE_URL" not in text, name
        assert "REDIS_URL" not in text, name


@contextmanager
def rendering(stack: Stack) -> Iterator[None]:
    """A film that the renderer makes meanwhile."""
    job_id = new_id(Prefix.JOB)
    (stack.services.data_root / "jobs" / job_id / "1" / "in").mkdir(parents=True)
    request = {
        "job_id": job_id,
        "attempt": 1,
        "type": "test_film",
        "params": {"seconds": 60},
        "format": {"width": 32, "height": 32, "fps": 5},
        "deadline_seconds": 60,
    }
    with http.stream("POST", f"{stack.services.renderer_url}/render", json=request):
        yield


def sandboxed(renderer: psutil.Process) -> dict[str, str]:
    """Return the environments of the renderer's programs, once FFmpeg is among them."""
    found = {}
    for program in renderer.children(recursive=True):
        # Some end meanwhile.
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            found[f"{program.name()} {program.cmdline()[-20:]}"] = environment(program)
    return found if any(name.startswith("ffmpeg") for name in found) else {}
