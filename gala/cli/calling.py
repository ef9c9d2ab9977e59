"""Calling an API from the command line."""

from __future__ import annotations

from gala.cli.settings import api_key
from gala.client import GalaClient


def connect(base_url: str) -> GalaClient:
    """A client of that API which shows the key in ``GALA_API_KEY``, if there is one."""
    return GalaClient(base_url, api_key=api_key())
