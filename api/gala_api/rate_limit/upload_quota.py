"""Room for an upload: what an owner's quota leaves of the size that is taken from anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool

from gala.db.quotas import Limit
from gala.errors import PayloadTooLarge, QuotaExceeded
from gala_api.assets import service
from gala_api.dependencies import Services


@asynccontextmanager
async def room(services: Services, owner: str) -> AsyncIterator[int]:
    """How many bytes to take at most; what is too large for the quota alone says so.

    So an upload that cannot be kept ends as soon as that is known: at once if it declares its size.
    Raises QuotaExceeded.
    """
    most = services.settings.api_max_upload_bytes
    left = await run_in_threadpool(service.bytes_left, services, owner)
    if left is None or left >= most:
        yield most
        return
    try:
        yield left
    except PayloadTooLarge as error:
        raise QuotaExceeded(
            f"Only {left} more bytes of assets are kept for you.",
            hint="Delete assets that you no longer need, or send a smaller file.",
            quota=Limit.BYTES_STORED,
            left=left,
        ) from error
