"""Access of the tools to the API: in threads and with the caller's credentials."""

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
    """Address and key of the API. ``local``: the assistant runs on this machine for this user."""

    base_url: str
    api_key: str | None
    local: bool

    async def call(self, ctx: Context[Any, Any], operation: Callable[[GalaClient], T]) -> T:
        """Run an operation with a client; errors reach the assistant with their hint."""
        return await to_thread.run_sync(partial(self._call, self._key(ctx), operation))

    def _call(self, key: str | None, operation: Callable[[GalaClient], T]) -> T:
        try:
            with closing(GalaClient(self.base_url, api_key=key)) as client:
                return operation(client)
        except GalaError as error:
            raise ToolError(
                f"{error.message} {error.hint}" if error.hint else error.message
            ) from error

    def _key(self, ctx: Context[Any, Any]) -> str | None:
        """Return the caller's key or token if it sent one, else the key of this process."""
        request = ctx.request_context.request
        header = request.headers.get("authorization", "") if request is not None else ""
        scheme, _, token = header.partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else self.api_key
