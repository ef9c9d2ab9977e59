"""An API with authentication, and keys of all kinds for it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from gala.db import api_keys
from gala.db.engine import make_engine, make_sessions, transaction
from gala.permissions import Permission, Role
from gala.signing import Keyring
from tests.fakes.jwt_issuer import AUDIENCE, ISSUER, Issuer
from tests.platform.stack import SECRET_KEY, Stack, stack_in
from tests.support import http

# Generated once, as it takes longer than a request.
_TLS = ssl.create_default_context()


@dataclass
class MediaBackend:
    """The API, and a way to create keys for it directly in the database."""

    stack: Stack
    given: dict[tuple[str, Role, frozenset[Permission] | None], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        engine = make_engine(self.stack.services.database_url, name="test", pool_size=1)
        self.sessions = make_sessions(engine)
        self.keyring = Keyring(SecretStr(SECRET_KEY))

    def key(self, owner: str, role: Role, scopes: frozenset[Permission] | None = None) -> str:
        """Return a key of that owner; the same for the same arguments."""
        asked = (owner, role, scopes)
        if asked not in self.given:
            grant = api_keys.Grant(owner_id=owner, role=role, scopes=scopes)
            with transaction(self.sessions) as session:
                _, token = api_keys.create(session, self.keyring, grant, name="a test's")
            self.given[asked] = token.get_secret_value()
        return self.given[asked]

    def client(self, credential: str | None = None) -> httpx.Client:
        """Return a client that sends this key or token."""
        headers = {} if credential is None else {"Authorization": f"Bearer {credential}"}
        return http.Client(
            base_url=self.stack.base_url,
            headers=headers,
            timeout=30,
            trust_env=False,
            verify=_TLS,
        )


@pytest.fixture(scope="session")
def locked(
    new_database: Callable[..., str],
    new_redis_url: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[MediaBackend]:
    """The API alone, with ``AUTH_MODE=keys,jwt``; its jobs stay QUEUED."""
    root: Path = tmp_path_factory.mktemp("locked")
    (root / "jwks.json").write_text(Issuer().key_set)
    stack = stack_in(
        root,
        new_database(),
        new_redis_url(),
        {},
        AUTH_MODE="keys,jwt",
        JWT_JWKS_FILE=str(root / "jwks.json"),
        JWT_AUDIENCE=AUDIENCE,
        JWT_ISSUER=ISSUER,
    )
    stack.start("api")
    yield MediaBackend(stack)
    stack.close()
