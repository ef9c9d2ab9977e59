"""``AUTH_MODE=none`` on a real API: open to local programs, closed to web pages."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import pytest

from gala.supervisor import free_port
from tests.platform.stack import SECRET_KEY, Stack

JOB = {"params": {"text": "hi"}}


def test_whoever_is_on_this_machine_is_its_owner(api_only_client: httpx.Client) -> None:
    me = api_only_client.get("/me").json()["me"]
    assert (me["owner_id"], me["role"]) == ("local", "admin")


def test_a_name_that_was_led_here_reaches_nothing(api_only_client: httpx.Client) -> None:
    for path in ("/jobs", "/assets", "/health", "/openapi.json"):
        answer = api_only_client.get(path, headers={"Host": "evil.example"})
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "FORBIDDEN"
    assert (
        api_only_client.post("/jobs", json=JOB, headers={"Host": "evil.example:80"}).status_code
        == 403
    )


def test_a_page_of_others_makes_no_job(api_only_client: httpx.Client) -> None:
    before = len(api_only_client.get("/jobs", params={"limit": 200}).json()["jobs"])
    for origin in ("https://evil.example", "null"):
        # The two content types that browsers send without a preflight request, and JSON.
        for content_type in ("text/plain", "application/json"):
            headers = {"Origin": origin, "Content-Type": content_type}
            answer = api_only_client.post(
                "/jobs", content=b'{"params":{"text":"hi"}}', headers=headers
            )
            assert answer.status_code == 403
            assert "access-control-allow-origin" not in answer.headers
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert (
        "access-control-allow-origin" not in api_only_client.options("/jobs", headers=asked).headers
    )
    assert len(api_only_client.get("/jobs", params={"limit": 200}).json()["jobs"]) == before


def test_the_swagger_page_of_this_gala_may(api_only: Stack, api_only_client: httpx.Client) -> None:
    origin = f"http://localhost:{api_only.services.swagger_port}"
    answer = api_only_client.post("/jobs", json=JOB, headers={"Origin": origin})
    assert answer.status_code == 201
    assert answer.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({"API_HOST": "0.0.0.0"}, ("API_HOST", "AUTH_MODE=keys", "AUTH_INSECURE_BIND=1")),
        ({"AUTH_MODE": "keys", "GALA_SECRET_KEY": ""}, ("GALA_SECRET_KEY",)),
        ({"AUTH_MODE": "jwt"}, ("JWT_AUDIENCE", "JWT_ISSUER")),
        ({"AUTH_MODE": "none,keys"}, ("AUTH_MODE",)),
    ],
)
def test_an_api_that_would_not_be_safe_does_not_start(
    api_only: Stack, env: dict[str, str], names: tuple[str, ...]
) -> None:
    services = api_only.services
    known = {
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "DATA_ROOT": str(services.data_root),
        "STORAGE_PROVIDER": "localfs",
        "STORAGE_LOCAL_ROOT": str(services.storage_root),
        "GALA_SECRET_KEY": SECRET_KEY,
        "API_PORT": str(free_port()),
    }
    done = subprocess.run(
        [sys.executable, "-m", "gala_api"],
        env={**os.environ, **known, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    told = done.stdout + done.stderr
    for name in names:
        assert name in told
    assert SECRET_KEY not in told
    assert "Traceback" not in told
