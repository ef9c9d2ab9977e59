"""Calling an API from the command line."""

from __future__ import annotations

import httpx

from gala.cli.settings import api_key
from gala.client import GalaClient
from gala.client.api_client import shown_url
from gala.errors import InvalidRequest
from gala.net.urls import service_address


def connect(base_url: str, *, option: str = "--base-url") -> GalaClient:
    """A client of that API which shows the key in ``GALA_API_KEY``, if there is one.

    Raises ``InvalidRequest`` naming the option for an address that is none.
    """
    return GalaClient(server_address(base_url, option), api_key=api_key())


def server_address(url: str, option: str) -> str:
    """The URL of a server, if it is one. Raises ``InvalidRequest``; no password is told."""
    shown = shown_url(url)
    try:
        service_address(shown)
        # What is no name in the end, such as xn--a, only its reader finds out.
        _ = httpx.URL(url).host
    except (ValueError, httpx.InvalidURL) as error:
        raise InvalidRequest(
            f"{option}: {shown!r} is no address of a server: {error}",
            field=option,
            hint="such as http://localhost:8080",
        ) from error
    return url
