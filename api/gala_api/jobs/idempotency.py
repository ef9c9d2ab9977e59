"""``Idempotency-Key``: the same key returns the same job for 24 hours."""

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
    """Return a digest of a request's body that does not depend on the order of its fields."""
    return hashlib.sha256(to_json(_sorted(body))).hexdigest()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def earlier_job(session: Session, owner: str, key: str, body_fingerprint: str) -> str | None:
    """Return the job that was created with this key, if any; concurrent requests wait.

    Raise IdempotencyMismatch if the key was used with another body.
    """
    # Serializes requests with the same key; the lock is released with the transaction.
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
    if found.fingerprint != body_fingerprint:
        raise IdempotencyMismatch(
            hint="Send the same body again, or a new key.", field="Idempotency-Key"
        )
    return found.job_id


def remember(session: Session, owner: str, key: str, body_fingerprint: str, job_id: str) -> None:
    """Record that this key created this job; an expired entry is replaced."""
    values = {
        "owner_id": owner,
        "key": key,
        "fingerprint": body_fingerprint,
        "job_id": job_id,
        "expires_at": func.now() + LIFETIME,
    }
    replacement = {name: values[name] for name in ("fingerprint", "job_id", "expires_at")}
    session.execute(
        insert(IdempotencyKey)
        .values(values)
        .on_conflict_do_update(
            index_elements=[IdempotencyKey.owner_id, IdempotencyKey.key], set_=replacement
        )
    )
