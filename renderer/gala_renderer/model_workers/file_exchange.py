"""Copies a job's files to a confined worker process that outlives the job, and its results back.

The worker only sees its own folder, never a job's. The files of one job are removed from it before
those of the next one are copied in.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from gala.errors import RenderFailed

_NO_FILE: Final = "The model worker wrote no file."

Files = Mapping[str, Path]


def copy_in(folder: Path, reads: Files) -> None:
    """Copy files into the worker's folder."""
    for name, path in reads.items():
        target = exchange_path(folder, name, path)
        target.unlink(missing_ok=True)
        # "x" creates the file: the worker may have put a link there in the meantime.
        with path.open("rb") as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy)


def exchange_path(folder: Path, name: str, path: Path) -> Path:
    """Return the path, in the worker's folder, of the file ``path`` that is called ``name``."""
    return folder / f"{name}{path.suffix}"


def remove_files(folder: Path, files: Files) -> None:
    """Remove files that were copied in or written from the worker's folder."""
    for name, path in files.items():
        # A folder with that name does no harm: nothing is read from it.
        with suppress(IsADirectoryError):
            exchange_path(folder, name, path).unlink(missing_ok=True)


def copy_out(folder: Path, writes: Files) -> None:
    """Copy files that the worker wrote to their targets.

    Raises ``RenderFailed`` if one is missing or not a regular file; links are not followed.
    """
    for name, target in writes.items():
        _copy_out(exchange_path(folder, name, target), target)


def _copy_out(written: Path, target: Path) -> None:
    try:
        file = os.open(written, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise RenderFailed(_NO_FILE) from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise RenderFailed(_NO_FILE)
    with os.fdopen(file, "rb") as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
