"""The ``RateLimit`` headers of responses to requests that were counted."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gala_api.rate_limit.limiter import RATE_STATUSES
from gala_api.rate_limit.sliding_window import RateStatus

EXPOSED: Final = ("RateLimit", "RateLimit-Policy", "Retry-After")
"""Headers that web pages of other origins may read."""


class RateLimitHeaders:
    """Middleware that adds the ``RateLimit`` headers to responses."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the limiter reports in a list that copies of the scope share."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        statuses: list[RateStatus] = []
        scope[RATE_STATUSES] = statuses

        async def with_headers(message: Message) -> None:
            if statuses and message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(statuses[-1].headers)
            await send(message)

        await self._app(scope, receive, with_headers)
