"""What a confined program sees: the system's libraries, Python, our own code, and its folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from gala_renderer.sandbox.levels import SandboxLevel

_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS: Final = (
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/fonts",
    "/etc/localtime", "/etc/OpenCL", "/etc/vulkan", "/nix/store", "/gnu/store",
)  # fmt: skip
"""Of the system's settings those that libraries look for; none tells of users or networks."""
_DEVICES: Final = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom"))
_ENTRY_POINTS: Final = ("gala.types", "gala_renderer.types")
GRAPHICS_FILES: Final = (Path("/sys"),)
"""What drivers of graphics cards read."""
_SCRATCH: Final = "tmp"


@dataclass(frozen=True, slots=True)
class WritableView:
    """What is one program's own."""

    read: tuple[Path, ...]
    write: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """How programs are confined, and what all of them see; the same for a renderer's life."""

    level: SandboxLevel = SandboxLevel.LIMITS
    why: str = ""
    """Why it is no stronger level; empty if there is none."""
    uid: int | None = None
    """The user that programs become; ``None``: they stay who the renderer is."""
    readable: tuple[Path, ...] = ()
    links: tuple[Path, ...] = ()
    """Links by which readable things are also named."""
    jobs: Path | None = None
    """The folder of all attempts' folders, ``<job>/<attempt>`` in it."""

    def room(self, cwd: Path) -> WritableView:
        """What a program that stands in ``cwd`` may touch: its attempt's folder, or just that."""
        if cwd == Path("/"):
            return WritableView((), ())
        if self.jobs is not None and cwd.is_relative_to(self.jobs):
            job, attempt = cwd.relative_to(self.jobs).parts[:2]
            root = self.jobs / job / attempt
            return WritableView((root / "in",), (root / "out", root / _SCRATCH))
        return WritableView((), (cwd.resolve(),))


def seen_by_all(more: Iterable[Path]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """What programs may read besides their room: the system, Python, our code and ``more``.

    Files and folders, free of links, none inside another; and the links by which they are named.
    """
    python = (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable))
    wanted = [*map(Path, (*_SYSTEM, *_SETTINGS)), *python, *_packages(), *more]
    named = [path.absolute() for path in wanted if path.exists()]
    folders = _outermost(path.resolve() for path in named)
    links = {link for path in named for link in _links(path)}
    return folders, tuple(sorted(link for link in links if not _inside(link, folders)))


def devices(*, gpu: bool) -> tuple[str, ...]:
    """Device files, with those of graphics cards if the program computes there."""
    plain = [path for path in _DEVICES if Path(path).exists()]
    return (*plain, *_cards()) if gpu else tuple(plain)


@cache
def _cards() -> tuple[str, ...]:
    found = [Path("/dev/dri"), Path("/dev/kfd"), *sorted(Path("/dev").glob("nvidia*"))]
    return tuple(str(path) for path in found if path.exists())


def _packages() -> list[Path]:
    """Our packages and those that add render types, where they are not installed with Python."""
    points = [point for group in _ENTRY_POINTS for point in entry_points(group=group)]
    names = {"gala", "gala_renderer", *(point.module.partition(".")[0] for point in points)}
    found: list[Path] = []
    for name in sorted(names):
        spec = find_spec(name)
        found += map(Path, (spec and spec.submodule_search_locations) or ())
    return found


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    kept: list[Path] = []
    for path in sorted(set(paths)):
        if not _inside(path, kept):
            kept.append(path)
    return tuple(kept)


def _inside(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _links(path: Path) -> set[Path]:
    """The symbolic links on the way to ``path``, each where it really lies."""
    found: set[Path] = set()
    for step in [*reversed(path.parents), path]:
        if step.is_symlink():
            folder = step.parent.resolve()
            found.add(folder / step.name)
            found |= _links(Path(os.path.normpath(folder / step.readlink())))
    return found
