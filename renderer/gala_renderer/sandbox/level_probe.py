"""Which level of confinement this host allows: each is really tried, once, and looked at inside."""

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
from gala_renderer.sandbox.filesystem_view import Confinement, seen_by_all
from gala_renderer.sandbox.levels import SandboxLevel, SandboxMode
from gala_renderer.sandbox.runner import Sandbox

_log = logging.getLogger(__name__)

NOBODY: Final = 65533
"""Whom programs become if the renderer runs as root: a user that nothing else is run as, low
enough to be there in a container with a range of users of its own."""
_PROBE: Final = str(Path(__file__).with_name("probe_program.py"))
_IDS: Final = Path("/proc/self/uid_map")
_PROBE_SECONDS: Final = 20.0


def choose(mode: SandboxMode, *, readable: tuple[Path, ...], jobs: Path | None) -> Confinement:
    """The strongest confinement that ``mode`` wants and this host allows.

    Raises ``Unavailable`` if ``mode`` is strict and there are no namespaces.
    """
    folders, links = seen_by_all(readable)
    seen = Confinement(readable=folders, links=links, jobs=jobs)
    if mode is SandboxMode.OFF:
        return replace(seen, why="GALA_SANDBOX is off")
    chosen = _strongest(seen)
    if mode is SandboxMode.STRICT and chosen.level is not SandboxLevel.NAMESPACES:
        raise Unavailable(
            f"GALA_SANDBOX is strict, but this host allows no more than {chosen.level} "
            f"({chosen.why}). Allow user namespaces (see docs/security.md), or set it to auto."
        )
    if chosen.uid is not None:
        _warn_of_closed(readable)
    return chosen


def _warn_of_closed(folders: Iterable[Path]) -> None:
    """Root reads everything, programs that became somebody else do not."""
    for folder in folders:
        if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH:
            _log.warning("programs cannot read %s: chmod -R o+rX, or do not run as root", folder)


def _strongest(seen: Confinement) -> Confinement:
    if sys.platform != "linux":
        return replace(seen, why="only Linux has more")
    refused: list[str] = []
    for level, uid in candidates():
        tried = replace(seen, level=level, uid=uid, why="; ".join(refused))
        reason = failure_reason(tried)
        if reason is None:
            return tried
        refused.append(f"{level}: {reason}")
    return replace(seen, why="; ".join(refused))


def candidates() -> Iterator[tuple[SandboxLevel, int | None]]:
    """Best first. Root becomes somebody else; by Landlock only where nobody hides Python."""
    root = os.geteuid() == 0
    if root:
        yield SandboxLevel.NAMESPACES, NOBODY
    if not (root and _is_the_hosts()):
        yield SandboxLevel.NAMESPACES, None
    if root:
        yield SandboxLevel.LANDLOCK, NOBODY
    yield SandboxLevel.LANDLOCK, None


def _is_the_hosts() -> bool:
    """Whether root here is root everywhere; in a rootless container it is a plain user."""
    inside, outside, _ = _IDS.read_text().splitlines()[0].split()
    return inside == outside


@cache
def failure_reason(confinement: Confinement) -> str | None:
    """Run a program confined so, which looks whether it really is; gives what went wrong."""
    with (
        tempfile.TemporaryDirectory(prefix="gala-sandbox-") as own,
        tempfile.TemporaryDirectory(prefix="gala-sandbox-") as strange,
    ):
        secret = Path(strange) / "secret"
        secret.write_text("not yours")
        program = [sys.executable, "-I", "-S", _PROBE, str(secret)]
        try:
            ended = subprocess.run(
                Sandbox(confinement=confinement).wrap(program, Path(own)),
                cwd=own,
                env={},
                check=False,
                capture_output=True,
                timeout=_PROBE_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    if ended.returncode == 0:
        return None
    lines = ended.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"it ended with status {ended.returncode}"
