"""What must fit together in the settings of authentication, checked at the start.

Apart from `gala_api.auth.factory`: the process that supervises the API checks the settings, too,
and starts sooner without the tables of the database.
"""

from __future__ import annotations

from gala.signing import Keyring
from gala_api.auth.jwt_factory import jwt_verifier
from gala_api.auth.origin_guard import is_loopback
from gala_api.auth.settings import AuthMode
from gala_api.settings import ApiSettings


def check(settings: ApiSettings) -> None:
    """Raise ValueError, naming the setting and the remedy, if the API would not be safe to run."""
    if AuthMode.NONE in settings.auth_mode:
        _check_bind(settings)
    if AuthMode.KEYS in settings.auth_mode:
        _check_secret(settings)
    if AuthMode.JWT in settings.auth_mode:
        jwt_verifier(settings)


def _check_bind(settings: ApiSettings) -> None:
    unprotected = not settings.auth_insecure_bind and not settings.auth_tokens
    if unprotected and not is_loopback(settings.api_host):
        raise ValueError(
            f"API_HOST={settings.api_host} lets other machines reach this API, and AUTH_MODE=none"
            " lets every caller do everything. Require API keys (AUTH_MODE=keys and a"
            " GALA_SECRET_KEY); or, if the network keeps strangers out, set AUTH_INSECURE_BIND=1."
        )


def _check_secret(settings: ApiSettings) -> None:
    if settings.gala_secret_key is None:
        raise ValueError(
            "GALA_SECRET_KEY: AUTH_MODE=keys requires it; create one with"
            " `python3 -c 'import secrets; print(secrets.token_urlsafe(32))'`"
        )
    Keyring(settings.gala_secret_key)
