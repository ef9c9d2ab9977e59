"""The params of jobs with templates, brand kits and targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from gala.db.tables import Template, TemplateVersion
from gala.render_types import RenderType
from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.voice import VoiceParams
from gala.templates.filling import (
    Composition,
    Filled,
    InvalidComposition,
    Setting,
    fill,
)
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import InvalidTimeline
from gala.timeline.sources import named_files
from gala_api.dependencies import Services
from gala_api.templates.content import composition_of
from gala_api.timeline_files import check_sources


def fill_composition(
    content: Template | TemplateVersion, params: Mapping[str, Any], setting: Setting
) -> Filled | None:
    """Return what the template's composition becomes; None if it has none.

    Raise InvalidParams, or InvalidComposition if it is the template that is wrong.
    """
    composition = composition_of(content)
    return None if composition is None else fill(composition, params, setting)


@contextmanager
def blamed_on_params(filled: Filled | None) -> Iterator[None]:
    """Within the context, errors about a filled composition name the param that causes them."""
    try:
        yield
    except InvalidTimeline as error:
        if filled is None:
            raise
        raise filled.translated(error) from error


def branded(params: dict[str, Any], setting: Setting, render_type: RenderType) -> dict[str, Any]:
    """Return the params of a job without a composition with what the brand kit adds.

    Raise InvalidTimeline if variables of a timeline do not exist.
    """
    if issubclass(render_type.params, TimelineParams):
        try:
            return fill(Composition(document=params), {}, setting).document
        except InvalidComposition as error:
            raise InvalidTimeline(error.problems) from error
    fields, kit = render_type.params.model_fields, setting.brand
    found = dict(params)
    if issubclass(render_type.params, VoiceParams):
        found = kit.with_voice(found)
    if kit.captions is not None and "captions" in fields and "captions" not in found:
        short_side = min(setting.format.width, setting.format.height)
        if _takes_captions(fields["captions"].annotation):
            found["captions"] = kit.captions.params(short_side).model_dump(mode="json")
    return found


def _takes_captions(annotation: Any) -> bool:
    return CaptionParams in (annotation, *getattr(annotation, "__args__", ()))


def check_files(model: BaseModel, services: Services) -> None:
    """Raise InvalidTimeline for names that are no assets, and UrlRefused for forbidden URLs."""
    if isinstance(model, TimelineParams):
        check_sources(named_files(model), services, field=lambda _: "params")
