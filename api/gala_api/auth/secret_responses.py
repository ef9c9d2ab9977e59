"""Secrets in responses: derived from a permanent key only, and never cached."""

from __future__ import annotations

from fastapi import Response

from gala.errors import Conflict
from gala.signing import Keyring
from gala_api.dependencies import Services


def lasting_keyring(services: Services) -> Keyring:
    """Return the keyring if its key is configured, so that it outlives this process.

    Raise Conflict, naming the setting, if the key is a random one of this process.
    """
    if services.settings.gala_secret_key is None:
        raise Conflict(
            "This server has no permanent secret key.",
            hint="The operator must set GALA_SECRET_KEY, the same for every API and worker.",
        )
    return services.keyring


def forbid_caching(response: Response) -> None:
    """Forbid caches to store this response."""
    response.headers["Cache-Control"] = "no-store"
