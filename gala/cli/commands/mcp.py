"""``gala mcp``: GALA's work as tools for assistants (Model Context Protocol)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gala.cli.api_connection import server_address
from gala.cli.console import BASE_URL, BaseUrl
from gala.cli.settings import api_key
from gala.errors import EngineMissing


class Transport(StrEnum):
    """How the assistant talks to us."""

    STDIO = "stdio"
    HTTP = "http"


def mcp(
    transport: Annotated[
        Transport, typer.Option(help="stdio: the assistant starts this command itself.")
    ] = Transport.STDIO,
    host: Annotated[str, typer.Option(help="Where to listen, with http.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="With http.")] = 8082,
    base_url: BaseUrl = BASE_URL,
) -> None:
    """Let an assistant submit, watch, cancel, list and fetch, and choose types and voices."""
    try:
        from gala.mcp_server import serve_http, serve_stdio  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise EngineMissing(
            "gala mcp needs the mcp package", hint='install it: pip install "gala[mcp]"'
        ) from error
    server_address(base_url, "--base-url")
    if transport is Transport.STDIO:
        serve_stdio(base_url, api_key=api_key())
    else:
        serve_http(base_url, api_key=api_key(), host=host, port=port)
