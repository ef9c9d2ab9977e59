"""What a route demands: one dependency that states a permission.

FastAPI would look at a body before it asks a dependency; :func:`check` is what routes call that
read bodies themselves, so that nobody's body is read before it is known whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import Depends, Request, params

from gala.errors import Forbidden
from gala.permissions import Permission, Principal
from gala_api.auth.authenticator import Authenticator
from gala_api.rate_limit.limiter import Limiter

_KNOWN: Final = "gala.principal"
"""Where a request keeps who asks, once that is known."""


async def principal_of(request: Request) -> Principal:
    """Who asks; worked out, and counted, once for each request.

    Raises Unauthorized, and RateLimited for who asks too often.
    """
    known: Principal | None = request.scope.get(_KNOWN)
    if known is None:
        services = request.app.state.services
        authenticator: Authenticator = services.authenticator
        limiter: Limiter = services.limiter
        known = await limiter.admit(request, authenticator)
        request.scope[_KNOWN] = known
    return known


async def require(request: Request, permission: Permission) -> Principal:
    """Who asks, if this is allowed. Raises Unauthorized, or Forbidden naming the permission."""
    principal = await principal_of(request)
    if not principal.may(permission):
        raise Forbidden(
            f"This needs the permission {permission}; your {_limit(principal)} does not give it.",
            permission=permission,
        )
    return principal


def _limit(principal: Principal) -> str:
    """What stands in the way: the role, or the scopes of a key or token."""
    return f"role {principal.role}" if principal.scopes is None else "key or token"


class Access:
    """The dependency of a route that is not for everybody."""

    def __init__(self, permission: Permission | None):
        self.permission = permission

    async def __call__(self, request: Request) -> None:
        """Raise Unauthorized or Forbidden for who may not pass."""
        if self.permission is None:
            await principal_of(request)
        else:
            await require(request, self.permission)


def allowed(permission: Permission) -> Any:
    """For a route's ``dependencies``: only whoever has this permission passes."""
    return Depends(Access(permission))


def identified() -> Any:
    """For a route's ``dependencies``: whoever has an identity passes."""
    return Depends(Access(None))


def access_of(dependencies: Sequence[params.Depends]) -> Access | None:
    """What the dependencies of a route demand; ``None`` if it is for everybody."""
    stated = [one.dependency for one in dependencies if isinstance(one.dependency, Access)]
    return stated[0] if stated else None


async def check(request: Request, dependencies: Sequence[params.Depends]) -> None:
    """Ask for what the dependencies demand, ahead of everything else."""
    demanded = access_of(dependencies)
    if demanded is not None:
        await demanded(request)
