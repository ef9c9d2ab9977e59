"""State of objects in storage: reserved, committed with an asset, or to be deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, exists, func, or_, select, text, update
from sqlalchemy.orm import Session

from gala.db.tables import Asset, Job, ModelPreview, Object
from gala.errors import StorageUnavailable
from gala.job import ENDED

# These two run for every asset; SQL text costs a fraction of a composed statement.
_RESERVE: Final = text("""
    INSERT INTO objects (provider, name, object_key, job_id, state)
    VALUES (:provider, :name, :object_key, :job_id, 'reserved')
    ON CONFLICT DO NOTHING
    RETURNING object_key
""")
_COMMIT: Final = text("""
    UPDATE objects SET state = 'committed'
    WHERE provider = :provider AND object_key = :object_key AND state <> 'deleting'
    RETURNING object_key
""")


def reserve(
    session: Session, provider: str, name: str, object_key: str, *, job_id: str | None = None
) -> str:
    """Record an object key before the upload; return the key that was recorded first.

    Raise StorageUnavailable while an object of this name is being deleted, or if the key belongs
    to another name.
    """
    values = {"provider": provider, "name": name, "object_key": object_key, "job_id": job_id}
    reserved = session.scalar(_RESERVE, values)
    recorded = reserved or _reserved_key(session, provider, name)
    if recorded is None:
        raise StorageUnavailable(f"The key {object_key} of {provider} belongs to another object.")
    return recorded


def _reserved_key(session: Session, provider: str, name: str) -> str | None:
    found = session.execute(
        select(Object.object_key, Object.state).where(
            Object.provider == provider, Object.name == name
        )
    ).one_or_none()
    if found is None:
        return None
    if found.state == "deleting":
        raise StorageUnavailable(f"{name} is being removed; it can be stored again in a moment.")
    key: str = found.object_key
    return key


def commit(session: Session, provider: str, object_key: str) -> None:
    """Mark the object as used by an asset that is recorded in the same transaction.

    Raise StorageUnavailable if the object is marked for deletion.
    """
    committed = session.scalar(_COMMIT, {"provider": provider, "object_key": object_key})
    if committed is None:
        raise StorageUnavailable(f"{object_key} was removed before it could be recorded.")


def abandon(session: Session, provider: str, object_key: str) -> bool:
    """Mark the object for deletion unless an asset or a preview of a model refers to it.

    Return True if marked.
    """
    used = or_(
        *(
            exists().where(user.provider == provider, user.object_key == object_key)
            for user in (Asset, ModelPreview)
        )
    )
    marked = session.scalar(
        update(Object)
        .where(Object.provider == provider, Object.object_key == object_key, ~used)
        .values(state="deleting")
        .returning(Object.object_key)
    )
    return marked is not None


def take_for_deletion(session: Session, provider: str, object_key: str) -> bool:
    """Lock an object for deletion until the transaction ends; return False if it is not available.

    If two processes deleted at once, the slower one could delete bytes that a retried job has
    stored under the same key meanwhile. Providers may be slow, so this transaction may idle.
    """
    session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    taken = session.scalar(
        select(Object.object_key)
        .where(
            Object.provider == provider,
            Object.object_key == object_key,
            Object.state == "deleting",
        )
        .with_for_update(skip_locked=True)
    )
    return taken is not None


def forget(session: Session, provider: str, object_key: str) -> None:
    """Delete the row of an object whose bytes were deleted."""
    session.execute(
        delete(Object).where(
            Object.provider == provider,
            Object.object_key == object_key,
            Object.state == "deleting",
        )
    )


def abandon_leftovers(session: Session, *, job_grace: timedelta, upload_ttl: timedelta) -> None:
    """Mark reservations for deletion that will not be committed any more.

    Those of ended jobs after ``job_grace``, those of uploads after ``upload_ttl``.
    """
    ended = exists().where(
        Job.id == Object.job_id,
        Job.status.in_(ENDED),
        Job.finished_at < func.now() - job_grace,
    )
    upload = Object.job_id.is_(None) & (Object.created_at < func.now() - upload_ttl)
    session.execute(
        update(Object)
        .where(Object.state == "reserved", or_(ended, upload))
        .values(state="deleting")
        .execution_options(synchronize_session=False)
    )


def to_delete(session: Session, *, limit: int = 100) -> Sequence[tuple[str, str]]:
    """Return provider and key of up to ``limit`` objects to delete, in random order.

    So those that a provider fails to delete never hold up the others.
    """
    rows = session.execute(
        select(Object.provider, Object.object_key)
        .where(Object.state == "deleting")
        .order_by(func.random())
        .limit(limit)
    )
    return [(provider, key) for provider, key in rows]
