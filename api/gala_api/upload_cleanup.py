"""Removal of uploads that killed API processes left, at the start and every minute."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool

from gala.uploads import remove_abandoned_uploads

log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 60.0


@asynccontextmanager
async def removing_abandoned_uploads(
    folder: Path, *, interval_seconds: float = INTERVAL_SECONDS
) -> AsyncIterator[None]:
    """Create the folder, and remove abandoned uploads from it while the context is open."""
    await run_in_threadpool(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    await _remove(folder)
    task = asyncio.create_task(_repeat(folder, interval_seconds), name="upload-cleanup")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _repeat(folder: Path, interval_seconds: float) -> None:
    while True:
        await asyncio.sleep(interval_seconds)
        await _remove(folder)


async def _remove(folder: Path) -> None:
    try:
        removed = await run_in_threadpool(remove_abandoned_uploads, folder)
    except OSError as error:
        log.warning("abandoned uploads not removed: %s", error)
        return
    if removed:
        log.info("removed %d uploads of ended API processes", removed)
