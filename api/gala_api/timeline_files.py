"""The files that compositions name: assets, whose lengths and sizes are known, and URLs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gala.ids import Prefix, is_id
from gala.media import MediaFacts
from gala.net.urls import web_url
from gala.timeline.measurements import Media
from gala.timeline.problems import InvalidTimeline, Problem
from gala.timeline.sources import NamedFile
from gala_api.dependencies import Services


def check_sources(
    files: Iterable[NamedFile], services: Services, *, field: Callable[[str], str]
) -> None:
    """Raise InvalidTimeline for names that are no assets, and UrlRefused for forbidden URLs.

    ``field`` returns the field of the request that has a URL, from its JSON pointer.
    """
    files = list(files)
    for file in files:
        if "://" in file.source:
            allowed = services.settings.fetch_allowed_hosts
            web_url(file.source, allowed, field=field(file.pointer))
    check_names(files)


def check_names(files: Iterable[NamedFile]) -> None:
    """Raise InvalidTimeline for names that are neither ids of assets nor URLs, such as paths."""
    remedy = "Upload the file (`POST /assets`) and write its id, ast_…"
    problems = [
        Problem(file.pointer, f"{file.source[:80]!r} is not the id of an asset, nor a URL.", remedy)
        for file in files
        if "://" not in file.source and not is_id(Prefix.ASSET, file.source)
    ]
    if problems:
        raise InvalidTimeline(problems)


def measured(rows: Iterable[Any]) -> dict[str, Media]:
    """Return length and size of assets by id; rows have their columns of these names."""
    return {
        row.id: Media.of(
            MediaFacts(duration_ms=row.duration_ms, width=row.width, height=row.height)
        )
        for row in rows
    }
