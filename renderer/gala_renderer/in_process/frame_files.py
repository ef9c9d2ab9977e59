"""Files of this machine that single frames of compositions are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.engine import FrameQuery
from gala.errors import InvalidRequest
from gala.media import MediaFacts
from gala.timeline.problems import InvalidTimeline, Problem
from gala.timeline.sources import named_files
from gala_renderer.in_process.workspace import link_or_copy
from gala_renderer.timeline.frame import FrameOrder, checked_composition

_UNKNOWN_MIME: Final = "application/octet-stream"
"""The engine inspects every file itself."""


@dataclass(frozen=True, slots=True)
class _LocalFile:
    path: Path
    mime: str = _UNKNOWN_MIME
    facts: MediaFacts | None = None

    @property
    def key(self) -> str:
        """The path, and what changes with the content."""
        found = self.path.stat()
        return f"{self.path} {found.st_size} {found.st_mtime_ns}"

    def stage(self, target: Path) -> bool:
        """Link or copy the file."""
        link_or_copy(self.path, target)
        return True


def local_order(query: FrameQuery) -> FrameOrder:
    """Return the order for a frame. Raise InvalidTimeline for files that do not exist."""
    params = checked_composition(query.params, query.frame)
    problems = []
    for file in named_files(params):
        path = query.files.get(file.source)
        if path is None or not path.is_file():
            rule = f"There is no file {file.source[:80]!r} here."
            problems.append(Problem(file.pointer, rule, "Name a file of this machine."))
    if problems:
        raise InvalidTimeline(problems)
    if query.at < 0:
        raise InvalidRequest("at: The time is negative. Write 0 or more.", field="at")
    return FrameOrder(
        params=params,
        frame=query.frame,
        at=query.at,
        format=query.format,
        width=query.width,
        files={name: _LocalFile(path.resolve()) for name, path in query.files.items()},
    )
