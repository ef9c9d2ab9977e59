"""A cache of results, which answers an exact repeat of a render without work.

The key covers everything that decides the bytes: this code, the FFmpeg, the fonts, the type, its
params, format and duration, the bytes of every input, and what else the planner names (such as the
version of a speech engine). A merely similar request never matches. Cached files are hard links to
the outputs and take no space while the outputs exist.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

import gala.media
import gala_renderer
from gala.render_protocol import Output
from gala_renderer.engine.folder_cache import FolderCache, link
from gala_renderer.engine.order import InputFile, RenderOrder

_META: Final = "result.json"


class _CachedFile(BaseModel):
    output: Output
    mtime_ns: int


class _CacheEntry(BaseModel):
    files: list[_CachedFile]
    warnings: list[str]


_ENTRIES: Final = TypeAdapter(_CacheEntry)


@dataclass(frozen=True, slots=True)
class CachedResult:
    """The outputs and warnings of an earlier, equal render; its files are back in place."""

    outputs: list[Output]
    warnings: list[str]


class RenderCache:
    """Finished results in a :class:`FolderCache`."""

    def __init__(self, folders: FolderCache):
        self._folders = folders

    @property
    def enabled(self) -> bool:
        """False if nothing is ever cached."""
        return self._folders.enabled

    def fetch(self, key: str, target: Path) -> CachedResult | None:
        """Link the files of that result into the attempt's folder ``target``, if it is cached."""
        folder = self._folders.folder(key)
        try:
            entry = _ENTRIES.validate_json((folder / _META).read_bytes())
            for file in entry.files:
                _restore(folder / Path(file.output.path).name, target / file.output.path, file)
        except (OSError, ValueError):
            # Missing, being removed, or changed since: it is rendered again.
            return None
        self._folders.touch(key)
        return CachedResult([file.output for file in entry.files], entry.warnings)

    def store(self, key: str, outputs: Sequence[Output], warnings: list[str], source: Path) -> None:
        """Cache the outputs in the attempt's folder ``source``; do nothing if the disk is full."""
        if sum(output.size for output in outputs) > self._folders.limit_bytes:
            return
        with contextlib.suppress(OSError), self._folders.adding(key) as folder:
            files = [_add(source / output.path, folder, output) for output in outputs]
            entry = _CacheEntry(files=files, warnings=warnings)
            (folder / _META).write_bytes(_ENTRIES.dump_json(entry))


def key_of(
    order: RenderOrder, digests: dict[str, list[str]], *, ffmpeg: Path, fonts: str, more: str
) -> str:
    """Return the key of an order whose inputs have these SHA-256 digests."""
    found = ffmpeg.stat()
    parts: dict[str, Any] = {
        "code": code_digest(),
        "ffmpeg": [str(ffmpeg), found.st_size, found.st_mtime_ns],
        "type": order.type.name,
        "params": order.params.model_dump(mode="json"),
        "format": order.format and order.format.model_dump(),
        "duration_ms": order.duration_ms,
        "inputs": digests,
        "fonts": fonts,
        "more": more,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def digests_of(order: RenderOrder) -> dict[str, list[str]]:
    """Return the SHA-256 of every input; files are only read where the worker sent no digest."""
    return {name: [_digest(file) for file in files] for name, files in order.inputs.items()}


def _digest(file: InputFile) -> str:
    # The MIME type that the worker sent decides how some files are read.
    if file.sha256 is not None:
        return f"{file.mime} {file.sha256}"
    with file.path.open("rb") as opened:
        return f"{file.mime} {hashlib.file_digest(opened, 'sha256').hexdigest()}"


def code_files() -> Iterator[Path]:
    """Yield the Python files of GALA on which results depend."""
    for package in (Path(gala_renderer.__file__).parent, Path(gala.media.__file__).parent):
        yield from sorted(package.rglob("*.py"))


@cache
def code_digest() -> str:
    """Return a digest of the code that makes the results: GALA's and that of its dependencies."""
    digest = hashlib.sha256()
    for source in code_files():
        digest.update(source.read_bytes())
    # Drawing, decoding and text shaping are done by dependencies.
    for name in _installed():
        digest.update(name.encode())
    return digest.hexdigest()


def _installed() -> list[str]:
    """Return the names of the folders of metadata that installers wrote, which end with a version.

    ``importlib.metadata.distributions`` would read each file in them, which takes 0.4 s in all.
    """
    folders = [folder for folder in map(Path, sys.path) if folder.is_dir()]
    return sorted(path.name for folder in folders for path in folder.glob("*.*-info"))


def _restore(cached: Path, target: Path, expected: _CachedFile) -> None:
    found = cached.stat()
    if (found.st_size, found.st_mtime_ns) != (expected.output.size, expected.mtime_ns):
        raise ValueError("the cached file was changed")
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    link(cached, target)


def _add(source: Path, folder: Path, output: Output) -> _CachedFile:
    target = folder / source.name
    link(source, target)
    return _CachedFile(output=output, mtime_ns=target.stat().st_mtime_ns)
