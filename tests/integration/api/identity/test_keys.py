"""API keys: shown once, limited, revoked at once, and stored only as a digest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import func, select, update

from gala.client import GalaClient
from gala.db.engine import transaction
from gala.db.tables import ApiKey
from gala.errors import Forbidden, Unauthorized
from gala.permissions import Permission, Role
from tests.fakes.jwt_issuer import Issuer
from tests.integration.api.identity.conftest import MediaBackend
from tests.platform.stack import SECRET_KEY
from tests.support.processes import command_of


@pytest.fixture
def admin(locked: MediaBackend) -> Iterator[httpx.Client]:
    with locked.client(locked.key("root", Role.ADMIN)) as client:
        yield client


def made(admin: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = admin.post("/keys", json={"name": "a test's", "role": "editor", **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def reason(locked: MediaBackend, credential: str) -> str:
    with locked.client(credential) as client:
        answer = client.get("/me")
    assert answer.status_code == 401
    told = answer.json()["error"]
    assert credential not in answer.text
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="invalid_token"' in challenge
    assert told["message"] in challenge
    return str(told["details"]["reason"])


def test_a_key_is_shown_once_and_opens_what_it_was_made_for(
    locked: MediaBackend, admin: httpx.Client
) -> None:
    new = made(admin, owner_id="dora", scopes=["jobs:read"], name="Dora's")
    assert new["token"].startswith(f"gala_{new['key']['id'].removeprefix('key_')}_")
    with locked.client(new["token"]) as dora:
        assert dora.get("/jobs").status_code == 200
        assert dora.get("/assets").status_code == 403
        assert dora.get("/me").json()["me"]["owner_id"] == "dora"
    listed = admin.get("/keys", params={"owner_id": "dora"})
    assert [one["name"] for one in listed.json()["keys"]] == ["Dora's"]
    assert new["token"] not in listed.text
    assert "digest" not in listed.text


def test_the_answer_with_a_key_is_kept_by_no_cache(admin: httpx.Client) -> None:
    answer = admin.post("/keys", json={"name": "once", "role": "viewer"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_revoked_key_is_refused_by_the_very_next_request(
    locked: MediaBackend, admin: httpx.Client
) -> None:
    new = made(admin)
    with locked.client(new["token"]) as client:
        assert client.get("/me").status_code == 200
        assert admin.delete(f"/keys/{new['key']['id']}").status_code == 204
        assert client.get("/me").status_code == 401
    assert reason(locked, new["token"]) == "revoked"
    assert admin.delete(f"/keys/{new['key']['id']}").status_code == 204


def test_an_expired_key_is_refused(locked: MediaBackend, admin: httpx.Client) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    new = made(admin, expires_at=soon.isoformat())
    with locked.client(new["token"]) as client:
        assert client.get("/me").status_code == 200
    with transaction(locked.sessions) as session:
        past = update(ApiKey).where(ApiKey.id == new["key"]["id"]).values(expires_at=func.now())
        session.execute(past)
    assert reason(locked, new["token"]) == "expired"


def test_keys_that_were_never_given_out_are_refused(
    locked: MediaBackend, admin: httpx.Client
) -> None:
    token = made(admin)["token"]
    last = "A" if token[-1] != "A" else "B"
    assert reason(locked, token[:-1] + last) == "unknown_key"
    assert reason(locked, token[:-1]) == "malformed"
    assert reason(locked, "gala_" + token) == "malformed"
    assert reason(locked, "gala_'; DROP TABLE api_keys; --") == "malformed"
    assert reason(locked, "gala_" + "k" * 9000) == "too_long"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "root"}, "role"),
        ({"role": None}, "role"),
        ({"scopes": ["jobs:everything"]}, "scopes"),
        ({"owner_id": "gala"}, "owner_id"),
        ({"owner_id": "a b"}, "owner_id"),
        ({"owner_id": ""}, "owner_id"),
        ({"name": " "}, "name"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2101-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-12:00"}, "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+12:00"}, "expires_at"),
        ({"expires_at": 4102444800}, "expires_at"),
        ({"expires_at": "4102444800"}, "expires_at"),
        ({"expires": "2101-01-01T00:00:00Z"}, "expires"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused_by_field(
    admin: httpx.Client, body: dict[str, Any], field: str
) -> None:
    answer = admin.post("/keys", json={"name": "wrong", "role": "editor", **body})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["details"]["field"].startswith(field)


def test_nobody_gives_out_more_than_they_have(locked: MediaBackend) -> None:
    scopes = frozenset({Permission.KEYS_MANAGE, Permission.JOBS_READ})
    with locked.client(locked.key("eve", Role.ADMIN, scopes)) as eve:
        for more in (
            {"role": "viewer"},
            {"role": "admin"},
            {"role": "admin", "scopes": ["jobs:read", "jobs:write"]},
        ):
            answer = eve.post("/keys", json={"name": "more", **more})
            assert answer.status_code == 403, more
        less = {"name": "less", "role": "viewer", "scopes": ["jobs:read"]}
        assert eve.post("/keys", json=less).status_code == 201


def test_a_key_that_ends_gives_out_none_that_outlasts_it(
    locked: MediaBackend, admin: httpx.Client
) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    brief = made(admin, role="admin", expires_at=end.isoformat())
    with locked.client(brief["token"]) as client:
        for moment in (None, (end + timedelta(seconds=5)).isoformat()):
            body = {"name": "longer", "role": "viewer", "expires_at": moment}
            answer = client.post("/keys", json=body)
            assert answer.status_code == 403, answer.text
            assert answer.json()["error"]["details"]["field"] == "expires_at"
        sooner = (end - timedelta(minutes=5)).isoformat()
        body = {"name": "shorter", "role": "viewer", "expires_at": sooner}
        assert client.post("/keys", json=body).status_code == 201


def test_when_a_key_was_used_is_noted_once_a_minute(
    locked: MediaBackend, admin: httpx.Client
) -> None:
    new = made(admin)
    key_id = new["key"]["id"]
    with locked.client(new["token"]) as client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.get("/me").status_code, range(16)))
        assert answers == [200] * 16
        first = used_at(locked, key_id)
        assert first is not None
        client.get("/me")
        assert used_at(locked, key_id) == first
        with transaction(locked.sessions) as session:
            long_ago = first - timedelta(minutes=2)
            old = update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=long_ago)
            session.execute(old)
        client.get("/me")
        latest = used_at(locked, key_id)
    assert latest is not None
    assert latest > long_ago


def used_at(locked: MediaBackend, key_id: str) -> datetime | None:
    with transaction(locked.sessions) as session:
        return session.scalar(select(ApiKey.last_used_at).where(ApiKey.id == key_id))


def test_the_list_goes_on_page_by_page(locked: MediaBackend, admin: httpx.Client) -> None:
    for number in range(3):
        made(admin, owner_id="pages", name=f"{number}")
    seen: list[str] = []
    cursor = None
    while True:
        asked: dict[str, Any] = {
            "owner_id": "pages",
            "limit": 2,
            **({"cursor": cursor} if cursor else {}),
        }
        page = admin.get("/keys", params=asked).json()
        seen += [one["name"] for one in page["keys"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["2", "1", "0"]


def test_a_token_of_the_issuer_opens_the_same_doors(locked: MediaBackend) -> None:
    with locked.client(Issuer().token(sub="fred", role="operator")) as fred:
        assert fred.get("/metrics").status_code == 200
        assert fred.get("/me").json()["me"] | {"permissions": []} == {
            "owner_id": "fred",
            "role": "operator",
            "permissions": [],
            "key_id": None,
        }
    with locked.client(Issuer().ec_token(sub="fred", scope="jobs:read")) as fred:
        assert fred.get("/jobs").status_code == 200
        assert fred.post("/jobs", json={"params": {"text": "hi"}}).status_code == 403


def test_the_client_shows_its_key(locked: MediaBackend) -> None:
    with GalaClient(locked.stack.base_url, api_key=locked.key("ana", Role.VIEWER)) as client:
        client.jobs()
        with pytest.raises(Forbidden, match="jobs:write"):
            client.submit(params={"text": "hi"})
    with GalaClient(locked.stack.base_url) as client, pytest.raises(Unauthorized):
        client.jobs()


def command(locked: MediaBackend, *argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    services = locked.stack.services
    known = {"DATABASE_URL": services.database_url, "GALA_SECRET_KEY": SECRET_KEY}
    return subprocess.run(
        [sys.executable, "-m", "gala.cli", *argv],
        env={**os.environ, **known, "NO_COLOR": "1", **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_first_key_comes_from_the_command_line(locked: MediaBackend) -> None:
    done = command(locked, "keys", "create", "--name", "first", "--role", "admin")
    assert done.returncode == 0, done.stderr
    token = done.stdout.strip()
    assert token not in done.stderr
    with locked.client(token) as client:
        key_id = client.get("/me").json()["me"]["key_id"]
        listed = command(locked, "keys", "list", "--owner", "local")
        assert key_id in listed.stdout
        assert token not in listed.stdout
        used = command(
            locked, "jobs", "list", "--base-url", locked.stack.base_url, GALA_API_KEY=token
        )
        assert used.returncode == 0, used.stderr
        assert command(locked, "keys", "revoke", key_id).returncode == 0
        assert client.get("/me").status_code == 401


def test_without_the_secret_no_key_is_made(locked: MediaBackend) -> None:
    for secret in ("", "short"):
        done = command(locked, "keys", "create", "--name", "x", GALA_SECRET_KEY=secret)
        assert done.returncode == 2
        assert "GALA_SECRET_KEY" in done.stderr
        assert "Traceback" not in done.stderr


def test_keys_and_secrets_are_found_in_no_log_argv_error_metric_or_dump(
    locked: MediaBackend, admin: httpx.Client
) -> None:
    new = made(admin, name="hidden")
    # A valid key, an almost valid one, and a token take the same lookup.
    shown = [new["token"], new["token"][:-1] + "~", Issuer().token(sub="x y"), Issuer().token()]
    told = []
    for credential in shown:
        with locked.client(credential) as client:
            told += [
                client.get("/me").text,
                client.get("/keys").text,
                client.get("/nowhere").text,
                client.post("/jobs", content=b"no JSON").text,
                client.get("/metrics").text,
                str(dict(client.get("/me").headers)),
            ]
    with locked.client(locked.key("root", Role.OPERATOR)) as operator:
        told.append(operator.get("/metrics").text)
    told += [locked.stack.log(name) for name in locked.stack.names]
    api = psutil.Process(locked.stack.process("api").pid)
    told += [command_of(one) for one in (api, *api.children(recursive=True))]
    told.append(dump(locked))
    # The part after "gala_" and the id, which may itself have underscores.
    for secret in (SECRET_KEY, *shown, new["token"].split("_", 2)[2]):
        assert [text for text in told if secret in text] == []


def dump(locked: MediaBackend) -> str:
    """Return every row of every table as text."""
    url = locked.stack.services.database_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        rows = [
            repr(connection.execute(SQL("SELECT * FROM {}").format(Identifier(name))).fetchall())
            for (name,) in tables
        ]
    text = "\n".join(rows)
    assert "hidden" in text
    return text
