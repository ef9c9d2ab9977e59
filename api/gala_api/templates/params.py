"""The params of jobs with templates, brand kits and targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from gala.db.tables import Template, TemplateVersion
from gala.templates.filling import (
    Filled,
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


def check_files(model: BaseModel, services: Services) -> None:
    """Raise InvalidTimeline for names that are no assets, and UrlRefused for forbidden URLs."""
    if isinstance(model, TimelineParams):
        check_sources(named_files(model), services, field=lambda _: "params")
