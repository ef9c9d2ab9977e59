"""Build the authentication from the settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from gala.db.engine import Sessions
from gala.signing import Keyring
from gala_api.auth.api_keys import ApiKeys
from gala_api.auth.authenticator import Authenticator, CredentialAuthenticator, NoAuthentication
from gala_api.auth.checks import check
from gala_api.auth.jwt_factory import jwt_verifier
from gala_api.auth.origin_guard import AllowedCallers, host_name
from gala_api.auth.settings import AuthMode
from gala_api.auth.static_tokens import StaticTokens
from gala_api.settings import ApiSettings


def make_authenticator(
    settings: ApiSettings, sessions: Sessions, keyring: Keyring
) -> Authenticator:
    """Return the authenticator that the settings describe. Raise ValueError as `check`."""
    check(settings)
    modes = settings.auth_mode
    if AuthMode.NONE in modes and not settings.auth_tokens:
        return NoAuthentication()
    return CredentialAuthenticator(
        listed=StaticTokens(settings.auth_tokens) if settings.auth_tokens else None,
        keys=ApiKeys(sessions, keyring) if AuthMode.KEYS in modes else None,
        tokens=jwt_verifier(settings) if AuthMode.JWT in modes else None,
    )


def allowed_callers(settings: ApiSettings) -> AllowedCallers | None:
    """Return what the origin guard allows, or None if callers are authenticated."""
    if AuthMode.NONE not in settings.auth_mode or settings.auth_tokens:
        return None
    public = urlsplit(settings.base_url)
    names = {*settings.api_allowed_hosts, settings.api_host, public.hostname or ""}
    return AllowedCallers(
        hosts=frozenset(name for name in map(host_name, names) if name),
        addresses=settings.auth_insecure_bind,
        origins={*settings.cors_allowed_origins, f"{public.scheme}://{public.netloc}"},
    )
