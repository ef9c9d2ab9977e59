"""Bytes that are sent while they are made."""

from __future__ import annotations

from collections.abc import AsyncGenerator


async def first_then(
    first: bytes, rest: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    """What was waited for, and all that follows it; closing this closes the rest."""
    try:
        yield first
        async for chunk in rest:
            yield chunk
    finally:
        await rest.aclose()
