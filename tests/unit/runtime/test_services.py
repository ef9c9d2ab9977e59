"""The processes of GALA and the environment of each."""

from __future__ import annotations

from pathlib import Path

from gala.job import Lane
from gala.supervisor.stack import Stack

SECRETS = {
    "DATABASE_URL": "postgresql://other",
    "S3_SECRET_ACCESS_KEY": "s3-secret",
    "AWS_SESSION_TOKEN": "aws-secret",
    "GDRIVE_REFRESH_TOKEN": "drive-secret",
    "GOOGLE_APPLICATION_CREDENTIALS": "/google-secret.json",
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
