"""Hands files to a confined process that outlives the job, and takes what it made.

It sees one folder of its own, and never a job's: one job's files are gone from there before
another one's come.
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

_NO_FILE: Final = "The process with the model made no file."

Files = Mapping[str, Path]


def copy_in(folder: Path, reads: Files) -> None:
    """Copy files into the process's folder, each to its place."""
    for name, path in reads.items():
        target = exchange_path(folder, name, path)
        target.unlink(missing_ok=True)
        # Anew: what stands there by now may be a link.
        with path.open("rb") as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy)


def exchange_path(folder: Path, name: str, path: Path) -> Path:
    """Where the file ``path``, called ``name``, lies in the process's folder."""
    return folder / f"{name}{path.suffix}"


def remove_files(folder: Path, files: Files) -> None:
    """Remove from the process's folder what was handed or made."""
    for name, path in files.items():
        # A folder in its place is the process's own affair: nothing is read from there.
        with suppress(IsADirectoryError):
            exchange_path(folder, name, path).unlink(missing_ok=True)


def copy_out(folder: Path, writes: Files) -> None:
    """Copy what the process made to where it belongs.

    Raises ``RenderFailed`` if it made no file: no link is followed, which could lead anywhere.
    """
    for name, target in writes.items():
        _take(exchange_path(folder, name, target), target)


def _take(made: Path, target: Path) -> None:
    try:
        file = os.open(made, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise RenderFailed(_NO_FILE) from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise RenderFailed(_NO_FILE)
    with os.fdopen(file, "rb") as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
