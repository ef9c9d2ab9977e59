"""Build the verifier of JSON Web Tokens from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gala_api.auth.settings import SYMMETRIC, JwtAlgorithm
from gala_api.settings import ApiSettings

if TYPE_CHECKING:
    from gala_api.auth.jwt_tokens import JwtVerifier
    from gala_api.auth.signing_keys import SigningKeys

_KEY_SETTINGS: Final = ("jwt_secret", "jwt_public_key", "jwt_jwks_file", "jwt_jwks_url")


def jwt_verifier(settings: ApiSettings) -> JwtVerifier:
    """Return the verifier. Raise ValueError, naming the setting, if the settings do not fit."""
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
