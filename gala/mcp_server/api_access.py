"""What the tools work with: the API, asked in threads, in the caller's name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from anyio import to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from gala.client import GalaClient
from gala.errors import GalaError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ApiAccess:
    """Where GALA's API is. ``local``: the assistant runs on this machine, for this user."""

    base_url: str
    api_key: str | None
    local: bool

    async def ask(self, ctx: Context[Any, Any], what: Callable[[GalaClient], T]) -> T:
        """What the API answers. Its errors reach the assistant with their remedy."""
        return await to_thread.run_sync(partial(self._ask, self._key(ctx), what))

    def _ask(self, key: str | None, what: Callable[[GalaClient], T]) -> T:
        try:
            with closing(GalaClient(self.base_url, api_key=key)) as client:
                return what(client)
        except GalaError as error:
            raise ToolError(
                f"{error.message} {error.hint}" if error.hint else error.message
            ) from error

    def _key(self, ctx: Context[Any, Any]) -> str | None:
        """The caller's own key or token if it sends one, else the one of this machine's user."""
        request = ctx.request_context.request
        sent = request.headers.get("authorization", "") if request is not None else ""
        scheme, _, token = sent.partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else self.api_key
