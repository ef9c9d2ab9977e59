"""Secrets that leave in an answer: only lasting ones, and never into a cache."""

from __future__ import annotations

from fastapi import Response

from gala.errors import Conflict
from gala.signing import Keyring
from gala_api.dependencies import Services


def lasting_keyring(services: Services) -> Keyring:
    """The keyring, if what it makes is worth something after this process and to the workers.

    Raises Conflict, naming the setting, if it is one of the moment.
    """
    if services.settings.gala_secret_key is None:
        raise Conflict(
            "This server has no secret that lasts.",
            hint="The operator sets GALA_SECRET_KEY, the same for every API and worker.",
        )
    return services.keyring


def tell_once(response: Response) -> None:
    """Let no cache keep this answer."""
    response.headers["Cache-Control"] = "no-store"
