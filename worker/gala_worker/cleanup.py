"""Removal of a job's local files. A failed removal is logged and never fails the job."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

log = logging.getLogger(__name__)


def remove(path: Path) -> None:
    """Remove a job's folder and log `cleanup ok path=…` or `cleanup failed err=…`."""
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        skip("already gone")
    except OSError as error:
        log.warning("cleanup failed err=%s", error)
    else:
        log.info("cleanup ok path=%s", path)


def skip(reason: str) -> None:
    """Log `cleanup skipped reason=…`: the files are kept."""
    log.info("cleanup skipped reason=%s", reason)
