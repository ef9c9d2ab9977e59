"""Many concurrent callers with separate keys: no job is lost or repeated, and shares are fair."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from gala.db import api_keys
from gala.db.engine import make_sessions, transaction
from gala.permissions import Role
from gala.signing import Keyring
from tests.e2e.conftest import Platform
from tests.platform.stack import SECRET_KEY
from tests.support import http
from tests.support.wait import wait_until

pytestmark = pytest.mark.slow

CALLERS, EACH = 12, 8
JOBS = CALLERS * EACH
WORKERS = ["worker-batch-1", "worker-batch-2"]


def tokens(gala: Platform) -> dict[str, str]:
    """Create an API key for each caller."""
    keyring, made = Keyring(SecretStr(SECRET_KEY)), {}
    with transaction(make_sessions(gala.engine)) as session:
        for number in range(CALLERS):
            grant = api_keys.Grant(owner_id=f"caller-{number}", role=Role.EDITOR)
            _, token = api_keys.create(session, keyring, grant, name="test")
            made[grant.owner_id] = token.get_secret_value()
    return made


def all_at_once(gala: Platform, keys_of: dict[str, str]) -> list[str]:
    """Submit the jobs of all callers concurrently; return the accepted ids."""

    def send(token: str) -> list[str]:
        bearer = {"Authorization": f"Bearer {token}"}
        with http.Client(base_url=gala.stack.base_url, headers=bearer, timeout=60) as client:
            answers = [client.post("/jobs", json={"type": "test_noop"}) for _ in range(EACH)]
        return [answer.raise_for_status().json()["job"]["id"] for answer in answers]

    with ThreadPoolExecutor(CALLERS) as crowd:
        return [job_id for job_ids in crowd.map(send, keys_of.values()) for job_id in job_ids]


def test_a_crowd_is_served_whole_once_and_in_turns(keyed_stack: Platform) -> None:
    gala = keyed_stack
    for worker in WORKERS:
        gala.stack.stop(worker)
    accepted = all_at_once(gala, tokens(gala))
    assert len(set(accepted)) == JOBS

    gala.stack.start(*WORKERS)

    theirs = "FROM jobs WHERE owner_id LIKE 'caller-%'"
    undone = f"SELECT count(*) {theirs} AND status <> 'DONE'"
    wait_until(lambda: gala.value(undone) == 0, 120, what="the end of all jobs")
    begun = gala.rows(f"SELECT id, owner_id, attempt {theirs} ORDER BY started_at")
    assert sorted(job_id for job_id, _, _ in begun) == sorted(accepted)
    assert {attempts for _, _, attempts in begun} == {1}
    of_them = f"WHERE job_id IN (SELECT id {theirs})"
    outputs = Counter(
        job_id for (job_id,) in gala.rows(f"SELECT job_id FROM job_outputs {of_them}")
    )
    assets = Counter(job_id for (job_id,) in gala.rows(f"SELECT job_id FROM assets {of_them}"))
    assert outputs == assets == Counter(accepted)
    assert [len(gala.stored(job_id)) for job_id in accepted] == [1] * JOBS
    # At half time each caller has about half. Two workers may pick the same owner at once.
    half = Counter(owner for _, owner, _ in begun[: JOBS // 2])
    assert min(half[f"caller-{number}"] for number in range(CALLERS)) >= EACH // 2 - 2
