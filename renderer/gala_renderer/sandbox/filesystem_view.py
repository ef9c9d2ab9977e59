"""What a confined program sees: system libraries, Python, GALA's code, and its own folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from gala.entry_points import entry_points
from gala_renderer.sandbox.levels import SandboxLevel

_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS: Final = (
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/fonts",
    "/etc/localtime", "/etc/OpenCL", "/etc/vulkan", "/nix/store", "/gnu/store",
)  # fmt: skip
"""System settings that libraries read; none reveals users or networks."""
_DEVICES: Final = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom"))
_ENTRY_POINTS: Final = ("gala.types", "gala_renderer.types")
GRAPHICS_FILES: Final = (Path("/sys"),)
"""Files that graphics drivers read."""
_SCRATCH: Final = "tmp"


@dataclass(frozen=True, slots=True)
class WritableView:
    """The folders of its job that one program may read, and those that it may write."""

    read: tuple[Path, ...]
    write: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """How programs are confined and what all of them see; fixed while a renderer runs."""

    level: SandboxLevel = SandboxLevel.LIMITS
    why: str = ""
    """Why the level is not stronger; empty at the strongest level."""
    uid: int | None = None
    """The user that programs run as; ``None`` for the renderer's own."""
    readable: tuple[Path, ...] = ()
    links: tuple[Path, ...] = ()
    """Symbolic links that lead to readable paths."""
    jobs: Path | None = None
    """The folder that contains the attempts' folders, ``<job>/<attempt>``."""

    def view_for(self, cwd: Path) -> WritableView:
        """Return the view of a program in ``cwd``: its attempt's folder, or only ``cwd``."""
        if cwd == Path("/"):
            return WritableView((), ())
        if self.jobs is not None and cwd.is_relative_to(self.jobs):
            job, attempt = cwd.relative_to(self.jobs).parts[:2]
            root = self.jobs / job / attempt
            return WritableView((root / "in",), (root / "out", root / _SCRATCH))
        return WritableView((), (cwd.resolve(),))


def common_paths(more: Iterable[Path]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return what every program may read: the system, Python, GALA's code and ``more``.

    Resolved files and folders, none inside another; and the symbolic links that lead to them.
    """
    python = (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable))
    paths = [*map(Path, (*_SYSTEM, *_SETTINGS)), *python, *package_folders(), *more]
    existing = [path.absolute() for path in paths if path.exists()]
    folders = _outermost(path.resolve() for path in existing)
    links = {link for path in existing for link in _links(path)}
    return folders, tuple(sorted(link for link in links if not _inside(link, folders)))


def devices(*, gpu: bool) -> tuple[str, ...]:
    """Return the device files, with those of graphics cards if ``gpu``."""
    plain = [path for path in _DEVICES if Path(path).exists()]
    return (*plain, *_gpu_devices()) if gpu else tuple(plain)


@cache
def _gpu_devices() -> tuple[str, ...]:
    found = [Path("/dev/dri"), Path("/dev/kfd"), *sorted(Path("/dev").glob("nvidia*"))]
    return tuple(str(path) for path in found if path.exists())


@cache
def package_folders() -> tuple[Path, ...]:
    """Return the folders of GALA's packages and of those that add render types."""
    points = [point for group in _ENTRY_POINTS for point in entry_points(group=group)]
    names = {"gala", "gala_renderer", *(point.module.partition(".")[0] for point in points)}
    found: list[Path] = []
    for name in sorted(names):
        spec = find_spec(name)
        found += map(Path, (spec and spec.submodule_search_locations) or ())
    return tuple(found)


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    outermost: list[Path] = []
    for path in sorted(set(paths)):
        if not _inside(path, outermost):
            outermost.append(path)
    return tuple(outermost)


def _inside(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _links(path: Path) -> set[Path]:
    """Return the symbolic links on the way to ``path``, each at its resolved location."""
    found: set[Path] = set()
    for step in [*reversed(path.parents), path]:
        if step.is_symlink():
            folder = step.parent.resolve()
            found.add(folder / step.name)
            found |= _links(Path(os.path.normpath(folder / step.readlink())))
    return found
