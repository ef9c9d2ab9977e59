"""The largest upload that an owner's quota allows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool

from gala.db.quotas import Limit
from gala.errors import PayloadTooLarge, QuotaExceeded
from gala_api.assets import service
from gala_api.dependencies import Services


@asynccontextmanager
async def upload_limit(services: Services, owner: str) -> AsyncIterator[int]:
    """Give the block the largest number of bytes that an upload may have.

    An upload above the quota thus ends as soon as its size is known, at once if it declares it.
    Raise QuotaExceeded for the block's PayloadTooLarge if the quota, not the server, limits it.
    """
    server_limit = services.settings.api_max_upload_bytes
    left = await run_in_threadpool(service.bytes_left, services, owner)
    if left is None or left >= server_limit:
        yield server_limit
        return
    try:
        yield left
    except PayloadTooLarge as error:
        raise QuotaExceeded(
            f"Your quota has room for only {left} more bytes of assets.",
            hint="Delete assets that you no longer need, or upload a smaller file.",
            quota=Limit.BYTES_STORED,
            left=left,
        ) from error
