"""Previews on request: as they are stored, or made at the first request."""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from gala.db.tables import ModelPreview
from gala.errors import Unavailable
from gala.render_types.presenter_preview import PreviewPart
from gala_api.dependencies import Services
from gala_api.models import service
from gala_api.models.body_check import checked_body
from gala_api.models.preview_request import PreviewRequest
from gala_api.models.previews import PreviewKind


async def find_or_make(
    request: Request, services: Services, owner: str, model_id: str, kind: PreviewKind
) -> ModelPreview:
    """Return a preview of a model; if it has none, run a job that makes it.

    Raise as :func:`service.find_preview`, the job's error with the fields of the model, or
    Unavailable if no worker makes it in time. An error that is due to the body is remembered.
    """
    found = await _find(services, owner, model_id, kind)
    if isinstance(found, ModelPreview):
        return found
    async with services.preview_locks.setdefault(model_id, asyncio.Lock()):
        found = await _find(services, owner, model_id, kind)
        if isinstance(found, PreviewRequest):
            services.preview_failures.raise_known(model_id, found)
            await _make(request, services, owner, model_id, wanted=found, kind=kind)
            found = await _find(services, owner, model_id, kind)
    if isinstance(found, PreviewRequest):
        raise _not_made(services)
    return found


async def _find(
    services: Services, owner: str, model_id: str, kind: PreviewKind
) -> ModelPreview | PreviewRequest:
    return await run_in_threadpool(service.find_preview, services, owner, model_id, kind)


async def _make(
    request: Request,
    services: Services,
    owner: str,
    model_id: str,
    *,
    wanted: PreviewRequest,
    kind: PreviewKind,
) -> None:
    part = PreviewPart.CLIP if kind is PreviewKind.CLIP else PreviewPart.STILL
    with services.preview_failures.remembering(model_id, wanted):
        async with checked_body(request, services, owner, wanted, part) as checked:
            if checked is None:
                raise _not_made(services)
            keep = service.keep_previews
            await run_in_threadpool(keep, services, owner, model_id, wanted, checked)


def _not_made(services: Services) -> Unavailable:
    return Unavailable(
        "The previews of this model are not made yet: no worker did so in"
        f" {services.settings.model_check_seconds:g} seconds.",
        hint="Try again; if it stays so, see whether a worker and the renderer run.",
    )
