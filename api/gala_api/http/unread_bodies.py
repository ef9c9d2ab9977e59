"""Request bodies that are not read to their end.

A server that responds before it has read the body closes the connection. What the client sends
after that is answered with a reset, and most clients then report the reset, not the response. So
what a refused client still sends is discarded, and it reads the response.

A client that has lost its network says nothing more, and the server does not notice. So a body that
stops for a minute has ended, as in nginx; else its connection and its file would stay for ever.
"""

from __future__ import annotations

from typing import Final

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SILENT_SECONDS: Final = 60.0
"""How long a client may send nothing before its body is complete."""
DRAIN_SECONDS: Final = 2.0
DRAIN_BYTES: Final = 256 * 1024 * 1024
_FIRST_ERROR_STATUS: Final = 400


class UnreadBodies:
    """Middleware that, before an error response, discards the rest of the body within limits.

    If there is more, the response has ``Connection: close``. A body that stops for
    ``silent_seconds`` ends as if its client had disconnected.
    """

    def __init__(self, app: ASGIApp, *, silent_seconds: float = SILENT_SECONDS):
        self._app = app
        self._silent_seconds = silent_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; note how far its body is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(Headers(scope=scope), receive, self._silent_seconds)

        async def send_drained(message: Message) -> None:
            is_error = message.get("status", 0) >= _FIRST_ERROR_STATUS
            if is_error and body.unread:
                await body.drain()
                if body.unread:
                    MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self._app(scope, body.receive, send_drained)


class _Body:
    """A request's body; ``unread`` is True while its client has more to send."""

    def __init__(self, headers: Headers, receive: Receive, silent_seconds: float):
        self._receive = receive
        self._silent_seconds = silent_seconds
        self.unread = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        # A client that expects "100 Continue" sends nothing until the first part is received.
        self._sending = "expect" not in headers

    async def receive(self) -> Message:
        """Return the next part of the body, or the disconnect."""
        self._sending = True
        if not self.unread:
            return await self._receive()
        with anyio.move_on_after(self._silent_seconds) as waiting:
            message = await self._receive()
        if waiting.cancelled_caught:
            return {"type": "http.disconnect"}
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self.unread = False
        return message

    async def drain(self) -> None:
        """Discard the rest, within DRAIN_SECONDS and DRAIN_BYTES."""
        if not self._sending:
            return
        left = DRAIN_BYTES
        with anyio.move_on_after(DRAIN_SECONDS):
            while self.unread and left > 0:
                left -= len((await self.receive()).get("body", b""))
