"""From a request to a job that can run: everything is resolved and checked now, never later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy.orm import Session

from gala import ids
from gala.db import quotas
from gala.db.tables import Job, Model, Template
from gala.errors import InvalidRequest
from gala.job import Lane
from gala.job_queue import jobs
from gala.media import SIZES, USUAL_FPS, AspectRatio, Format
from gala.net.urls import web_url
from gala.render_types import RenderType, all_types, find_type
from gala_api.dependencies import Services
from gala_api.errors.handlers import invalid, nearest, remedy
from gala_api.jobs import inputs, references
from gala_api.jobs.inputs import Given
from gala_api.jobs.params_schema import ParamsSchema
from gala_api.schemas.jobs import CreateJobRequest, JobOutputRequest

DEFAULT_TYPE: Final = "hello_render"


def submit(
    session: Session,
    owner: str,
    request: CreateJobRequest,
    services: Services,
    *,
    lane: Lane | None = None,
) -> Job:
    """Accept a job; it is durable once the caller commits.

    Raises InvalidRequest and its kin, naming the field, and QuotaExceeded.
    """
    _refuse_batch(request)
    template = _template(session, owner, request)
    render_type = known_type(template.type)
    models = references.models(session, owner, request.model_ids)
    resolved = _resolve(request, template, render_type, models, services)
    inputs.check(session, owner, render_type, resolved.inputs)
    entries = {name: list(given.entries) for name, given in resolved.inputs.items()}
    job = Job(
        id=ids.new_id(ids.Prefix.JOB),
        owner_id=owner,
        name=request.name,
        type=render_type.name,
        template_id=template.id,
        model_ids=request.model_ids,
        inputs=entries,
        params=resolved.params,
        format=stored_format(_format(request.output, template, models), render_type),
        duration_ms=template.duration_ms,
        session_id=request.session_id,
        creation_id=request.creation_id,
        client_metadata=request.metadata,
        callback_url=_callback(request, services),
        lane=lane or render_type.lane,
    )
    # Last of all: requests of one owner wait here for each other until the commit.
    quotas.reserve_job(session, owner, quotas.effective(session, owner, services.quota))
    jobs.submit(session, job, entries)
    return job


def _callback(request: CreateJobRequest, services: Services) -> str | None:
    if request.callback_url is None:
        return None
    allowed = services.settings.fetch_allowed_hosts
    return web_url(request.callback_url, allowed, field="callback_url").text


def known_type(name: str, *, field: str = "type") -> RenderType:
    """The render type of that name. Raises InvalidRequest with the nearest one."""
    found = find_type(name)
    if found is None:
        meant = nearest(name, all_types())
        raise InvalidRequest(
            f"{field}: There is no render type {name!r}; {remedy(meant, all_types())}",
            field=field,
            rule="unknown_type",
            did_you_mean=meant,
        )
    return found


@dataclass(frozen=True, slots=True)
class _Resolved:
    params: dict[str, Any]
    inputs: Mapping[str, Given]


def _refuse_batch(request: CreateJobRequest) -> None:
    if request.batch.count > 1 or request.batch.variants:
        field = "batch.variants" if request.batch.variants else "batch.count"
        raise InvalidRequest(
            f"{field}: Batches are not yet built; send one job for each variant.",
            field=field,
            rule="not_yet",
        )


def _template(session: Session, owner: str, request: CreateJobRequest) -> Template:
    if request.template_id is None:
        name = known_type(request.type or DEFAULT_TYPE).name
        return references.template(session, owner, ids.builtin_template_id(name))
    found = references.template(session, owner, request.template_id, field="template_id")
    if request.type is not None and request.type != found.type:
        raise InvalidRequest(
            f"type: The template is of type {found.type!r}; leave `type` out.",
            field="type",
            rule="mismatch",
        )
    return found


def _resolve(
    request: CreateJobRequest,
    template: Template,
    render_type: RenderType,
    models: Sequence[Model],
    services: Services,
) -> _Resolved:
    """Merge, later ones winning: template's defaults, models' presets, params, inputs."""
    own = template.owner_id != ids.BUILTIN_OWNER
    schema = ParamsSchema(template.params_schema if own else {})
    params = {**schema.defaults, **template.defaults, **request.params}
    schema.check(params)
    given, rest = _split(params, render_type)
    layers = (inputs.presets(models, render_type), given, request.inputs)
    found = inputs.read(layers, render_type, services)
    checked = check_params(rest, render_type)
    if render_type.check is not None:
        render_type.check(render_type.params.parse(rest), frozenset(found))
    return _Resolved(checked, found)


def check_params(
    params: Mapping[str, Any], render_type: RenderType, *, prefix: str = "params"
) -> dict[str, Any]:
    """The params as the type keeps them. Raises InvalidRequest naming the field."""
    try:
        checked = render_type.params.parse(params)
    except ValidationError as error:
        raise invalid(error.errors(), prefix=(prefix,), model=render_type.params) from error
    return checked.model_dump(mode="json", exclude_unset=True)


def _split(
    params: Mapping[str, Any], render_type: RenderType
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Templates may take assets and URLs among their params; here they part."""
    fields = inputs.fields_of(render_type)
    given = {name: value for name, value in params.items() if name in fields}
    rest = {name: value for name, value in params.items() if name not in fields}
    return given, rest


def stored_format(chosen: Format | None, render_type: RenderType) -> dict[str, Any] | None:
    """The size and frame rate as they are kept. Raises InvalidRequest for a type without any."""
    if chosen is not None and not render_type.takes_format:
        raise InvalidRequest(
            f"output.format: {render_type.name} has no size or frame rate to choose.",
            field="output.format",
            rule="not_taken",
        )
    return None if chosen is None else chosen.model_dump()


def _format(output: JobOutputRequest, template: Template, models: Sequence[Model]) -> Format | None:
    base = None if template.format is None else Format.model_validate(template.format)
    if output.format is not None:
        if output.aspect_ratio is not None and not _fits(output.format, output.aspect_ratio):
            raise InvalidRequest(
                f"output.format: {output.format.width}x{output.format.height} is not"
                f" {output.aspect_ratio}; send only one of them.",
                field="output.format",
                rule="mismatch",
            )
        return output.format
    # An avatar's usual shape does not change what follows its source.
    ratio = output.aspect_ratio or (_preset_ratio(models) if base else None)
    if ratio is None:
        return base
    width, height = SIZES[ratio]
    return Format(width=width, height=height, fps=base.fps if base else USUAL_FPS)


def _preset_ratio(models: Sequence[Model]) -> AspectRatio | None:
    for model in models:
        ratio = model.preset.get("aspect_ratio")
        if ratio in set(AspectRatio):
            return AspectRatio(ratio)
    return None


def _fits(wanted: Format, ratio: AspectRatio) -> bool:
    width, height = SIZES[ratio]
    return abs(wanted.width / wanted.height - width / height) < 0.02
