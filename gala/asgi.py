"""ASGI responses that stop working as soon as their client disconnects.

A server reports a disconnect only through ``receive``: ``send`` neither fails nor waits after one
(Granian 2.8). There are two ways to watch ``receive`` while work goes on, because the work differs:

- :func:`while_connected` cancels its body by an AnyIO scope. Work in threads is waited for, but an
  ``await`` in a ``finally`` is cancelled, too, unless it is shielded.
- :func:`run_while_connected` runs a coroutine as a task and cancels that once, so that its
  ``finally`` may wait, e.g. for a process to end. Work in threads is not waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress
from typing import Any, Final, TypeVar, cast

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_T = TypeVar("_T")

CLIENT_CLOSED_REQUEST: Final = 499
"""The status (nginx's) of a response whose client has disconnected."""


STALLED_SECONDS: Final = 120.0
"""How long a client may read nothing of a stream before it counts as disconnected."""


class ClientDisconnected(Exception):
    """The client has disconnected, and the work for its response was cancelled."""


def while_connected(receive: Receive) -> AbstractAsyncContextManager[None, bool]:
    """Return a context manager that cancels its body when the client disconnects.

    It then exits without an error, so the code after it must expect that the body did not finish.
    Exceptions of the body are raised unchanged.
    """
    # Only an exit typed as ``bool`` tells mypy that the body may be left early.
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
    await _disconnected(receive)
    scope.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def run_while_connected(receive: Receive, work: Coroutine[Any, Any, _T]) -> _T:
    """Return the result of the coroutine, which is cancelled when the client disconnects.

    Raise ClientDisconnected in that case, after the coroutine has ended.
    """
    working = asyncio.create_task(work)
    disconnecting = asyncio.create_task(_disconnected(receive))
    try:
        await asyncio.wait({working, disconnecting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        working.cancel()
        disconnecting.cancel()
        await asyncio.wait({working, disconnecting})
    if working.cancelled():
        raise ClientDisconnected
    return working.result()


class StreamedResponse(Response):
    """A response whose bytes are sent as they are produced, until the client disconnects.

    The generator is closed in any case, so that whatever produces the bytes stops. It also stops if
    the client reads nothing for ``stalled_seconds``: what produces speech serves few clients at
    once, and one whose player is paused would keep others out.
    """

    stalled_seconds = STALLED_SECONDS

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ):
        """``headers`` are sent in addition to ``cache-control: no-store``."""
        super().__init__(
            media_type=media_type, headers={"cache-control": "no-store", **(headers or {})}
        )
        del self.headers["content-length"]
        self._chunks = chunks

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response to the ASGI server."""
        with suppress(ClientDisconnected):
            await run_while_connected(receive, self._send_all(send))

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._chunks):
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            async for chunk in self._chunks:
                await self._send_part(send, chunk)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_part(self, send: Send, chunk: bytes) -> None:
        try:
            async with asyncio.timeout(self.stalled_seconds):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except TimeoutError:
            raise ClientDisconnected from None
