"""Connects the command line to an API."""

from __future__ import annotations

import httpx

from gala.cli.settings import api_key
from gala.client import GalaClient
from gala.client.api_client import shown_url
from gala.errors import InvalidRequest
from gala.net.urls import service_address


def connect(base_url: str, *, option: str = "--base-url") -> GalaClient:
    """Return a client of the API, with the key in ``GALA_API_KEY`` if it is set.

    Raise ``InvalidRequest`` naming the option if the URL is invalid.
    """
    return GalaClient(server_address(base_url, option), api_key=api_key())


def server_address(url: str, option: str) -> str:
    """Return the URL; raise ``InvalidRequest``, without a password in it, if it is invalid."""
    shown = shown_url(url)
    try:
        service_address(shown)
        # Decodes the host name; fails for names such as xn--a.
        _ = httpx.URL(url).host
    except (ValueError, httpx.InvalidURL) as error:
        raise InvalidRequest(
            f"{option}: {shown!r} is not the URL of a server: {error}",
            field=option,
            hint="give a URL such as http://localhost:8080",
        ) from error
    return url
