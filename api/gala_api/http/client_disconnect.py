"""Noticing that a client went away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, cast

import anyio
from starlette.types import Receive

CLIENT_CLOSED_REQUEST: Final = 499
"""nginx's status for an answer that nobody waits for."""


def while_connected(receive: Receive) -> AbstractAsyncContextManager[None, bool]:
    """Cancels its body as soon as the client goes away; what the body raises comes out as it is.

    It ends quietly then, so what follows it may find the work of the body undone.
    Granian's ``send()`` neither raises nor waits after a disconnect; only ``receive()`` tells.
    """
    # Only an exit that is typed as ``bool`` tells mypy of a body that may be left early.
    return cast(AbstractAsyncContextManager[None, bool], _while_connected(receive))


@asynccontextmanager
async def _while_connected(receive: Receive) -> AsyncIterator[None]:
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_on_disconnect, receive, group.cancel_scope)
            yield
            group.cancel_scope.cancel()
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _cancel_on_disconnect(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
