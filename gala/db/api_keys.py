"""API keys. The key is shown once at creation; only a keyed digest is stored."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import SecretStr
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from gala import ids
from gala.db.engine import Sessions, transaction
from gala.db.tables import ApiKey
from gala.errors import InvalidRequest
from gala.permissions import OWNER_PATTERN, RESERVED_OWNERS, Permission, Principal, Role
from gala.signing import Keyring

LAST_USED_PRECISION: Final = timedelta(minutes=1)
"""Precision of ``last_used_at``, so that most requests do not write."""

_SECRET_BYTES: Final = 32
_TOKEN: Final = re.compile(r"gala_[0-7][0-9A-HJKMNP-TV-Z]{25}_[A-Za-z0-9_-]{43}")


class KeyState(StrEnum):
    """State of a key; only LIVE keys grant access."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The access that a key grants; without scopes, all permissions of the role."""

    owner_id: str
    role: Role
    scopes: frozenset[Permission] | None = None

    @property
    def principal(self) -> Principal:
        """The principal that the key authenticates."""
        return Principal(owner_id=self.owner_id, role=self.role, scopes=self.scopes)


@dataclass(frozen=True, slots=True)
class KeyLookup:
    """A key that exists, and its state."""

    principal: Principal
    state: KeyState


def is_token(text: str) -> bool:
    """Return True if the text has the form of a key; the key need not exist."""
    return _TOKEN.fullmatch(text) is not None


def create(
    session: Session,
    keyring: Keyring,
    grant: Grant,
    *,
    name: str,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, SecretStr]:
    """Record a new key; return its row and the key itself, which is not stored.

    Raise InvalidRequest if the owner id is not valid.
    """
    _check_owner(grant.owner_id)
    key_id = ids.new_id(ids.Prefix.API_KEY)
    ulid = key_id.removeprefix(f"{ids.Prefix.API_KEY}_")
    token = f"gala_{ulid}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    row = ApiKey(
        id=key_id,
        owner_id=grant.owner_id,
        name=name,
        role=grant.role,
        scopes=None if grant.scopes is None else sorted(grant.scopes),
        digest=keyring.key_digest(token),
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    return row, SecretStr(token)


def _check_owner(owner_id: str) -> None:
    if not re.fullmatch(OWNER_PATTERN, owner_id) or owner_id in RESERVED_OWNERS:
        raise InvalidRequest(
            "owner_id: must be 1 to 128 letters, digits and . _ : @ | + -, beginning and ending"
            f" with a letter or digit, and not {' or '.join(sorted(RESERVED_OWNERS))}.",
            field="owner_id",
            rule="owner",
        )


def every(session: Session, owner_id: str | None = None) -> Sequence[ApiKey]:
    """Return all keys or those of an owner, newest first, including revoked ones."""
    statement = select(ApiKey).order_by(ApiKey.id.desc())
    if owner_id is not None:
        statement = statement.where(ApiKey.owner_id == owner_id)
    return session.scalars(statement).all()


def revoke(session: Session, key_id: str) -> bool:
    """Revoke a key permanently; return False if there is none. Idempotent."""
    statement = (
        update(ApiKey)
        .where(ApiKey.id == key_id)
        .values(revoked_at=func.coalesce(ApiKey.revoked_at, func.now()))
        .returning(ApiKey.id)
    )
    return session.scalar(statement) is not None


def look_up(sessions: Sessions, keyring: Keyring, token: str) -> KeyLookup | None:
    """Return the key with this token, or None; record its use, at most once per minute."""
    statement = select(ApiKey, func.now()).where(ApiKey.digest == keyring.key_digest(token))
    with transaction(sessions) as session:
        found = session.execute(statement).one_or_none()
        if found is None:
            return None
        key, now = found
        state = _state(key, now)
        if state is KeyState.LIVE and _stale(key, now):
            _record_use(session, key.id)
    return KeyLookup(_principal(key), state)


def _state(key: ApiKey, now: datetime) -> KeyState:
    if key.revoked_at is not None:
        return KeyState.REVOKED
    if key.expires_at is not None and key.expires_at <= now:
        return KeyState.EXPIRED
    return KeyState.LIVE


def _stale(key: ApiKey, now: datetime) -> bool:
    return key.last_used_at is None or key.last_used_at < now - LAST_USED_PRECISION


def _record_use(session: Session, key_id: str) -> None:
    """Set ``last_used_at``; checked in the row again, as other requests may use the same key."""
    older = ApiKey.last_used_at < func.now() - LAST_USED_PRECISION
    statement = update(ApiKey).where(ApiKey.id == key_id, or_(ApiKey.last_used_at.is_(None), older))
    session.execute(
        statement.values(last_used_at=func.now()), execution_options={"synchronize_session": False}
    )


def _principal(key: ApiKey) -> Principal:
    # Permissions that this version does not know grant nothing.
    known = set(Permission)
    scopes = None if key.scopes is None else frozenset(known.intersection(key.scopes))
    return Principal(
        owner_id=key.owner_id,
        role=Role(key.role),
        scopes=None if scopes is None else frozenset(Permission(one) for one in scopes),
        key_id=key.id,
    )
