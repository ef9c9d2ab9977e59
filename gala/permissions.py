"""Who asks, and what they may do: the vocabulary of access, written once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gala.ids import BUILTIN_OWNER, LOCAL_OWNER

OWNER_PATTERN: Final = r"^[A-Za-z0-9](?:[A-Za-z0-9._:@|+-]{0,126}[A-Za-z0-9])?$"
"""What an owner's name looks like: 1 to 128 characters, no spaces; a JWT's ``sub`` as well."""

RESERVED_OWNERS: Final = frozenset({BUILTIN_OWNER})
"""Names that no identity may take: what GALA ships belongs to them."""


class Permission(StrEnum):
    """One thing that may be allowed; also the scopes of keys and tokens."""

    ASSETS_READ = "assets:read"
    ASSETS_WRITE = "assets:write"
    MODELS_READ = "models:read"
    MODELS_WRITE = "models:write"
    TEMPLATES_READ = "templates:read"
    TEMPLATES_WRITE = "templates:write"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    JOBS_OPERATE = "jobs:operate"
    """Look at, cancel and retry the jobs of every owner."""
    METRICS_READ = "metrics:read"
    QUOTAS_READ = "quotas:read"
    """See what every owner may use and uses."""
    QUOTAS_WRITE = "quotas:write"
    KEYS_MANAGE = "keys:manage"


class Role(StrEnum):
    """What an identity is trusted with; each one may do all that the one before may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OPERATOR = "operator"
    ADMIN = "admin"


_VIEWS: Final = frozenset(
    {
        Permission.ASSETS_READ,
        Permission.MODELS_READ,
        Permission.TEMPLATES_READ,
        Permission.JOBS_READ,
    }
)
_EDITS: Final = _VIEWS | {
    Permission.ASSETS_WRITE,
    Permission.MODELS_WRITE,
    Permission.TEMPLATES_WRITE,
    Permission.JOBS_WRITE,
}
_OPERATES: Final = _EDITS | {
    Permission.JOBS_OPERATE,
    Permission.METRICS_READ,
    Permission.QUOTAS_READ,
}

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: _VIEWS,
    Role.EDITOR: _EDITS,
    Role.OPERATOR: _OPERATES,
    Role.ADMIN: frozenset(Permission),
}
"""What each role may do. Except for jobs (``jobs:operate``), only with what is its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks: an owner in a role, perhaps narrowed down by the scopes of a key or token."""

    owner_id: str
    role: Role
    scopes: frozenset[Permission] | None = None
    """``None``: all that the role may."""
    key_id: str | None = None
    """The API key that was shown, if one was."""

    def may(self, permission: Permission) -> bool:
        """Whether this is allowed: by the role, and by the scopes if there are any."""
        return permission in PERMISSIONS[self.role] and (
            self.scopes is None or permission in self.scopes
        )


LOCAL: Final = Principal(owner_id=LOCAL_OWNER, role=Role.ADMIN)
"""Whoever asks where no identity is asked for (``AUTH_MODE=none``)."""
