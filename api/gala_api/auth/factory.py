"""Identity put together from the settings, or a plain word on what does not go together."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from gala.db.engine import Sessions
from gala.signing import Keyring
from gala_api.auth.api_keys import ApiKeys
from gala_api.auth.authenticator import Authenticator, Credentials, Everybody
from gala_api.auth.jwt_tokens import Rules, Tokens
from gala_api.auth.origin_guard import Known, host_name, is_loopback
from gala_api.auth.settings import SYMMETRIC, AuthMode, JwtAlgorithm
from gala_api.auth.signing_keys import FetchedSigners, Signers, of_pem, of_secret, of_set
from gala_api.auth.static_tokens import ListedTokens
from gala_api.settings import ApiSettings

_SOURCES: Final = ("jwt_secret", "jwt_public_key", "jwt_jwks_file", "jwt_jwks_url")


def check(settings: ApiSettings) -> None:
    """Raise ValueError, naming the setting and the remedy, for what would not be safe to run."""
    if AuthMode.NONE in settings.auth_mode:
        _check_bind(settings)
    if AuthMode.KEYS in settings.auth_mode:
        _check_secret(settings)
    if AuthMode.JWT in settings.auth_mode:
        _tokens(settings)


def make_authenticator(
    settings: ApiSettings, sessions: Sessions, keyring: Keyring
) -> Authenticator:
    """What tells who asks. Raises ValueError as :func:`check` does."""
    check(settings)
    modes = settings.auth_mode
    if AuthMode.NONE in modes and not settings.auth_tokens:
        return Everybody()
    return Credentials(
        listed=ListedTokens(settings.auth_tokens) if settings.auth_tokens else None,
        keys=ApiKeys(sessions, keyring) if AuthMode.KEYS in modes else None,
        tokens=_tokens(settings) if AuthMode.JWT in modes else None,
    )


def known_callers(settings: ApiSettings) -> Known | None:
    """What the local guard lets pass; ``None`` where whoever asks has to show who they are."""
    if AuthMode.NONE not in settings.auth_mode or settings.auth_tokens:
        return None
    public = urlsplit(settings.base_url)
    names = {*settings.api_allowed_hosts, settings.api_host, public.hostname or ""}
    return Known(
        hosts=frozenset(name for name in map(host_name, names) if name),
        addresses=settings.auth_insecure_bind,
        origins={*settings.cors_allowed_origins, f"{public.scheme}://{public.netloc}"},
    )


def _check_bind(settings: ApiSettings) -> None:
    asks_nobody = not settings.auth_insecure_bind and not settings.auth_tokens
    if asks_nobody and not is_loopback(settings.api_host):
        raise ValueError(
            f"API_HOST={settings.api_host} lets others reach this API, and AUTH_MODE=none lets"
            " everybody do everything. Ask for keys (AUTH_MODE=keys and a GALA_SECRET_KEY); or, if"
            " something else keeps strangers out, set AUTH_INSECURE_BIND=1."
        )


def _check_secret(settings: ApiSettings) -> None:
    if settings.gala_secret_key is None:
        raise ValueError(
            "GALA_SECRET_KEY: AUTH_MODE=keys needs it; make one with"
            " `python3 -c 'import secrets; print(secrets.token_urlsafe(32))'`"
        )
    Keyring(settings.gala_secret_key)


def _tokens(settings: ApiSettings) -> Tokens:
    missing = [name for name in ("jwt_audience", "jwt_issuer") if not getattr(settings, name)]
    if missing:
        names = " and ".join(name.upper() for name in missing)
        raise ValueError(f"{names}: AUTH_MODE=jwt needs to know whose tokens are meant for it")
    sources = [name for name in _SOURCES if getattr(settings, name) is not None]
    if len(sources) != 1:
        names = ", ".join(name.upper() for name in _SOURCES)
        raise ValueError(f"AUTH_MODE=jwt needs exactly one of {names}; {len(sources)} are set")
    algorithms = _algorithms(settings, sources[0])
    rules = Rules(
        algorithms=algorithms,
        audience=str(settings.jwt_audience),
        issuer=str(settings.jwt_issuer),
        role_claim=settings.jwt_role_claim,
    )
    return Tokens(rules, _signers(settings, algorithms))


def _algorithms(settings: ApiSettings, source: str) -> frozenset[str]:
    """Never both kinds: a public key, which everybody knows, must not pass for a secret."""
    fitting = SYMMETRIC if source == "jwt_secret" else frozenset(JwtAlgorithm) - SYMMETRIC
    chosen = settings.jwt_algorithms or fitting
    if not chosen <= fitting:
        raise ValueError(
            f"JWT_ALGORITHMS: with {source.upper()} only {', '.join(sorted(fitting))}, not"
            f" {', '.join(sorted(chosen - fitting))}"
        )
    return frozenset(str(one) for one in chosen)


def _signers(settings: ApiSettings, algorithms: frozenset[str]) -> Signers:
    if settings.jwt_secret is not None:
        return of_secret(settings.jwt_secret)
    if settings.jwt_public_key is not None:
        return of_pem(settings.jwt_public_key, algorithms)
    if settings.jwt_jwks_file is not None:
        try:
            text = settings.jwt_jwks_file.read_bytes()
        except OSError as error:
            raise ValueError(f"JWT_JWKS_FILE: {error}") from error
        return of_set(text, algorithms, "JWT_JWKS_FILE")
    return FetchedSigners(
        str(settings.jwt_jwks_url), lambda text: of_set(text, algorithms, "JWT_JWKS_URL")
    )
