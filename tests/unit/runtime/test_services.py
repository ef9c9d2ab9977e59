"""The processes of GALA and the environment of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from gala.job import Lane
from gala.supervisor.environment import renderer_environment, swagger_environment
from gala.supervisor.stack import Stack
from gala_api.settings import SwaggerSettings
from gala_renderer.settings import RendererSettings

SECRETS = {
    "DATABASE_URL": "postgresql://other",
    "S3_SECRET_ACCESS_KEY": "s3-secret",
    "AWS_SESSION_TOKEN": "aws-secret",
    "GDRIVE_REFRESH_TOKEN": "drive-secret",
    "GOOGLE_APPLICATION_CREDENTIALS": "/google-secret.json",
    "AUTH_TOKENS": "token-secret",
    "MEDIA_SERVER_TOKEN": "media-secret",
    "PGPASSWORD": "database-secret",
    "POSTGRES_PASSWORD": "database-secret",
    "REDISCLI_AUTH": "redis-secret",
    "GALA_SECRET_KEY": "signing-secret",
    "GALA_API_KEY": "key-secret",
    "JWT_SECRET": "jwt-secret",
    "HF_TOKEN": "hub-secret",
    "GITHUB_TOKEN": "unrelated-secret",
    "aws_secret_access_key": "aws-secret",
}
NEEDED = {
    "PATH": "/bin",
    "LANG": "de_DE.UTF-8",
    "LC_TIME": "de_DE.UTF-8",
    "TZ": "Europe/Berlin",
    "https_proxy": "http://proxy:3128",
    "SSL_CERT_FILE": "/etc/ssl/company.pem",
    "PYTHONPATH": "/plugins",
    "LOG_LEVEL": "debug",
}
RENDERER_NEEDS = {
    "renderer_slots": "3",
    "RENDERER_OF_A_PLUGIN": "1",
    "SPEECH_OPENAI_KEY": "speech",
    "WHISPER_MODEL": "tiny",
    "GALA_HOME": "/gala",
    "CUDA_VISIBLE_DEVICES": "1",
    "OMP_NUM_THREADS": "2",
}


def services(**env: str) -> Stack:
    return Stack(
        database_url="postgresql://ours",
        redis_url="redis://ours",
        data_root=Path("/data"),
        storage_root=Path("/storage"),
        environment=env,
        slots={Lane.BATCH: 2, Lane.INTERACTIVE: 1},
    )


def test_the_renderer_knows_no_database_no_redis_and_no_credentials() -> None:
    env = services(**SECRETS).renderer().env or {}
    assert not {value for value in env.values() if "secret" in value or "ours" in value}
    assert not set(SECRETS) & set(env)


def test_swagger_knows_no_secret_either() -> None:
    env = services(**SECRETS, **RENDERER_NEEDS).swagger().env or {}
    assert not {value for value in env.values() if "secret" in value or "ours" in value}
    assert not set(SECRETS) & set(env)
    assert "SPEECH_OPENAI_KEY" not in env


def test_what_they_need_still_arrives() -> None:
    started = services(**NEEDED, **RENDERER_NEEDS, PUBLIC_BASE_URL="https://gala.example")
    assert (started.renderer().env or {}).items() >= {**NEEDED, **RENDERER_NEEDS}.items()
    assert (started.renderer().env or {})["DATA_ROOT"] == "/data"
    assert (started.swagger().env or {}).items() >= NEEDED.items()
    assert (started.swagger().env or {})["PUBLIC_BASE_URL"] == "https://gala.example"


@pytest.mark.parametrize(
    ("settings", "environment"),
    [(RendererSettings, renderer_environment), (SwaggerSettings, swagger_environment)],
)
def test_every_setting_that_they_have_reaches_them(
    settings: type[BaseSettings], environment: Callable[[Mapping[str, str]], dict[str, str]]
) -> None:
    variables = {name.upper(): "value" for name in settings.model_fields}
    assert environment(variables) == variables


def test_the_api_is_told_where_database_and_redis_are() -> None:
    env = services(**SECRETS).api().env or {}
    assert env["DATABASE_URL"] == "postgresql://ours"
    assert env["REDIS_URL"] == "redis://ours"
    assert env["S3_SECRET_ACCESS_KEY"] == "s3-secret"


def test_there_is_one_worker_a_slot_and_each_knows_its_lane() -> None:
    lanes = {p.name: (p.env or {})["WORKER_LANE"] for p in services().workers()}
    assert lanes == {
        "worker-batch-1": "batch",
        "worker-batch-2": "batch",
        "worker-interactive-1": "interactive",
    }


def test_workers_start_last_and_so_stop_first() -> None:
    stages = services().stages()
    assert {program.name for program in stages[-1]} == {p.name for p in services().workers()}


def test_swagger_may_call_the_api_from_wherever_it_listens() -> None:
    moved = Stack(
        database_url="",
        redis_url="",
        data_root=Path("/data"),
        storage_root=Path("/storage"),
        swagger_port=18081,
    )
    assert "http://localhost:18081" in (moved.api().env or {})["CORS_ALLOWED_ORIGINS"]


def test_an_operator_chooses_the_origins() -> None:
    env = services(CORS_ALLOWED_ORIGINS="https://example.org").api().env or {}
    assert env["CORS_ALLOWED_ORIGINS"] == "https://example.org"
