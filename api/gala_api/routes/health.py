"""Liveness, readiness, health checks and metrics."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gala.db.engine import transaction
from gala.disk_space import DiskSpace
from gala.errors import ErrorCode, GalaError, Unavailable
from gala.installation import version
from gala.net.tls import tls_context
from gala.permissions import Permission
from gala_api.auth.access import allowed, require
from gala_api.dependencies import Services, ServicesDep
from gala_api.errors.handlers import first_line
from gala_api.http.routers import Router
from gala_api.openapi.error_responses import errors
from gala_api.schemas.common import Sent
from gala_storage import StorageError

router = Router(tags=["Health"])

VERSION = version()
_CHECK_SECONDS = 5.0
# Null fields are left out of the response.
_OPTIONAL_FIELDS = ConfigDict(json_schema_serialization_defaults_required=False)


class Check(Sent):
    """The check of one dependency."""

    model_config = _OPTIONAL_FIELDS

    ok: bool
    detail: str | None = Field(default=None, description="The failure, if any.")


class Health(Sent):
    """The health of GALA."""

    model_config = _OPTIONAL_FIELDS

    status: Literal["ok", "degraded"] = Field(examples=["ok"])
    service: str = Field(examples=["gala-api"])
    version: str
    checks: dict[str, Check] | None = Field(
        default=None,
        description="With `deep=true`: postgres, redis, renderer, storage; and disk, if there is"
        " too little space.",
    )


class LowDisk(Sent):
    """A folder with too little free space."""

    place: Literal["renderer", "uploads", "storage"] = Field(
        description="What needs the space: renders, uploads, or stored assets."
    )
    variable: str = Field(description="The setting of the folder.", examples=["DATA_ROOT"])
    free_bytes: int
    needed_bytes: int = Field(description="`RENDERER_MIN_FREE_BYTES`.")
    message: str
    remedy: str


class Readiness(Sent):
    """Jobs are accepted; how the programs that read users' files are confined."""

    model_config = _OPTIONAL_FIELDS

    status: Literal["ok"] = Field(examples=["ok"])
    sandbox: str = Field(
        description="The sandbox of the renderer's FFmpeg: `namespaces`, `landlock`, `limits`; "
        "`unknown` while the renderer does not answer.",
        examples=["namespaces"],
    )
    low_disk: list[LowDisk] | None = Field(
        default=None,
        description="Folders with too little free space. While there is one for `renderer` or"
        " `storage`, jobs are accepted and wait; they go on by themselves once there is space.",
    )


_Deep = Annotated[bool, Query(description="Also check everything that GALA depends on.")]


async def _check_deep(request: Request, deep: _Deep = False) -> None:
    """Require a permission for the deep check, which names what GALA depends on."""
    if deep:
        await require(request, Permission.METRICS_READ)


@router.head("/health", include_in_schema=False)
@router.get(
    "/health",
    summary="Health check",
    dependencies=[Depends(_check_deep)],
    response_model_exclude_none=True,
    responses=errors(ErrorCode.VALIDATION_ERROR, needs_database=False),
)
def health(
    services: ServicesDep,
    deep: _Deep = False,
) -> Health:
    """The health of GALA. `deep=true` also checks everything that it depends on."""
    if not deep:
        return Health(status="ok", service="gala-api", version=VERSION)
    checks = _run(_checks(services)) | _low_disk_check(services)
    healthy = all(check.ok for check in checks.values())
    return Health(
        status="ok" if healthy else "degraded", service="gala-api", version=VERSION, checks=checks
    )


@router.get("/livez", summary="Liveness", status_code=204, responses=errors(needs_database=False))
def livez() -> None:
    """Respond if this process is alive."""


@router.get(
    "/readyz",
    summary="Readiness",
    response_model_exclude_none=True,
    responses=errors(),
)
def readyz(services: ServicesDep) -> Readiness:
    """Respond with 200 if jobs are accepted: Postgres answers.

    Without Redis, the renderer or enough disk space, jobs are accepted and wait.
    """
    _postgres(services)
    return Readiness(
        status="ok",
        sandbox=services.renderer_status.sandbox_level(),
        low_disk=[_low_disk(place, space) for place, space in services.disk.low().items()] or None,
    )


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
        return dict(zip(checks, pool.map(_run_one, checks.values()), strict=True))


def _run_one(check: Callable[[], object]) -> Check:
    try:
        check()
    except (GalaError, StorageError) as error:
        return Check(ok=False, detail=error.message)
    except DBAPIError as error:
        return Check(ok=False, detail=f"Postgres did not answer: {first_line(error.orig)}")
    except OSError as error:
        return Check(ok=False, detail=str(error) or repr(error))
    return Check(ok=True)


def _postgres(services: Services) -> None:
    with transaction(services.sessions) as session:
        session.execute(text("SELECT 1"))


def _storage(services: Services) -> None:
    services.storages.current.check()


def _low_disk_check(services: Services) -> dict[str, Check]:
    low = services.disk.low()
    details = (f"{place}: {one.message} {one.remedy}" for place, one in low.items())
    return {"disk": Check(ok=False, detail=" ".join(details))} if low else {}


def _low_disk(place: str, space: DiskSpace) -> LowDisk:
    return LowDisk.model_validate(
        {
            **asdict(space),
            "place": place,
            "message": space.message,
            "remedy": space.remedy,
        }
    )


def _renderer(base_url: str) -> None:
    import httpx  # noqa: PLC0415 - takes 0.1 s

    try:
        httpx.get(
            f"{base_url}/readyz", timeout=_CHECK_SECONDS, trust_env=False, verify=tls_context()
        ).raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(str(error) or repr(error)) from error
