"""GALA as it is after ``pip install "gala-platform[…]"`` with some extras only.

A virtual environment with symbolic links to the packages of this environment that those extras
bring, with their metadata: a real installation without the time to install it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from venv import EnvBuilder

from packaging.requirements import Requirement

from gala.installation import DISTRIBUTION

ROOT = Path(__file__).parents[2]
OURS = (
    "gala",
    "api/gala_api",
    "renderer/gala_renderer",
    "storage/gala_storage",
    "worker/gala_worker",
)


def install(folder: Path, *extras: str) -> None:
    """Create a virtual environment in the folder, with GALA and what these extras require."""
    EnvBuilder(symlinks=True).create(folder)
    packages = next(folder.glob("lib/*/site-packages"))
    for package in OURS:
        (packages / Path(package).name).symlink_to(ROOT / package)
    for found in closure(DISTRIBUTION, extras).values():
        for top in {file.parts[0] for file in found.files or () if file.parts[0] != ".."}:
            link, target = packages / top, Path(str(found.locate_file(top)))
            if not link.exists() and target.exists() and not top.endswith(".pth"):
                link.symlink_to(target)


def run_python(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the virtual environment."""
    return subprocess.run(
        [str(folder / "bin" / "python"), *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **env},
    )


def closure(name: str, extras: Iterable[str]) -> dict[str, Distribution]:
    """Return the installed packages that a package requires, with itself, by name."""
    found: dict[str, Distribution] = {}
    waiting: list[tuple[str, Sequence[str]]] = [(name, tuple(extras))]
    seen: set[tuple[str, Sequence[str]]] = set()
    while waiting:
        name, wanted = one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        try:
            found[normalized(name)] = package = distribution(name)
        except PackageNotFoundError:
            continue
        for requirement in map(Requirement, package.requires or ()):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in ("", *wanted)):
                waiting.append((requirement.name, tuple(sorted(requirement.extras))))
    return found


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
