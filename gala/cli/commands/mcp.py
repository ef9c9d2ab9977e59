"""``gala mcp``: GALA as tools for AI assistants (Model Context Protocol)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gala.cli.api_connection import announced
from gala.cli.console import Server
from gala.cli.settings import api_key
from gala.errors import EngineMissing
from gala.garbage_collection import paused
from gala.installation import install_hint
from gala.server_address import find_server


class Transport(StrEnum):
    """How the assistant connects."""

    STDIO = "stdio"
    HTTP = "http"


def mcp(
    transport: Annotated[
        Transport, typer.Option(help="stdio: the assistant starts this command.")
    ] = Transport.STDIO,
    host: Annotated[str, typer.Option(help="Address to listen on, with http.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port to listen on, with http.")
    ] = 8082,
    server: Server = None,
) -> None:
    """Serve tools with which an assistant submits, follows, lists and cancels jobs."""
    try:
        with paused():
            from gala.mcp_server import serve_http, serve_stdio  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise EngineMissing(
            "gala mcp needs the mcp package", hint=f"Install it: {install_hint('mcp')}"
        ) from error
    url = announced(find_server(server)).url
    if transport is Transport.STDIO:
        serve_stdio(url, api_key=api_key())
    else:
        serve_http(url, api_key=api_key(), host=host, port=port)
