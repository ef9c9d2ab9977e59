"""Which bytes at a provider belong to whom: reserved, committed with an asset, or to be deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, exists, func, or_, select, text, update
from sqlalchemy.orm import Session

from gala.db.tables import Asset, Job, Object
from gala.errors import StorageUnavailable
from gala.job import ENDED

# These two run for every asset; as text they cost a fraction of a statement that is composed.
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
    """Write down a key before the upload begins; returns the one that stands (the first wins).

    Raises StorageUnavailable while an object of that name is being deleted, or if the key belongs
    to another name.
    """
    wanted = {"provider": provider, "name": name, "object_key": object_key, "job_id": job_id}
    reserved = session.scalar(_RESERVE, wanted)
    standing = reserved or _reserved_key(session, provider, name)
    if standing is None:
        raise StorageUnavailable(f"The key {object_key} of {provider} belongs to another object.")
    return standing


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
    """Mark the object as belonging to an asset that is recorded in the same transaction."""
    kept = session.scalar(_COMMIT, {"provider": provider, "object_key": object_key})
    if kept is None:
        raise StorageUnavailable(f"{object_key} was removed before it could be recorded.")


def abandon(session: Session, provider: str, object_key: str) -> bool:
    """Promise to delete the object unless an asset refers to it; True if promised."""
    used = exists().where(Asset.provider == provider, Asset.object_key == object_key)
    promised = session.scalar(
        update(Object)
        .where(Object.provider == provider, Object.object_key == object_key, ~used)
        .values(state="deleting")
        .returning(Object.object_key)
    )
    return promised is not None


def take_for_deletion(session: Session, provider: str, object_key: str) -> bool:
    """Whether the bytes may be removed now; nobody else may until the transaction ends.

    Were two to delete at once, the slower one could hit bytes that a retried job has stored under
    the same key meanwhile. A provider may take its time, so this transaction may idle.
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
    """Drop the record of an object whose bytes are gone."""
    session.execute(
        delete(Object).where(
            Object.provider == provider,
            Object.object_key == object_key,
            Object.state == "deleting",
        )
    )


def abandon_leftovers(session: Session, *, job_grace: timedelta, upload_ttl: timedelta) -> None:
    """Promise to delete reservations that nobody will commit any more.

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
    """Provider and key of some objects whose bytes are to be removed.

    In no order, so that those which a provider does not let go never hold up the others.
    """
    rows = session.execute(
        select(Object.provider, Object.object_key)
        .where(Object.state == "deleting")
        .order_by(func.random())
        .limit(limit)
    )
    return [(provider, key) for provider, key in rows]
