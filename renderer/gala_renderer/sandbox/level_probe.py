"""Finds the confinement that this host allows: each level is tested once with a real program."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from gala.errors import Unavailable
from gala_renderer.sandbox.filesystem_view import Confinement, common_paths
from gala_renderer.sandbox.levels import SandboxLevel, SandboxMode
from gala_renderer.sandbox.runner import Sandbox

_log = logging.getLogger(__name__)

NOBODY: Final = 65533
"""The user that programs run as if the renderer runs as root. No other process uses it, and it is
low enough to exist in a container with its own range of user ids."""
_PROBE: Final = str(Path(__file__).with_name("probe_program.py"))
_IDS: Final = Path("/proc/self/uid_map")
_PROBE_SECONDS: Final = 20.0


def choose(mode: SandboxMode, *, readable: tuple[Path, ...], jobs: Path | None) -> Confinement:
    """Return the strongest confinement that ``mode`` and this host allow.

    Raises ``Unavailable`` if ``mode`` is strict and the host allows no namespaces.
    """
    folders, links = common_paths(readable)
    base = Confinement(readable=folders, links=links, jobs=jobs)
    if mode is SandboxMode.OFF:
        return replace(base, why="GALA_SANDBOX is off")
    chosen = _strongest(base)
    if mode is SandboxMode.STRICT and chosen.level is not SandboxLevel.NAMESPACES:
        raise Unavailable(
            f"GALA_SANDBOX is strict, but this host allows no more than {chosen.level} "
            f"({chosen.why}). Allow user namespaces (see docs/security.md), or set it to auto."
        )
    if chosen.uid is not None:
        _warn_if_unreadable(readable)
    return chosen


def _warn_if_unreadable(folders: Iterable[Path]) -> None:
    """Warn about folders that root can read but the programs' user cannot."""
    for folder in folders:
        if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH:
            _log.warning(
                "programs cannot read %s: run chmod -R o+rX on it, or do not run as root", folder
            )


def _strongest(base: Confinement) -> Confinement:
    if sys.platform != "linux":
        return replace(base, why="stronger levels require Linux")
    refused: list[str] = []
    for level, uid in candidates():
        candidate = replace(base, level=level, uid=uid, why="; ".join(refused))
        reason = failure_reason(candidate)
        if reason is None:
            return candidate
        refused.append(f"{level}: {reason}")
    return replace(base, why="; ".join(refused))


def candidates() -> Iterator[tuple[SandboxLevel, int | None]]:
    """Yield levels and users to try, best first. As root, another user is preferred."""
    root = os.geteuid() == 0
    if root:
        yield SandboxLevel.NAMESPACES, NOBODY
    if not (root and _is_host_root()):
        yield SandboxLevel.NAMESPACES, None
    if root:
        yield SandboxLevel.LANDLOCK, NOBODY
    yield SandboxLevel.LANDLOCK, None


def _is_host_root() -> bool:
    """Return True if root here is the host's root, and not the user of a rootless container."""
    inside, outside, _ = _IDS.read_text().splitlines()[0].split()
    return inside == outside


@cache
def failure_reason(confinement: Confinement) -> str | None:
    """Run a program that checks its confinement; return what failed, or ``None``."""
    with (
        tempfile.TemporaryDirectory(prefix="gala-sandbox-") as own,
        tempfile.TemporaryDirectory(prefix="gala-sandbox-") as foreign,
    ):
        secret = Path(foreign) / "secret"
        secret.write_text("not yours")
        program = [sys.executable, "-I", "-S", _PROBE, str(secret)]
        try:
            result = subprocess.run(
                Sandbox(confinement=confinement).wrap(program, Path(own)),
                cwd=own,
                env={},
                check=False,
                capture_output=True,
                timeout=_PROBE_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    if result.returncode == 0:
        return None
    lines = result.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"it ended with status {result.returncode}"
