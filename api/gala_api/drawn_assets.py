"""Assets that are drawings, SVG and Lottie: read for plans, each once."""

from __future__ import annotations

import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from gala.timeline.drawn_files import DRAWN, MAX_DRAWING_BYTES, DrawnFile, read_drawn_file
from gala.timeline.measurements import Media
from gala.timeline.problems import InvalidTimeline, Problem
from gala.timeline.sources import NamedFile
from gala_storage import StorageRegistry
from gala_storage.contract import ObjectStream
from gala_storage.errors import StorageError

_KEPT: Final = 1000
"""Drawings of which it is remembered what they are."""
_Key = tuple[str, str, str | None]


class DrawnAssets:
    """Reads drawings from the storage and remembers what they are, by their content.

    Safe to use in several threads.
    """

    def __init__(self, storages: StorageRegistry):
        self._storages = storages
        self._lock = threading.Lock()
        self._known: OrderedDict[_Key, DrawnFile] = OrderedDict()

    def measured(self, files: Iterable[NamedFile], rows: Mapping[str, Any]) -> dict[str, Media]:
        """Return length and size of animations, by the keys of their files.

        ``rows`` are the assets by id. Raise InvalidTimeline for what cannot be drawn. What the
        storage does not give now is left out; the job will read it.
        """
        media: dict[str, Media] = {}
        problems: list[Problem] = []
        for file in files:
            row = rows.get(file.source)
            found = None if row is None or file.type not in DRAWN else self._find(file, row)
            if found is None:
                continue
            if found.problem is not None:
                problems.append(found.problem)
            elif found.media is not None:
                media[file.key] = found.media
        if problems:
            raise InvalidTimeline(problems)
        return media

    def _find(self, file: NamedFile, row: Any) -> DrawnFile | None:
        key = (str(row.sha256), file.type, file.animation)
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
        if found is None:
            # The place in the composition is no part of what is remembered.
            found = self._read(replace(file, pointer=""), row)
            if found is None:
                return None
            with self._lock:
                self._known[key] = found
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
        return _at(found, file.pointer)

    def _read(self, file: NamedFile, row: Any) -> DrawnFile | None:
        if row.size_bytes > MAX_DRAWING_BYTES and file.type == "svg":
            return None
        with tempfile.NamedTemporaryFile(prefix="gala-drawing-") as copy:
            try:
                _copy(self._storages.get(row.provider).open(row.object_key), copy)
            except StorageError:
                return None
            copy.flush()
            return read_drawn_file(file, Path(copy.name))


def _copy(stream: ObjectStream, target: Any) -> None:
    """Copy an object, and of one that is too large a little more than is allowed."""
    try:
        left = MAX_DRAWING_BYTES + 1
        while left > 0 and (chunk := next(stream, b"")):
            target.write(chunk)
            left -= len(chunk)
    finally:
        stream.close()


def _at(found: DrawnFile, pointer: str) -> DrawnFile:
    """Return what is known of a drawing for the element with this pointer of its ``src``."""
    if found.problem is None:
        return found
    where = pointer.removesuffix("src") + (found.problem.pointer or "src")
    return DrawnFile(problem=replace(found.problem, pointer=where))
