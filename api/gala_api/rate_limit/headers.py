"""Every answer to a request that was counted tells how its caller stands."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gala_api.rate_limit.limiter import STANDING
from gala_api.rate_limit.sliding_window import Standing

EXPOSED: Final = ("RateLimit", "RateLimit-Policy", "Retry-After")
"""Headers that web pages of other origins may read."""


class RateHeaders:
    """Adds the ``RateLimit`` headers to answers."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what it is counted as comes back in a list that all copies share."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told: list[Standing] = []
        scope[STANDING] = told

        async def with_headers(message: Message) -> None:
            if told and message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told[-1].headers)
            await send(message)

        await self._app(scope, receive, with_headers)
