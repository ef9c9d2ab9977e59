"""Resolve a submission to a job that can run; everything is checked now, not by the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from gala import ids
from gala.brand_kits import BrandKit
from gala.db import quotas
from gala.db.tables import Job, Model, Template, TemplateVersion
from gala.errors import InvalidRequest
from gala.job import LogLevel
from gala.job_queue import jobs
from gala.job_queue.events import append, log_event
from gala.media import SIZES, USUAL_FPS, AspectRatio, Format
from gala.net.urls import web_url
from gala.render_types import RenderType, all_types, find_type
from gala.targets import TARGETS, Target
from gala.templates.branding import branded, branded_files
from gala.templates.filling import Setting
from gala.templates.params_schema import ParamsSchema
from gala.templates.target_captions import with_captions_for
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.sources import named_files
from gala_api.dependencies import Services
from gala_api.errors.validation import invalid_fields, nearest, remedy
from gala_api.jobs import inputs, references
from gala_api.jobs.inputs import JobInputEntries
from gala_api.jobs.personas import Casting
from gala_api.jobs.timeline_models import with_models
from gala_api.owner_pronunciations import with_owner_list
from gala_api.templates import brand_kits, lengths
from gala_api.templates.content import version_of
from gala_api.templates.params import blamed_on_params, check_files, fill_composition
from gala_api.timeline_files import check_names

if TYPE_CHECKING:
    from gala_api.jobs.submit import JobSubmission

DEFAULT_TYPE: Final = "hello_render"


def insert_job(session: Session, owner: str, submission: JobSubmission, services: Services) -> Job:
    """Check the submission and insert the job, which is durable once the caller commits.

    Raise InvalidRequest, or another error that names the field, or QuotaExceeded.
    """
    template = _template(session, owner, submission)
    content = _content(session, template, submission)
    render_type = known_type(content.type)
    models = references.models(session, owner, submission.model_ids)
    casting = Casting(session, models, render_type)
    chosen = _Chosen(
        own=template.owner_id != ids.BUILTIN_OWNER,
        content=content,
        format=_format(submission, content, models),
        brand=brand_kits.kit_of(session, owner, submission.brand),
        branded=submission.brand is not None,
        target=None if submission.target is None else TARGETS[submission.target],
    )
    named = partial(with_models, session, owner, render_type)
    resolved = _resolve(submission, chosen, casting, services, named)
    inputs.check(session, owner, render_type, resolved.inputs)
    warnings = lengths.check(session, resolved.params.model, chosen.target, chosen.format)
    # A retry says the same as the first attempt, because the job keeps what it was given here.
    params = CheckedParams(with_owner_list(session, owner, resolved.params.model))
    entries = {name: list(one.entries) for name, one in resolved.inputs.items()}
    job = Job(
        id=ids.new_id(ids.Prefix.JOB),
        owner_id=owner,
        name=submission.name,
        type=render_type.name,
        template_id=template.id,
        template_version=content.version,
        template_params=resolved.template_params,
        model_ids=list(submission.model_ids),
        inputs=entries,
        params=params.stored,
        format=stored_format(chosen.format, render_type),
        duration_ms=content.duration_ms,
        session_id=submission.session_id,
        creation_id=submission.creation_id,
        client_metadata=submission.metadata,
        callback_url=_callback(submission, services),
        lane=submission.lane or render_type.lane,
    )
    # Last of all: from here to the commit, other requests of this owner wait.
    quotas.reserve_job(session, owner, quotas.effective(session, owner, services.quota))
    jobs.submit(session, job, entries)
    if warnings:
        lines = [log_event(one, attempt=0, level=LogLevel.WARNING) for one in warnings]
        append(session, job.id, lines)
    return job


def _callback(submission: JobSubmission, services: Services) -> str | None:
    if submission.callback_url is None:
        return None
    allowed = services.settings.fetch_allowed_hosts
    return web_url(submission.callback_url, allowed, field="callback_url").text


def known_type(name: str, *, field: str = "type") -> RenderType:
    """Return the render type. Raise InvalidRequest, with the nearest name, if there is none."""
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


def _content(
    session: Session, template: Template, submission: JobSubmission
) -> Template | TemplateVersion:
    """Return the version that the job runs."""
    number = submission.template_version
    if number is None:
        return template
    return version_of(session, template, number, field="template_version")


@dataclass(frozen=True, slots=True)
class _Resolved:
    params: CheckedParams
    inputs: Mapping[str, JobInputEntries]
    template_params: dict[str, Any] | None = None
    """What was sent, if the template has a composition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """What the params of a job are completed with."""

    own: bool
    """Whether the template is not a built-in one."""
    content: Template | TemplateVersion
    format: Format | None
    brand: BrandKit
    branded: bool
    """Whether the job names a brand kit."""
    target: Target | None

    @property
    def setting(self) -> Setting:
        """What a composition is filled for."""
        width, height = SIZES[AspectRatio.PORTRAIT]
        frame = self.format or Format(width=width, height=height, fps=USUAL_FPS)
        return Setting(format=frame, brand=self.brand, target=self.target)


def _template(session: Session, owner: str, submission: JobSubmission) -> Template:
    if submission.template_id is None:
        name = known_type(submission.type or DEFAULT_TYPE).name
        return references.template(session, owner, ids.builtin_template_id(name))
    wanted = submission.template_id
    find = references.template if wanted.startswith("tpl_") else references.template_named
    found = find(session, owner, wanted, field="template_id")
    if submission.type is not None and submission.type != found.type:
        raise InvalidRequest(
            f"type: The template is of type {found.type!r}; leave `type` out.",
            field="type",
            rule="mismatch",
        )
    return found


def _resolve(
    submission: JobSubmission,
    chosen: _Chosen,
    casting: Casting,
    services: Services,
    without_models: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> _Resolved:
    """Merge the models' presets, the template's defaults, params and inputs; later ones win.

    ``without_models`` replaces the models that the params themselves name.
    """
    render_type = known_type(chosen.content.type)
    filled = fill_composition(chosen.content, submission.params, chosen.setting)
    with blamed_on_params(filled):
        params = (
            _plain_params(submission, chosen, render_type) if filled is None else (filled.document)
        )
        given, rest = _split(without_models(params), render_type)
        own_inputs = [*given.items(), *submission.inputs.items()]
        own_portraits = any(
            name.startswith(("portrait", "sprite")) and value is not None
            for name, value in own_inputs
        )
        cast = {} if own_portraits else casting.inputs(rest)
        checked = check_params(
            casting.params(rest, own_portraits=own_portraits),
            render_type,
            chosen.setting.format.fps,
        )
        if filled is not None:
            check_files(checked.model, services)
        elif isinstance(checked.model, TimelineParams) and not own_inputs:
            # With files among the inputs, names in the composition only tell which is which.
            check_names(named_files(checked.model))
        named = inputs.named(checked.model, render_type)
        kit = _brand_inputs(chosen, render_type, dict(own_inputs)) if filled is None else {}
        presets = {**kit, **named, **inputs.presets(casting.models, render_type), **cast}
        found = inputs.read((presets, given, submission.inputs), render_type, services)
        given_inputs = frozenset(found)
        if render_type.check is not None:
            render_type.check(checked.model, given_inputs)
    services.voices.check(checked.model, given_inputs)
    return _Resolved(checked, found, None if filled is None else dict(submission.params))


def _brand_inputs(
    chosen: _Chosen, render_type: RenderType, given: Mapping[str, Any]
) -> dict[str, str]:
    """Return the brand kit's files as inputs, where the job sets none."""
    names = [
        name
        for name in render_type.inputs
        if {render_type.input_field(name), render_type.url_field(name)} & given.keys()
    ]
    return {
        (render_type.url_field if "://" in source else render_type.input_field)(name): source
        for name, source in branded_files(chosen.brand, render_type, names)
    }


def _plain_params(
    submission: JobSubmission, chosen: _Chosen, render_type: RenderType
) -> dict[str, Any]:
    """Return the params of a template that has no composition."""
    schema = ParamsSchema(chosen.content.params_schema if chosen.own else {})
    defaults = {**schema.defaults, **chosen.content.defaults}
    params = {**defaults, **_without_nulls(submission.params, defaults, schema, render_type)}
    schema.check(params)
    if chosen.branded:
        params = branded(params, chosen.setting, render_type)
    if chosen.target is not None:
        fields = render_type.params.model_fields
        added = chosen.target.params(chosen.setting.format)
        taken = {name: one for name, one in added.items() if name in fields}
        if issubclass(render_type.params, TimelineParams):
            params = with_captions_for(chosen.target, params)
        params = {**taken, **params}
    return params


def _without_nulls(
    params: Mapping[str, Any],
    defaults: Mapping[str, Any],
    schema: ParamsSchema,
    render_type: RenderType,
) -> dict[str, Any]:
    """Return the params without each null that is no value of its param, if that has a default."""
    model = render_type.params
    optional = {name for name, info in model.model_fields.items() if not info.is_required()}
    return {
        name: value
        for name, value in params.items()
        if value is not None
        or name not in defaults.keys() | optional
        or (schema.has_null(name) and model.has_null(name))
    }


@dataclass(frozen=True, slots=True)
class CheckedParams:
    """Valid params of a render type."""

    model: BaseModel

    @property
    def stored(self) -> dict[str, Any]:
        """The fields that were set, as JSON: what the job's row keeps."""
        return self.model.model_dump(mode="json", exclude_unset=True)


def check_params(
    params: Mapping[str, Any], render_type: RenderType, fps: int = USUAL_FPS
) -> CheckedParams:
    """Validate the params of a job, whose timecodes count ``fps`` frames per second.

    Raise InvalidRequest if a field is invalid, naming it.
    """
    try:
        model = render_type.params.parse(params, fps)
    except ValidationError as error:
        raise invalid_fields(
            error.errors(), prefix=("params",), model=render_type.params
        ) from error
    return CheckedParams(model)


def _split(
    params: Mapping[str, Any], render_type: RenderType
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the inputs among the params, as templates may declare them, and the other params."""
    fields = inputs.fields_of(render_type)
    given = {name: value for name, value in params.items() if name in fields}
    rest = {name: value for name, value in params.items() if name not in fields}
    return given, rest


def stored_format(
    chosen: Format | None, render_type: RenderType, *, field: str = "output.format"
) -> dict[str, Any] | None:
    """Return the format as JSON. Raise InvalidRequest if the type has none to choose."""
    if chosen is not None and not render_type.takes_format:
        raise InvalidRequest(
            f"{field}: {render_type.name} does not take a size or frame rate.",
            field=field,
            rule="not_taken",
        )
    return None if chosen is None else chosen.model_dump()


def _format(
    submission: JobSubmission, content: Template | TemplateVersion, models: Sequence[Model]
) -> Format | None:
    base = None if content.format is None else Format.model_validate(content.format)
    if submission.target is not None:
        target, spec = TARGETS[submission.target], known_type(content.type)
        wanted = target_format(target, submission.format, submission.aspect_ratio)
        follows_source = not spec.takes_format and _takes_target(spec, target)
        return base if follows_source and submission.format is None else wanted
    if submission.format is not None:
        return checked_format(submission.format, submission.aspect_ratio)
    # A model's usual aspect ratio does not change an output that follows its source.
    ratio = submission.aspect_ratio or (_preset_ratio(models) if base else None)
    if ratio is None:
        return base
    width, height = SIZES[ratio]
    return Format(width=width, height=height, fps=base.fps if base else USUAL_FPS)


def _takes_target(spec: RenderType, target: Target) -> bool:
    """Return True if a target decides something beside the size. Raise InvalidRequest if not."""
    if spec.params.model_fields.keys().isdisjoint(target.params(target.format)):
        raise InvalidRequest(
            f"output.target: {spec.name} has nothing that a target decides.",
            field="output.target",
            rule="not_taken",
        )
    return True


def target_format(target: Target, wanted: Format | None, ratio: AspectRatio | None) -> Format:
    """Return the target's size, or the wanted one. Raise InvalidRequest for another shape."""
    if wanted is not None:
        return checked_format(wanted, target.ratio)
    if ratio not in {None, target.ratio}:
        raise InvalidRequest(
            f"output.aspect_ratio: {target.title} is {target.ratio}; leave aspect_ratio out.",
            field="output.aspect_ratio",
            rule="mismatch",
        )
    return target.format


def checked_format(wanted: Format, ratio: AspectRatio | None) -> Format:
    """Return the format. Raise InvalidRequest if it does not have the aspect ratio."""
    if ratio is not None and not _fits(wanted, ratio):
        raise InvalidRequest(
            f"output.format: {wanted.width}x{wanted.height} is not {ratio}; send only one of them.",
            field="output.format",
            rule="mismatch",
        )
    return wanted


def _preset_ratio(models: Sequence[Model]) -> AspectRatio | None:
    for model in models:
        ratio = model.preset.get("aspect_ratio")
        if ratio in set(AspectRatio):
            return AspectRatio(ratio)
    return None


def _fits(wanted: Format, ratio: AspectRatio) -> bool:
    width, height = SIZES[ratio]
    return abs(wanted.width / wanted.height - width / height) < 0.02
