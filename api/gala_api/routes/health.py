"""Whether GALA is alive, ready, and well."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Annotated, Literal

import httpx
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gala.db.engine import transaction
from gala.errors import ErrorCode, GalaError
from gala.permissions import Permission
from gala_api.auth.access import allowed, require
from gala_api.dependencies import Services, ServicesDep
from gala_api.errors.handlers import first_line
from gala_api.openapi.error_responses import errors
from gala_api.schemas.common import Sent
from gala_storage import StorageError

router = APIRouter(tags=["Health"])

VERSION = version("gala")
_CHECK_SECONDS = 5.0
# What is null here is left out of the answer.
_LEAVES_OUT = ConfigDict(json_schema_serialization_defaults_required=False)


class Check(Sent):
    """What one dependency said."""

    model_config = _LEAVES_OUT

    ok: bool
    detail: str | None = Field(default=None, description="What is wrong, if anything.")


class Health(Sent):
    """How GALA is."""

    model_config = _LEAVES_OUT

    status: Literal["ok", "degraded"] = Field(examples=["ok"])
    service: str = Field(examples=["gala-api"])
    version: str
    checks: dict[str, Check] | None = Field(
        default=None, description="With `deep=true`: postgres, redis, renderer, storage."
    )


class Readiness(Sent):
    """That jobs are accepted, and how those are confined that read users' files."""

    status: Literal["ok"] = Field(examples=["ok"])
    sandbox: str = Field(
        description="How far the renderer confines FFmpeg: `namespaces`, `landlock`, `limits`; "
        "`unknown` while it does not answer.",
        examples=["namespaces"],
    )


_Deep = Annotated[bool, Query(description="Also ask everything that GALA needs.")]


async def _may_ask_deep(request: Request, deep: _Deep = False) -> None:
    """Whether GALA is alive anybody may know; what it consists of, only who looks after it."""
    if deep:
        await require(request, Permission.METRICS_READ)


@router.head("/health", include_in_schema=False)
@router.get(
    "/health",
    summary="Health check",
    dependencies=[Depends(_may_ask_deep)],
    response_model_exclude_none=True,
    responses=errors(ErrorCode.VALIDATION_ERROR, needs_database=False),
)
def health(
    services: ServicesDep,
    deep: _Deep = False,
) -> Health:
    """How GALA is. With `deep=true` everything that it needs is asked as well."""
    if not deep:
        return Health(status="ok", service="gala-api", version=VERSION)
    checks = _run(_checks(services))
    well = all(check.ok for check in checks.values())
    return Health(
        status="ok" if well else "degraded", service="gala-api", version=VERSION, checks=checks
    )


@router.get("/livez", summary="Alive?", status_code=204, responses=errors(needs_database=False))
def livez() -> None:
    """Whether this process answers at all."""


@router.get("/readyz", summary="Ready?", responses=errors())
def readyz(services: ServicesDep) -> Readiness:
    """Whether jobs can be accepted: Postgres answers. Without Redis and the renderer they wait, but
    are accepted."""
    _postgres(services)
    return Readiness(status="ok", sandbox=services.metrics.sandbox.now())


@router.get(
    "/metrics",
    summary="Metrics",
    dependencies=[allowed(Permission.METRICS_READ)],
    response_class=Response,
    responses={
        200: {
            "description": "Counters and gauges.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **errors(),
    },
)
def metrics(services: ServicesDep) -> Response:
    """Metrics in Prometheus' text format."""
    return Response(services.metrics.text(), media_type="text/plain; version=0.0.4")


def _checks(services: Services) -> dict[str, Callable[[], object]]:
    return {
        "postgres": lambda: _postgres(services),
        "redis": services.wakeup.check,
        "renderer": lambda: _renderer(services.settings.renderer_http_baseurl),
        "storage": lambda: _storage(services),
    }


def _run(checks: dict[str, Callable[[], object]]) -> dict[str, Check]:
    with ThreadPoolExecutor(len(checks)) as pool:
        return dict(zip(checks, pool.map(_checked, checks.values()), strict=True))


def _checked(ask: Callable[[], object]) -> Check:
    try:
        ask()
    except (GalaError, StorageError) as error:
        return Check(ok=False, detail=error.message)
    except DBAPIError as error:
        return Check(ok=False, detail=f"Postgres did not answer: {first_line(error.orig)}")
    except (httpx.HTTPError, OSError) as error:
        return Check(ok=False, detail=str(error) or repr(error))
    return Check(ok=True)


def _postgres(services: Services) -> None:
    with transaction(services.sessions) as session:
        session.execute(text("SELECT 1"))


def _storage(services: Services) -> None:
    services.storages.current.check()


def _renderer(base_url: str) -> None:
    httpx.get(f"{base_url}/readyz", timeout=_CHECK_SECONDS, trust_env=False).raise_for_status()
