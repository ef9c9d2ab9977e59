"""The same ``Idempotency-Key``, the same job for 24 hours; another body with it is refused."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gala.db.tables import IdempotencyKey
from gala.errors import IdempotencyMismatch

LIFETIME: Final = timedelta(hours=24)


def fingerprint(body: Any) -> str:
    """A digest of what a request means; the order of its fields does not matter."""
    return hashlib.sha256(to_json(_sorted(body))).hexdigest()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def earlier_job(session: Session, owner: str, key: str, print_: str) -> str | None:
    """The job that this key was answered with, if it was; a second request waits for the first.

    Raises IdempotencyMismatch if the key came with another body.
    """
    # Requests with one key come one after the other; the lock goes with the transaction.
    lock = func.hashtextextended(f"{owner}\x1f{key}", 0)
    session.execute(select(func.pg_advisory_xact_lock(lock)))
    found = session.scalars(
        select(IdempotencyKey).where(
            IdempotencyKey.owner_id == owner,
            IdempotencyKey.key == key,
            IdempotencyKey.expires_at > func.now(),
        )
    ).one_or_none()
    if found is None:
        return None
    if found.fingerprint != print_:
        raise IdempotencyMismatch(
            hint="Send the same body again, or a new key.", field="Idempotency-Key"
        )
    return found.job_id


def remember(session: Session, owner: str, key: str, print_: str, job_id: str) -> None:
    """Answer this key with this job from now on; an expired entry is replaced."""
    values = {
        "owner_id": owner,
        "key": key,
        "fingerprint": print_,
        "job_id": job_id,
        "expires_at": func.now() + LIFETIME,
    }
    fresh = {name: values[name] for name in ("fingerprint", "job_id", "expires_at")}
    session.execute(
        insert(IdempotencyKey)
        .values(values)
        .on_conflict_do_update(
            index_elements=[IdempotencyKey.owner_id, IdempotencyKey.key], set_=fresh
        )
    )
