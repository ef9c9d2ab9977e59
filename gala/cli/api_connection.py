"""Connects the command line to an API."""

from __future__ import annotations

import httpx

from gala.cli.console import print_status
from gala.cli.settings import api_key
from gala.client import GalaClient
from gala.client.connection import shown_url
from gala.errors import InvalidRequest
from gala.net.urls import service_address
from gala.server_address import ServerAddress, find_server


def connect(url: str | None) -> GalaClient:
    """Return a client of the server at ``--url``, or of the one that is found without it.

    Its URL is printed to standard error. The client uses the key in ``GALA_API_KEY``, if it is set.

    Raise ``InvalidRequest`` naming the option or the variable if the URL is invalid.
    """
    return connect_to(find_server(url))


def connect_to(server: ServerAddress) -> GalaClient:
    """Return a client of this server; like :func:`connect`."""
    return GalaClient(announced(server).url, api_key=api_key())


def announced(server: ServerAddress) -> ServerAddress:
    """Print the URL of a server to standard error; raise ``InvalidRequest`` if it is invalid."""
    checked(server)
    print_status(f"GALA at {shown_url(server.url)} ({server.source})")
    return server


def checked(server: ServerAddress) -> ServerAddress:
    """Return the server; raise ``InvalidRequest``, without a password, if its URL is invalid."""
    shown = shown_url(server.url)
    try:
        service_address(shown)
        # Decodes the host name; fails for names such as xn--a.
        _ = httpx.URL(server.url).host
    except (ValueError, httpx.InvalidURL) as error:
        raise InvalidRequest(
            f"{server.source}: {shown!r} is not the URL of a server: {error}",
            field=server.source,
            hint="give a URL such as http://localhost:8080",
        ) from error
    return server
