"""Frames of compositions, drawn by the renderer while the client waits; their files are assets.

The renderer has no storage: it says which files it needs and does not have, and gets them from
here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, cast

from starlette.concurrency import run_in_threadpool

from gala.db import pending_assets
from gala.db.engine import transaction
from gala.errors import Conflict, GalaError, Unavailable
from gala.frame_protocol import MISSING, FrameFile, FrameFormat, TimelineFrameRequest
from gala.ids import Prefix, is_id
from gala.media import MediaFacts
from gala.render_types.timeline import MEDIA, TYPE
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.document.times import time_in_film
from gala.timeline.problems import InvalidTimeline, Problem
from gala.timeline.sources import NamedFile, named_files
from gala_api.assets.service import storage_errors
from gala_api.dependencies import Services
from gala_api.jobs.resolve import check_params
from gala_api.jobs.timeline_models import resolved
from gala_api.owner_pronunciations import with_owner_list
from gala_api.schemas.timeline import PlanTimelineRequest
from gala_api.timeline_files import check_sources
from gala_api.timeline_plans import branded_params, field_of, find_assets, frame_format
from gala_storage.contract import ObjectStream

_ROUNDS: Final = 4
"""How often files are sent: those that decide on times, those that are seen, and once more for
what was removed meanwhile."""
_MAX_PICTURE_BYTES: Final = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class Wanted:
    """The frame of a composition at a time in seconds, or as a timecode."""

    composition: PlanTimelineRequest
    at: float | str
    format: FrameFormat
    width: int | None


async def draw(wanted: Wanted, services: Services, owner: str) -> bytes:
    """Return the picture.

    Raise InvalidRequest, with the field, for what cannot be drawn, AssetNotFound, AssetPending,
    RateLimited, Unavailable, or the renderer's error.
    """
    request, assets = await run_in_threadpool(_request, wanted, services, owner)
    with services.frame_limit.place(owner):
        for _ in range(_ROUNDS):
            try:
                return await _ask(request, services)
            except Conflict as error:
                missing = error.details.get(MISSING)
                if not isinstance(missing, list):
                    raise
            for sha256 in dict.fromkeys(missing):
                await _send(assets[sha256], services)
    raise Unavailable(
        "The renderer does not keep the files of this composition: they are too large together.",
        hint="The operator can raise RENDERER_FRAME_BYTES.",
    )


async def _ask(request: TimelineFrameRequest, services: Services) -> bytes:
    body = request.model_dump(mode="json")
    content = bytearray()
    async with aclosing(await services.renderer.open("/timeline/frame", body)) as chunks:
        async for chunk in chunks:
            content += chunk
            if len(content) > _MAX_PICTURE_BYTES:
                raise GalaError("The renderer sent a picture that is too large.")
    return bytes(content)


async def _send(asset: Any, services: Services) -> None:
    """Send the bytes of an asset to the renderer."""
    stream = await run_in_threadpool(_open, asset, services)
    try:
        await services.renderer.put(f"/files/{asset.sha256}", _chunks(stream))
    finally:
        await run_in_threadpool(stream.close)


def _open(asset: Any, services: Services) -> ObjectStream:
    with storage_errors():
        return services.storages.get(asset.provider).open(asset.object_key)


async def _chunks(stream: ObjectStream) -> AsyncIterator[bytes]:
    while chunk := await run_in_threadpool(_next, stream):
        yield chunk


def _next(stream: ObjectStream) -> bytes:
    with storage_errors():
        return next(stream, b"")


def _request(
    wanted: Wanted, services: Services, owner: str
) -> tuple[TimelineFrameRequest, Mapping[str, Any]]:
    """Return the request to the renderer, and the rows of its assets by digest."""
    body = wanted.composition
    composition = branded_params(body, services, owner)
    with transaction(services.sessions) as session:
        document = resolved(session, owner, composition)
    frame = frame_format(body.output)
    params = cast(TimelineParams, check_params(document, TYPE, frame.fps).model)
    if TYPE.check is not None:
        TYPE.check(params, frozenset({MEDIA}))
    services.voices.check(params, frozenset({MEDIA}))
    files = list(named_files(params))
    check_sources(files, services, field=field_of)
    _refuse_urls(files)
    with transaction(services.sessions) as session:
        params = with_owner_list(session, owner, params)
        found = find_assets(session, owner, files)
        missing = {file.source for file in files} - found.keys()
        if missing:
            raise _pending(session, owner, missing)
    request = TimelineFrameRequest(
        params=params.model_dump(mode="json", exclude_unset=True),
        frame=frame,
        at=time_in_film(wanted.at, frame.fps, "at"),
        format=wanted.format,
        width=wanted.width,
        files=tuple(_file(row) for row in found.values()),
    )
    return request, {row.sha256: row for row in found.values()}


def _refuse_urls(files: Sequence[NamedFile]) -> None:
    rule = "A frame is drawn at once, so that URLs are not fetched for it."
    remedy = "Import the file (`POST /assets` with its `url`) and write the id of the asset."
    problems = [
        Problem(file.pointer, rule, remedy)
        for file in files
        if not is_id(Prefix.ASSET, file.source)
    ]
    if problems:
        raise InvalidTimeline(problems)


def _pending(session: Any, owner: str, missing: Collection[str]) -> GalaError:
    """Return the refusal of assets that are still to be made."""
    for asset_id in missing:
        pending = pending_assets.find(session, owner, asset_id)
        if pending is not None:
            return pending.refusal()
    return Unavailable("An asset was made just now; try again.")


def _file(row: Any) -> FrameFile:
    facts = MediaFacts(duration_ms=row.duration_ms, width=row.width, height=row.height)
    known = any(value is not None for value in facts.model_dump().values())
    return FrameFile(
        source=row.id, sha256=row.sha256, mime=row.mime, facts=facts if known else None
    )
