"""Compositions of commands: their files, their formats, how their mistakes are reported."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

from gala.cli.rendering.output_paths import STDOUT, fill_format
from gala.cli.rendering.request import RenderCommand
from gala.errors import InvalidRequest
from gala.ids import Prefix, is_id
from gala.name_suggestions import nearest
from gala.timeline.document.output import SOUNDS, STILLS
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import InvalidTimeline, Problem
from gala.timeline.sources import NamedFile, named_files

_MAX_NAMES: Final = 1000
"""The most names of a folder that a misspelt one is compared with."""


@contextmanager
def all_problems(file: Path, *, as_json: bool) -> Iterator[None]:
    """Report all problems of the composition, not only the first, as lines under the error."""
    try:
        yield
    except InvalidTimeline as error:
        if as_json:
            raise
        others = [str(problem) for problem in error.problems[1:]]
        raise InvalidRequest(f"{file}: {error.message}", log=others) from error


def read_json(file: Path) -> dict[str, Any]:
    """Return the JSON object of a file. Raise InvalidRequest, naming the file, if it has none."""
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file} is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{file} is not valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise InvalidRequest(f"{file}: a composition is an object: {{…}}")
    return data


def written_as(
    out: Path | None, data: Mapping[str, Any], *, preview: bool = False
) -> dict[str, Any]:
    """Return the composition in the format that the name of the file has."""
    more: dict[str, Any] = {"preview": True} if preview else {}
    if out is not None and out.suffix.lower() == ".zip" and "file_format" not in data:
        more["file_format"] = "hls"
    render_type = RenderCommand(type="timeline").render_type
    return dict(fill_format(render_type, {**data, **more}, [] if out is None else [out]))


def beside(film: Path, data: Mapping[str, Any]) -> dict[str, Path]:
    """Return the targets of what is made beside a film, by role."""
    if film == STDOUT:
        return {}
    is_film = data.get("file_format") not in {*SOUNDS, *STILLS}
    names: dict[str, str] = {}
    if data.get("poster") is not None and is_film:
        names["poster"] = "-poster.jpg"
    if data.get("contact_sheet") is True and is_film:
        names["contact_sheet"] = "-contact-sheet.jpg"
    if data.get("subtitles") is True:
        names |= {"captions": ".vtt", "subtitles": ".srt"}
    return {role: film.with_name(film.stem + end) for role, end in names.items()}


def missing_file(named: NamedFile, folder: Path) -> Problem | None:
    """Return what is wrong if there is no such file, with the nearest name of its folder."""
    path = folder / named.source
    if path.is_file():
        return None
    rule = f"There is no file {named.source!r} in {folder.resolve()}."
    remedy = "Correct the path, which is relative to the folder of the composition."
    meant = _similar(path)
    if meant is not None:
        remedy = f"Did you mean {str(Path(named.source).with_name(meant))!r}? {remedy}"
    return Problem(named.pointer, rule, remedy)


def check_files(timeline: TimelineParams, folder: Path) -> None:
    """Raise InvalidTimeline for files of this machine that are missing."""
    here = [file for file in named_files(timeline) if not is_of_server(file.source)]
    missing = [problem for file in here if (problem := missing_file(file, folder)) is not None]
    if missing:
        raise InvalidTimeline(missing)


def _similar(path: Path) -> str | None:
    try:
        names = [one.name for one in islice(path.parent.iterdir(), _MAX_NAMES)]
    except OSError:
        return None
    return nearest(path.name, names)


def media_of(
    timeline: TimelineParams, folder: Path, *, on_server: bool
) -> dict[str, list[Path | str]]:
    """Return the files that a composition names, as its input; paths are relative to a folder.

    Raise InvalidTimeline for files that are missing, and for assets and URLs unless it is rendered
    on a server.
    """
    files = list(named_files(timeline))
    check_files(timeline, folder)
    if not on_server:
        problems = [
            Problem(
                file.pointer,
                f"{file.source[:80]!r} is read by a server only.",
                "Render on a server (--url), or name a file of this machine.",
            )
            for file in files
            if is_of_server(file.source)
        ]
        if problems:
            raise InvalidTimeline(problems)
    sources = dict.fromkeys(file.source for file in files)
    found = [one if is_of_server(one) else folder / one for one in sources]
    return {"media": found} if found else {}


def is_of_server(source: str) -> bool:
    """Return True for assets and URLs, which only a server reads."""
    return "://" in source or is_id(Prefix.ASSET, source)
