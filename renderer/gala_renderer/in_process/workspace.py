"""The folder that the engine works in when it is part of a program, and files in and out of it."""

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

_UNTOLD: Final = "application/octet-stream"
"""The engine looks into every file itself."""
_FORGOTTEN_SECONDS: Final = 24 * 60 * 60
_ATTEMPT: Final = 1


@dataclass(frozen=True, slots=True)
class Workspace:
    """``root`` is the engine's data root; one that is not ``kept`` goes with the program."""

    root: Path
    kept: bool


def open_workspace(home: Path | None) -> Workspace:
    """``local`` in GALA's home, where results are kept for repeats; a temporary folder if
    nothing can be written there."""
    folder = (home or default_home()) / "local"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return Workspace(Path(tempfile.mkdtemp(prefix="gala-local-")).resolve(), kept=False)
    _forget_old_work(folder / "jobs")
    return Workspace(folder.resolve(), kept=True)


def _forget_old_work(jobs: Path) -> None:
    """Remove what programs that were killed left behind."""
    before = time.time() - _FORGOTTEN_SECONDS
    for folder in jobs.glob("*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def attempt(root: Path) -> Iterator[tuple[str, Path]]:
    """A job's id, and its folder, which is gone when the block ends."""
    job = new_id(Prefix.JOB)
    folder = root / attempt_folder(job, _ATTEMPT)
    (folder / "in").mkdir(mode=0o700, parents=True)
    try:
        yield job, folder
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def stage_request(order: MediaOrder, job: str, folder: Path) -> RenderRequest:
    """The order as the engine takes it, its files laid into the folder; blocks while they are
    copied. Raises ``InvalidRequest`` naming the input that is not there."""
    return RenderRequest(
        job_id=job,
        attempt=_ATTEMPT,
        type=order.type,
        params=dict(order.params),
        inputs=_laid(folder, order.inputs),
        format=order.format,
        duration_ms=order.duration_ms,
        deadline_seconds=order.deadline_seconds,
    )


def _laid(folder: Path, inputs: Mapping[str, Files]) -> dict[str, tuple[StagedInput, ...]]:
    return {
        name: tuple(
            _lay(folder, f"{name}-{at}", path) for at, path in enumerate(local_files(name, files))
        )
        for name, files in inputs.items()
    }


def _lay(folder: Path, name: str, given: Path) -> StagedInput:
    source = given.resolve()
    if not source.is_file():
        raise InvalidRequest(f"{given}: there is no such file.", field=name.rpartition("-")[0])
    _take(source, folder / "in" / name)
    return StagedInput(path=f"in/{name}", mime=_UNTOLD)


def _take(source: Path, target: Path) -> None:
    # It is only read: a second name is as good as a copy, and costs nothing. But where we are
    # root, all that lies there is given to the user of the sandbox, and the file is the caller's.
    if os.geteuid() != 0:
        with contextlib.suppress(OSError):
            target.hardlink_to(source)
            return
    shutil.copyfile(source, target)


def deliver(output: Output, folder: Path, target: Path) -> MadeFile:
    """Give a finished output to the caller: whole, or not at all."""
    source = folder / output.path
    with atomic_file(target) as temporary:
        if source.stat().st_nlink > 1:
            # It is a second name of what the cache keeps, and the caller may change his own.
            shutil.copyfile(source, temporary)
        else:
            shutil.move(source, temporary)
            _own(temporary)
    return MadeFile(path=target, mime=output.mime, size=output.size, sha256=output.sha256)


def _own(made: Path) -> None:
    # Where we are root, what programs write belongs to the user that the sandbox gives them.
    if made.stat().st_uid != os.geteuid():
        os.chown(made, os.geteuid(), os.getegid())
