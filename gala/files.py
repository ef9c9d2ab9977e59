"""Files that appear complete or not at all, and the error of a full disk."""

from __future__ import annotations

import errno
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gala.errors import OutOfDisk

# EFBIG: a quota set with RLIMIT_FSIZE, and some file systems, report a full disk this way.
_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def atomic_file(target: Path) -> Iterator[Path]:
    """Yield the path of a temporary file, which replaces ``target`` at the end of the block.

    The temporary file must be created by the block. It is in the folder of ``target``, which is
    created if it is missing, and has a unique hidden name, so that concurrent writers of the same
    target do not disturb each other: the last one wins. If the block raises, the temporary file
    is removed and ``target`` remains as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def disk_errors(message: str | None = None, *, hint: str | None = None) -> Iterator[None]:
    """Raise ``OutOfDisk`` instead of an ``OSError`` that reports a full disk or quota."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise OutOfDisk(message, hint=hint) from error
        raise
