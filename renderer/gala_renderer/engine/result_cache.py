"""Results kept by what they were made from, so that an exact repeat is answered without work.

The key covers everything that decides the bytes: this code, the FFmpeg, the fonts, the type, its
params, format and length, the bytes of every input, and whatever else the making names (the version
of a speech engine). A merely similar request never matches. Kept files are hard links to the
outputs; they cost no room while the outputs exist. The least recently used go first when there are
more than ``limit_bytes``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

import gala.media
from gala.render_protocol import Output
from gala_renderer.engine.order import InputFile, RenderOrder

_META: Final = "result.json"
_PARTIAL: Final = ".partial-"


class _CachedFile(BaseModel):
    output: Output
    mtime_ns: int


class _CacheEntry(BaseModel):
    files: list[_CachedFile]
    warnings: list[str]


_METAS: Final = TypeAdapter(_CacheEntry)


@dataclass(frozen=True, slots=True)
class CachedResult:
    """What an earlier, equal render made and warned of; its files are in place again."""

    outputs: list[Output]
    warnings: list[str]


class RenderCache:
    """Finished results under ``root``, at most ``limit_bytes`` of them; 0 keeps nothing."""

    def __init__(self, root: Path, *, limit_bytes: int):
        self.root = root
        self.limit_bytes = limit_bytes

    @property
    def on(self) -> bool:
        """Whether anything is kept at all."""
        return self.limit_bytes > 0

    def fetch(self, key: str, target: Path) -> CachedResult | None:
        """Lay the files of that result into the attempt's folder ``target``, if it is kept."""
        folder = self._folder(key)
        try:
            meta = _METAS.validate_json((folder / _META).read_bytes())
            for kept in meta.files:
                _bring(folder / Path(kept.output.path).name, target / kept.output.path, kept)
        except (OSError, ValueError):
            # Gone, being removed, or not what was put there: then it is made anew.
            return None
        with contextlib.suppress(OSError):
            os.utime(folder)
        return CachedResult([kept.output for kept in meta.files], meta.warnings)

    def keep(self, key: str, outputs: Sequence[Output], warnings: list[str], source: Path) -> None:
        """Keep the outputs that lie in the attempt's folder ``source``; a full disk keeps none."""
        if sum(output.size for output in outputs) > self.limit_bytes:
            return
        with contextlib.suppress(OSError):
            self._put(key, outputs, warnings, source)
            self._make_room()

    def _put(self, key: str, outputs: Sequence[Output], warnings: list[str], source: Path) -> None:
        folder = self._folder(key)
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=folder.parent))
        try:
            kept = [_take(source / output.path, partial, output) for output in outputs]
            meta = _CacheEntry(files=kept, warnings=warnings)
            (partial / _META).write_bytes(_METAS.dump_json(meta))
            # Fails if another attempt was faster, whose result is as good.
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _make_room(self) -> None:
        results = sorted(self._results(), key=lambda result: result[1], reverse=True)
        room = self.limit_bytes
        for folder, _, size in results:
            room -= size
            if room < 0:
                shutil.rmtree(folder, ignore_errors=True)

    def _results(self) -> Iterator[tuple[Path, float, int]]:
        """Every kept result, when it was last used, and its size in bytes."""
        for folder in self.root.glob("*/*"):
            with contextlib.suppress(OSError):
                size = sum(file.stat().st_size for file in folder.iterdir())
                yield folder, folder.stat().st_mtime, size

    def _folder(self, key: str) -> Path:
        return self.root / key[:2] / key


def key_of(
    order: RenderOrder, digests: dict[str, list[str]], *, ffmpeg: Path, fonts: str, more: str
) -> str:
    """The key of an order whose inputs have these SHA-256 digests."""
    found = ffmpeg.stat()
    known: dict[str, Any] = {
        "code": _code(),
        "ffmpeg": [str(ffmpeg), found.st_size, found.st_mtime_ns],
        "type": order.type.name,
        "params": order.params.model_dump(mode="json"),
        "format": order.format and order.format.model_dump(),
        "duration_ms": order.duration_ms,
        "inputs": digests,
        "fonts": fonts,
        "more": more,
    }
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def digests_of(order: RenderOrder) -> dict[str, list[str]]:
    """The SHA-256 of every input's bytes; read only where the worker did not tell it."""
    return {name: [_digest(file) for file in files] for name, files in order.inputs.items()}


def _digest(file: InputFile) -> str:
    # The kind of file was told, too, and decides how it is understood.
    if file.sha256 is not None:
        return f"{file.mime} {file.sha256}"
    with file.path.open("rb") as opened:
        return f"{file.mime} {hashlib.file_digest(opened, 'sha256').hexdigest()}"


@cache
def _code() -> str:
    """A digest of the program that makes the results."""
    digest = hashlib.sha256()
    for package in (Path(__file__).parent, Path(gala.media.__file__).parent):
        for source in sorted(package.rglob("*.py")):
            digest.update(source.read_bytes())
    # Drawing, decoding and shaping are other people's code.
    for name in sorted(f"{one.name}=={one.version}" for one in distributions()):
        digest.update(name.encode())
    return digest.hexdigest()


def _bring(kept: Path, target: Path, expected: _CachedFile) -> None:
    found = kept.stat()
    if (found.st_size, found.st_mtime_ns) != (expected.output.size, expected.mtime_ns):
        raise ValueError("the kept file was changed")
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    _link(kept, target)


def _take(source: Path, folder: Path, output: Output) -> _CachedFile:
    target = folder / source.name
    _link(source, target)
    return _CachedFile(output=output, mtime_ns=target.stat().st_mtime_ns)


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)
