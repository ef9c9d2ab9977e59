"""The permission that a route requires, stated as one dependency.

FastAPI reads a body before it runs dependencies. Routes that read bodies themselves call
:func:`check` first, so that no body of an unauthenticated caller is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import Depends, Request, params

from gala.errors import Forbidden
from gala.permissions import Permission, Principal
from gala_api.auth.authenticator import Authenticator
from gala_api.rate_limit.limiter import Limiter

_PRINCIPAL_KEY: Final = "gala.principal"
"""Key of the authenticated caller in a request's scope."""


async def principal_of(request: Request) -> Principal:
    """Return the caller; each request is authenticated and counted once.

    Raise Unauthorized, or RateLimited if the caller sends too many requests.
    """
    principal: Principal | None = request.scope.get(_PRINCIPAL_KEY)
    if principal is None:
        services = request.app.state.services
        authenticator: Authenticator = services.authenticator
        limiter: Limiter = services.limiter
        principal = await limiter.admit(request, authenticator)
        request.scope[_PRINCIPAL_KEY] = principal
    return principal


async def require(request: Request, permission: Permission) -> Principal:
    """Return the caller. Raise Unauthorized, or Forbidden if the permission is missing."""
    principal = await principal_of(request)
    if not principal.may(permission):
        raise Forbidden(
            f"This requires the permission {permission}; your {_source(principal)} lacks it.",
            permission=permission,
        )
    return principal


def _source(principal: Principal) -> str:
    """Return what lacks the permission: the role, or the scopes of the key or token."""
    return f"role {principal.role}" if principal.scopes is None else "key or token"


class Access:
    """A dependency of routes that require an identity, and usually a permission."""

    def __init__(self, permission: Permission | None):
        self.permission = permission

    async def __call__(self, request: Request) -> None:
        """Raise Unauthorized or Forbidden if the caller may not use the route."""
        if self.permission is None:
            await principal_of(request)
        else:
            await require(request, self.permission)


def allowed(permission: Permission) -> Any:
    """Return a dependency for routes that require this permission."""
    return Depends(Access(permission))


def identified() -> Any:
    """Return a dependency for routes that require an identity, but no permission."""
    return Depends(Access(None))


def access_of(dependencies: Sequence[params.Depends]) -> Access | None:
    """Return the access that a route's dependencies require, or None if it is public."""
    found = [one.dependency for one in dependencies if isinstance(one.dependency, Access)]
    return found[0] if found else None


async def check(request: Request, dependencies: Sequence[params.Depends]) -> None:
    """Run the access check among the dependencies before anything else."""
    access = access_of(dependencies)
    if access is not None:
        await access(request)
