"""The working folder of an in-process engine, and the files that go into and out of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.engine import Files, MadeFile, MediaOrder, local_files
from gala.errors import InvalidRequest
from gala.files import atomic_file
from gala.ids import Prefix, new_id
from gala.render_protocol import Output, RenderRequest, StagedInput, attempt_folder
from gala.settings import default_home

_UNKNOWN_MIME: Final = "application/octet-stream"
"""The engine inspects every file itself."""
_ABANDONED_SECONDS: Final = 24 * 60 * 60
_ATTEMPT: Final = 1


@dataclass(frozen=True, slots=True)
class Workspace:
    """The engine's data root; a ``temporary`` one is removed when the program ends."""

    root: Path
    temporary: bool


def open_workspace(home: Path | None) -> Workspace:
    """Return the folder ``local`` in GALA's home, where results are cached.

    A temporary folder is used if GALA's home is not writable.
    """
    folder = (home or default_home()) / "local"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return Workspace(Path(tempfile.mkdtemp(prefix="gala-local-")).resolve(), temporary=True)
    _remove_abandoned(folder / "jobs")
    return Workspace(folder.resolve(), temporary=False)


def _remove_abandoned(jobs: Path) -> None:
    """Remove folders that killed programs left behind a day ago or earlier."""
    before = time.time() - _ABANDONED_SECONDS
    for folder in jobs.glob("*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def attempt(root: Path) -> Iterator[tuple[str, Path]]:
    """Create a new job's folder; yield the job's id and the folder, then remove it."""
    job = new_id(Prefix.JOB)
    folder = root / attempt_folder(job, _ATTEMPT)
    (folder / "in").mkdir(mode=0o700, parents=True)
    try:
        yield job, folder
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def stage_request(order: MediaOrder, job: str, folder: Path) -> RenderRequest:
    """Return the render request of an order, with its files linked or copied into the folder.

    Blocks while files are copied. Raises ``InvalidRequest`` naming an input that does not exist.
    """
    return RenderRequest(
        job_id=job,
        attempt=_ATTEMPT,
        type=order.type,
        params=dict(order.params),
        inputs=_stage_all(folder, order.inputs),
        format=order.format,
        duration_ms=order.duration_ms,
        deadline_seconds=order.deadline_seconds,
    )


def _stage_all(folder: Path, inputs: Mapping[str, Files]) -> dict[str, tuple[StagedInput, ...]]:
    return {
        name: tuple(
            _stage(folder, f"{name}-{at}", path) for at, path in enumerate(local_files(name, files))
        )
        for name, files in inputs.items()
    }


def _stage(folder: Path, name: str, given: Path) -> StagedInput:
    source = given.resolve()
    if not source.is_file():
        raise InvalidRequest(f"{given}: this file does not exist.", field=name.rpartition("-")[0])
    link_or_copy(source, folder / "in" / name)
    return StagedInput(path=f"in/{name}", mime=_UNKNOWN_MIME)


def link_or_copy(source: Path, target: Path) -> None:
    """Put a file of the caller at ``target``, where it is only read."""
    # It is only read, so a hard link is as good as a copy and costs nothing. As root, however, the
    # sandbox gives all files of the folder to another user, and this one is the caller's.
    if os.geteuid() != 0:
        with contextlib.suppress(OSError):
            target.hardlink_to(source)
            return
    shutil.copyfile(source, target)


def deliver(output: Output, folder: Path, target: Path) -> MadeFile:
    """Move or copy a finished output to the caller's path, atomically."""
    source = folder / output.path
    with atomic_file(target) as temporary:
        if source.stat().st_nlink > 1:
            # It is a hard link to a file of the cache, and the caller may modify his copy.
            shutil.copyfile(source, temporary)
        else:
            shutil.move(source, temporary)
            _take_ownership(temporary)
    return MadeFile(path=target, mime=output.mime, size=output.size, sha256=output.sha256)


def _take_ownership(file: Path) -> None:
    # As root, what programs write belongs to the user that the sandbox runs them as.
    if file.stat().st_uid != os.geteuid():
        os.chown(file, os.geteuid(), os.getegid())
