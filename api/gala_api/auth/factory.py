"""Build the authentication from the settings, or name the settings that do not fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from gala.db.engine import Sessions
from gala.signing import Keyring
from gala_api.auth.api_keys import ApiKeys
from gala_api.auth.authenticator import Authenticator, CredentialAuthenticator, NoAuthentication
from gala_api.auth.origin_guard import AllowedCallers, host_name, is_loopback
from gala_api.auth.settings import SYMMETRIC, AuthMode, JwtAlgorithm
from gala_api.auth.static_tokens import StaticTokens
from gala_api.settings import ApiSettings

if TYPE_CHECKING:
    from gala_api.auth.jwt_tokens import JwtVerifier
    from gala_api.auth.signing_keys import SigningKeys

_KEY_SETTINGS: Final = ("jwt_secret", "jwt_public_key", "jwt_jwks_file", "jwt_jwks_url")


def check(settings: ApiSettings) -> None:
    """Raise ValueError, naming the setting and the remedy, if the API would not be safe to run."""
    if AuthMode.NONE in settings.auth_mode:
        _check_bind(settings)
    if AuthMode.KEYS in settings.auth_mode:
        _check_secret(settings)
    if AuthMode.JWT in settings.auth_mode:
        _jwt_verifier(settings)


def make_authenticator(
    settings: ApiSettings, sessions: Sessions, keyring: Keyring
) -> Authenticator:
    """Return the authenticator that the settings describe. Raise ValueError as :func:`check`."""
    check(settings)
    modes = settings.auth_mode
    if AuthMode.NONE in modes and not settings.auth_tokens:
        return NoAuthentication()
    return CredentialAuthenticator(
        listed=StaticTokens(settings.auth_tokens) if settings.auth_tokens else None,
        keys=ApiKeys(sessions, keyring) if AuthMode.KEYS in modes else None,
        tokens=_jwt_verifier(settings) if AuthMode.JWT in modes else None,
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


def _jwt_verifier(settings: ApiSettings) -> JwtVerifier:
    # Late: PyJWT and cryptography take 0.1 s to import, and most installations have no JWT.
    from gala_api.auth.jwt_tokens import JwtVerifier, TokenRules  # noqa: PLC0415

    missing = [name for name in ("jwt_audience", "jwt_issuer") if not getattr(settings, name)]
    if missing:
        names = " and ".join(name.upper() for name in missing)
        raise ValueError(f"{names}: AUTH_MODE=jwt requires the audience and issuer of its tokens")
    sources = [name for name in _KEY_SETTINGS if getattr(settings, name) is not None]
    if len(sources) != 1:
        names = ", ".join(name.upper() for name in _KEY_SETTINGS)
        raise ValueError(f"AUTH_MODE=jwt requires exactly one of {names}; {len(sources)} are set")
    algorithms = _algorithms(settings, sources[0])
    rules = TokenRules(
        algorithms=algorithms,
        audience=str(settings.jwt_audience),
        issuer=str(settings.jwt_issuer),
        role_claim=settings.jwt_role_claim,
    )
    return JwtVerifier(rules, _signing_keys(settings, algorithms))


def _algorithms(settings: ApiSettings, source: str) -> frozenset[str]:
    """Return the algorithms, never of both kinds: a public key must not serve as a secret."""
    fitting = SYMMETRIC if source == "jwt_secret" else frozenset(JwtAlgorithm) - SYMMETRIC
    chosen = settings.jwt_algorithms or fitting
    if not chosen <= fitting:
        raise ValueError(
            f"JWT_ALGORITHMS: with {source.upper()} only {', '.join(sorted(fitting))}, not"
            f" {', '.join(sorted(chosen - fitting))}"
        )
    return frozenset(str(one) for one in chosen)


def _signing_keys(settings: ApiSettings, algorithms: frozenset[str]) -> SigningKeys:
    from gala_api.auth import signing_keys  # noqa: PLC0415 - late as above

    if settings.jwt_secret is not None:
        return signing_keys.from_secret(settings.jwt_secret)
    if settings.jwt_public_key is not None:
        return signing_keys.from_pem(settings.jwt_public_key, algorithms)
    if settings.jwt_jwks_file is not None:
        try:
            text = settings.jwt_jwks_file.read_bytes()
        except OSError as error:
            raise ValueError(f"JWT_JWKS_FILE: {error}") from error
        return signing_keys.from_jwks(text, algorithms, "JWT_JWKS_FILE")
    return signing_keys.JwksSigningKeys(
        str(settings.jwt_jwks_url),
        lambda text: signing_keys.from_jwks(text, algorithms, "JWT_JWKS_URL"),
    )
