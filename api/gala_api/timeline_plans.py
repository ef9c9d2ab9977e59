"""Plans of compositions: the lengths and sizes of assets come from the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gala.db import pending_assets
from gala.db.engine import transaction
from gala.db.tables import Asset, Model
from gala.errors import AssetNotFound, ModelNotFound
from gala.ids import Prefix, is_id
from gala.media import SIZES, USUAL_FPS, AspectRatio, Format
from gala.render_types.timeline import TYPE
from gala.renderer_features import RendererFeatures
from gala.targets import TARGETS
from gala.templates.branding import branded
from gala.templates.filling import Setting
from gala.templates.target_captions import with_captions_for
from gala.templates.target_fit import target_warnings
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import PlanWarning
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.plan import TimelinePlan
from gala.timeline.problems import InvalidTimeline, parts
from gala.timeline.reader import read_timeline
from gala.timeline.refusals import (
    feature_warnings,
    needs_features,
    voice_warnings,
    voices_of,
)
from gala.timeline.render_time import render_seconds
from gala.timeline.sources import NamedFile, named_files, named_models
from gala_api.dependencies import Services
from gala_api.jobs.resolve import checked_format, target_format
from gala_api.jobs.timeline_models import resolved
from gala_api.schemas.jobs import JobOutputRequest
from gala_api.schemas.timeline import PlanTimelineRequest
from gala_api.templates import brand_kits
from gala_api.timeline_files import check_sources, measured


def make_plan(request: PlanTimelineRequest, services: Services, owner: str) -> TimelinePlan:
    """Return the plan of a composition whose files are the owner's assets or URLs.

    Raise InvalidTimeline, AssetNotFound, ModelNotFound or UrlRefused.
    """
    params = branded_params(request, services, owner)
    frame = frame_format(request.output)
    timeline = read_timeline(params, frame.fps)
    files = list(named_files(timeline))
    check_sources(files, services, field=field_of)
    with transaction(services.sessions) as session:
        assets = find_assets(session, owner, files)
        _check_models(session, owner, timeline)
        timeline = read_timeline(resolved(session, owner, params), frame.fps)
    known = {**measured(assets.values()), **services.drawings.measured(files, assets)}
    measurements = KnownMeasurements(known)
    compiled = compile_timeline(timeline, frame, measurements)
    features = services.features.current()
    warnings = [*compiled.warnings, *_refused(timeline, services, features)]
    if request.output.target is not None:
        warnings += target_warnings(compiled, TARGETS[request.output.target])
    pace = 1.0 if features is None else features.film_pace
    return TimelinePlan.of(
        replace(compiled, warnings=tuple(warnings)),
        render_seconds=render_seconds(timeline, compiled, measurements, pace=pace),
    )


def branded_params(request: PlanTimelineRequest, services: Services, owner: str) -> dict[str, Any]:
    """Return the composition with what brand kit and target add.

    Raise NotFound or InvalidTimeline.
    """
    target = None if request.output.target is None else TARGETS[request.output.target]
    if request.brand is None:
        return request.params if target is None else with_captions_for(target, request.params)
    with transaction(services.sessions) as session:
        kit = brand_kits.kit_of(session, owner, request.brand)
    setting = Setting(format=frame_format(request.output), brand=kit, target=target)
    return branded(request.params, setting, TYPE)


def _refused(
    timeline: TimelineParams, services: Services, features: RendererFeatures | None
) -> Iterator[PlanWarning]:
    """Yield what the renderer would refuse, as far as it says so at once."""
    if any(voice.voice is not None for voice in voices_of(timeline)):
        yield from voice_warnings(timeline, services.voices.at_hand())
    if features is not None and needs_features(timeline):
        yield from feature_warnings(timeline, features)


def frame_format(output: JobOutputRequest) -> Format:
    """Return the size and rate of the film. Raise InvalidRequest if they contradict each other."""
    if output.target is not None:
        return target_format(TARGETS[output.target], output.format, output.aspect_ratio)
    if output.format is not None:
        return checked_format(output.format, output.aspect_ratio)
    width, height = SIZES[output.aspect_ratio or AspectRatio.PORTRAIT]
    return Format(width=width, height=height, fps=USUAL_FPS)


def find_assets(session: Session, owner: str, files: Sequence[NamedFile]) -> dict[str, Any]:
    """Return rows about the assets, by id; one that is still to be made is left out.

    Raise AssetNotFound, or InvalidTimeline for files that are not of their elements' types.
    """
    ids = {file.source for file in files if is_id(Prefix.ASSET, file.source)}
    if not ids:
        return {}
    columns = (
        Asset.id, Asset.mime, Asset.duration_ms, Asset.width, Asset.height,
        Asset.provider, Asset.object_key, Asset.sha256, Asset.size_bytes,
    )  # fmt: skip
    rows = session.execute(select(*columns).where(Asset.id.in_(ids), Asset.owner_id == owner))
    found = {row.id: row for row in rows}
    _check_missing(session, owner, files, ids - found.keys())
    problems = [
        problem
        for file in files
        if file.source in found and (problem := file.check(found[file.source].mime)) is not None
    ]
    if problems:
        raise InvalidTimeline(problems)
    return found


def _check_missing(
    session: Session, owner: str, files: Iterable[NamedFile], missing: Collection[str]
) -> None:
    pending: Mapping[str, Any] = pending_assets.read(session, missing)
    for file in files:
        if file.source not in missing:
            continue
        state = pending.get(file.source)
        if state is None or not state.visible_to(owner):
            field = field_of(file.pointer)
            raise AssetNotFound(
                f"{field}: There is no asset {file.source!r}.", field=field, pointer=file.pointer
            )


def _check_models(session: Session, owner: str, timeline: TimelineParams) -> None:
    wanted = dict(named_models(timeline))
    if not wanted:
        return
    known = set(
        session.scalars(
            select(Model.id).where(Model.id.in_(set(wanted.values())), Model.owner_id == owner)
        )
    )
    for at, model_id in wanted.items():
        if model_id not in known:
            field = field_of(at)
            raise ModelNotFound(
                f"{field}: There is no model {model_id!r}.", field=field, pointer=at
            )


def field_of(pointer: str) -> str:
    """Return the field of a request that has the value of a JSON pointer."""
    return ".".join(("params", *parts(pointer)))
