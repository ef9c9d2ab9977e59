"""Two API processes on one database and one Redis, and keys for them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from gala.db import api_keys
from gala.db.engine import make_engine, make_sessions, transaction
from gala.permissions import Role
from gala.signing import Keyring
from gala.supervisor import Process, free_port
from tests.platform.stack import SECRET_KEY, Stack, stack_in
from tests.support import http

_numbers = itertools.count(1)


@dataclass
class TwoApis:
    """The processes, and a way to create keys for them."""

    stack: Stack
    urls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        engine = make_engine(self.stack.services.database_url, name="test", pool_size=2)
        self.sessions = make_sessions(engine)
        self.urls.append(self.stack.base_url)
        other = replace(self.stack.services, api_port=free_port())
        self.second = Process(other.api())
        self.urls.append(other.api_url)

    def start(self) -> None:
        """Start both processes."""
        self.second.start()
        self.stack.start("api")
        self.second.wait_ready(60)

    def close(self) -> None:
        """Stop both processes."""
        self.second.stop()
        self.stack.close()

    def key(self, owner: str, role: Role = Role.EDITOR) -> str:
        """Return a key of that owner."""
        with transaction(self.sessions) as session:
            grant = api_keys.Grant(owner_id=owner, role=role)
            _, token = api_keys.create(
                session, Keyring(SecretStr(SECRET_KEY)), grant, name="a test's"
            )
        return token.get_secret_value()

    def clients(self, key: str | None = None) -> list[httpx.Client]:
        """Return a client of each process that sends this key."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return [
            http.Client(base_url=url, headers=headers, timeout=60, trust_env=False)
            for url in self.urls
        ]


@pytest.fixture(scope="session")
def make_two_apis(
    new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., TwoApis]:
    """Return a function that prepares two API processes with additional variables."""

    def make(redis_url: str, **env: str) -> TwoApis:
        root: Path = tmp_path_factory.mktemp("two_apis")
        return TwoApis(stack_in(root, new_database(), redis_url, {}, AUTH_MODE="keys", **env))

    return make


@pytest.fixture(scope="session")
def two_apis(
    make_two_apis: Callable[..., TwoApis], new_redis_url: Callable[[], str]
) -> Iterator[TwoApis]:
    """Two processes with default limits; their jobs stay QUEUED."""
    made = make_two_apis(new_redis_url())
    made.start()
    yield made
    made.close()


@pytest.fixture
def owner() -> str:
    """Return an owner that no other test uses."""
    return f"owner-{next(_numbers)}"
