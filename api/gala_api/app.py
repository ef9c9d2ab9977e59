"""The composition root of the API: routes, adapters, middleware and services."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gala.db.engine import make_engine, make_sessions
from gala.job_queue import wakeup
from gala.signing import Keyring
from gala_api.auth.factory import allowed_callers, make_authenticator
from gala_api.auth.origin_guard import OriginGuard
from gala_api.dependencies import Services
from gala_api.disk_status import DiskStatus
from gala_api.drawn_assets import DrawnAssets
from gala_api.errors import handlers
from gala_api.http.headers import REPLAYED
from gala_api.http.routers import add_routes
from gala_api.http.unread_bodies import UnreadBodies
from gala_api.jobs.change_listener import JobChangeListener
from gala_api.kokoro_fastapi import errors as kokoro_errors
from gala_api.kokoro_fastapi import openapi as kokoro_openapi
from gala_api.kokoro_fastapi import routes as kokoro
from gala_api.media_server import errors as media_server_errors
from gala_api.media_server import openapi as media_server_openapi
from gala_api.media_server import routes as media_server
from gala_api.metrics import Metrics
from gala_api.openai import errors as openai_errors
from gala_api.openai import openapi as openai_openapi
from gala_api.openai import routes as openai
from gala_api.openapi import document
from gala_api.process_service import errors as process_errors
from gala_api.process_service import openapi as process_openapi
from gala_api.process_service import routes as process
from gala_api.rate_limit.factory import default_quota, make_limiter
from gala_api.rate_limit.headers import EXPOSED, RateLimitHeaders
from gala_api.rate_limit.stream_limit import event_streams, speech_streams
from gala_api.renderer_client import RendererClient
from gala_api.renderer_features import RendererFeatureCache
from gala_api.renderer_status import RendererStatus
from gala_api.routes import (
    assets,
    brand_kits,
    health,
    jobs,
    keys,
    me,
    models,
    pronunciations,
    quotas,
    templates,
    timeline,
    voices,
)
from gala_api.settings import ApiSettings
from gala_api.upload_cleanup import removing_abandoned_uploads
from gala_api.voice_catalogue import VoiceCatalogue
from gala_storage import StorageRegistry, StorageSettings

log = logging.getLogger(__name__)

_ROUTERS: Final = (
    health.router,
    assets.router,
    models.router,
    templates.router,
    brand_kits.router,
    jobs.router,
    voices.router,
    timeline.router,
    process.router,
    *openai.ROUTERS,
    kokoro.router,
    *media_server.ROUTERS,
    pronunciations.router,
    me.router,
    keys.router,
    quotas.router,
)
_ERROR_FORMATS: Final = (
    process_errors.ERROR_FORMAT,
    media_server_errors.ERROR_FORMAT,
    # Before OpenAI's: one of its paths is under /v1.
    *kokoro_errors.ERROR_FORMATS,
    openai_errors.ERROR_FORMAT,
)
_OPENAPI_PARTS: Final = (
    process_openapi.OPENAPI_PART,
    media_server_openapi.OPENAPI_PART,
    openai_openapi.OPENAPI_PART,
    kokoro_openapi.OPENAPI_PART,
)


def create_app(
    settings: ApiSettings | None = None, storage_settings: StorageSettings | None = None
) -> FastAPI:
    """Return the API. Without settings it has routes and an OpenAPI document, but no services."""
    app = FastAPI(
        lifespan=_lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    for router in _ROUTERS:
        add_routes(app, router)
    prefix = settings.location("") if settings else ""
    app.add_route("/", _index(prefix), include_in_schema=False)
    handlers.install(app, _ERROR_FORMATS)
    document.install(app, _OPENAPI_PARTS, prefix=prefix)
    if settings is not None:
        app.state.services = _services(settings, storage_settings or StorageSettings())
        _add_middleware(app, settings)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    async with (
        removing_abandoned_uploads(services.settings.uploads),
        services.change_listener.listening(),
        aclosing(services.renderer),
        aclosing(services.limiter),
    ):
        yield


def _add_middleware(app: FastAPI, settings: ApiSettings) -> None:
    app.add_middleware(RateLimitHeaders)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_allowed_origins,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=[
            "Location",
            "ETag",
            "Content-Range",
            "Content-Disposition",
            "Preference-Applied",
            "Retry-After",
            "WWW-Authenticate",
            REPLAYED,
            *EXPOSED,
        ],
    )
    allowed = allowed_callers(settings)
    if allowed is not None:
        app.add_middleware(OriginGuard, allowed=allowed)
    # The outermost, because any of the others may refuse a request.
    app.add_middleware(UnreadBodies)


def _index(prefix: str) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler of the root; a proxy has the API at ``prefix``."""
    content = {
        "service": "gala-api",
        "contract": f"{prefix}/openapi.json",
        "health": f"{prefix}/health",
        "hint": "Swagger UI runs on its own port, 8081 by default.",
    }

    async def index(_request: Request) -> Response:
        return JSONResponse(content)

    return index


def _services(settings: ApiSettings, storage_settings: StorageSettings) -> Services:
    sessions = make_sessions(make_engine(settings.database_url, name="gala-api", pool_size=20))
    change_listener = JobChangeListener(str(settings.database_url), sessions)
    keyring = _keyring(settings)
    renderer_status = RendererStatus(settings.renderer_http_baseurl)
    disk = DiskStatus(
        renderer_status,
        data_root=settings.data_root,
        storage_root=storage_settings.local_root,
        needed_bytes=settings.renderer_min_free_bytes,
    )
    storages = StorageRegistry(storage_settings)
    return Services(
        settings=settings,
        sessions=sessions,
        storages=storages,
        wakeup=wakeup.Wakeup(
            wakeup.connect(str(settings.redis_url), timeout=wakeup.REQUEST_SECONDS),
            settings.job_queue_name,
        ),
        change_listener=change_listener,
        metrics=Metrics(sessions, change_listener, renderer_status, disk),
        renderer_status=renderer_status,
        disk=disk,
        keyring=keyring,
        authenticator=make_authenticator(settings, sessions, keyring),
        limiter=make_limiter(settings),
        quota=default_quota(settings),
        renderer=RendererClient(settings.renderer_http_baseurl),
        voices=VoiceCatalogue(settings.renderer_http_baseurl),
        features=RendererFeatureCache(settings.renderer_http_baseurl),
        drawings=DrawnAssets(storages),
        event_stream_limit=event_streams(settings.event_streams_per_owner),
        stream_limit=speech_streams(settings.speech_streams_per_owner),
    )


def _keyring(settings: ApiSettings) -> Keyring:
    if settings.gala_secret_key is not None:
        return Keyring(settings.gala_secret_key)
    log.warning(
        "GALA_SECRET_KEY is not set: signed links are only valid until this process ends, and"
        " workers without it send no notifications (callback_url)"
    )
    return Keyring(SecretStr(secrets.token_urlsafe(32)))
