"""The renderer's own folder for temporary files, which its successor removes if it is killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PREFIX: Final = "gala-renderer-"
_LOCK: Final = ".lock"


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make all temporary files of this process in a folder of its own, removed at the end.

    Folders of renderers that were killed, which hold no lock any more, are removed, too.
    """
    parent = Path(tempfile.gettempdir())
    for folder in parent.glob(f"{_PREFIX}*"):
        _remove_abandoned(folder)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    # Sandboxed programs run as another user, in folders inside.
    folder.chmod(0o711)
    new = folder / f"{_LOCK}.new"
    with new.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Another renderer that starts now sees it only when it is locked.
        new.rename(folder / _LOCK)
        tempfile.tempdir = str(folder)
        try:
            yield folder
        finally:
            tempfile.tempdir = None
            shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(folder: Path) -> None:
    try:
        lock = os.open(folder / _LOCK, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        # Another user's, or a renderer that is just starting.
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    else:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
