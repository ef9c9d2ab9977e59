"""Principals, roles and permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gala.ids import BUILTIN_OWNER, LOCAL_OWNER

OWNER_PATTERN: Final = r"^[A-Za-z0-9](?:[A-Za-z0-9._:@|+-]{0,126}[A-Za-z0-9])?$"
"""Pattern of owner ids and of a JWT's ``sub``: 1 to 128 characters, no spaces."""

RESERVED_OWNERS: Final = frozenset({BUILTIN_OWNER})
"""Owner ids that no identity may have; they own the built-in resources."""


class Permission(StrEnum):
    """A permission; also a scope of keys and tokens."""

    ASSETS_READ = "assets:read"
    ASSETS_WRITE = "assets:write"
    MODELS_READ = "models:read"
    MODELS_WRITE = "models:write"
    TEMPLATES_READ = "templates:read"
    TEMPLATES_WRITE = "templates:write"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    JOBS_OPERATE = "jobs:operate"
    """Read, cancel and retry the jobs of all owners."""
    METRICS_READ = "metrics:read"
    QUOTAS_READ = "quotas:read"
    """Read quotas and usage of all owners."""
    QUOTAS_WRITE = "quotas:write"
    KEYS_MANAGE = "keys:manage"


class Role(StrEnum):
    """Role of an identity; each role includes the permissions of the previous one."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OPERATOR = "operator"
    ADMIN = "admin"


_VIEWER: Final = frozenset(
    {
        Permission.ASSETS_READ,
        Permission.MODELS_READ,
        Permission.TEMPLATES_READ,
        Permission.JOBS_READ,
    }
)
_EDITOR: Final = _VIEWER | {
    Permission.ASSETS_WRITE,
    Permission.MODELS_WRITE,
    Permission.TEMPLATES_WRITE,
    Permission.JOBS_WRITE,
}
_OPERATOR: Final = _EDITOR | {
    Permission.JOBS_OPERATE,
    Permission.METRICS_READ,
    Permission.QUOTAS_READ,
}

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: _VIEWER,
    Role.EDITOR: _EDITOR,
    Role.OPERATOR: _OPERATOR,
    Role.ADMIN: frozenset(Permission),
}
"""Permissions of each role, on its owner's resources only, except ``jobs:operate``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The authenticated caller: an owner in a role, optionally restricted by scopes."""

    owner_id: str
    role: Role
    scopes: frozenset[Permission] | None = None
    """``None``: all permissions of the role."""
    key_id: str | None = None
    """Id of the API key used to authenticate, if any."""

    def may(self, permission: Permission) -> bool:
        """Return True if the role and the scopes (if any) include the permission."""
        return permission in PERMISSIONS[self.role] and (
            self.scopes is None or permission in self.scopes
        )


LOCAL: Final = Principal(owner_id=LOCAL_OWNER, role=Role.ADMIN)
"""The principal of all requests if authentication is off (``AUTH_MODE=none``)."""
