"""Environment settings of authentication."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gala.settings import split


class AuthMode(StrEnum):
    """A way to authenticate."""

    NONE = "none"
    KEYS = "keys"
    JWT = "jwt"


class JwtAlgorithm(StrEnum):
    """Algorithms that tokens may be signed with."""

    HS256 = "HS256"
    RS256 = "RS256"
    ES256 = "ES256"


SYMMETRIC: Final = frozenset({JwtAlgorithm.HS256})
"""Verifying these takes the same secret as signing."""


def _none_alone(modes: frozenset[AuthMode]) -> frozenset[AuthMode]:
    if not modes or (AuthMode.NONE in modes and len(modes) > 1):
        raise ValueError("`none` alone, or `keys`, `jwt` or both (`keys,jwt`)")
    return modes


AuthModes = Annotated[
    frozenset[AuthMode], NoDecode, BeforeValidator(split), AfterValidator(_none_alone)
]
Algorithms = Annotated[frozenset[JwtAlgorithm], NoDecode, BeforeValidator(split)]
Tokens = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(split)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split)]


class IdentitySettings(BaseSettings):
    """Settings of authentication; ``factory.check`` checks whether they fit together."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    auth_mode: AuthModes = frozenset({AuthMode.NONE})
    auth_insecure_bind: bool = False
    """Listen on addresses other than loopback without authentication."""
    api_allowed_hosts: Names = ()
    """Further host names of this API, for ``AUTH_MODE=none``."""

    auth_tokens: Tokens = ()
    """Tokens that authenticate their bearer as the local owner, as the media server has them."""

    jwt_secret: SecretStr | None = None
    jwt_public_key: Path | None = None
    """A PEM file."""
    jwt_jwks_file: Path | None = None
    jwt_jwks_url: HttpUrl | None = None
    jwt_algorithms: Algorithms | None = None
    """All algorithms that fit the kind of key, if unset."""
    jwt_audience: str | None = None
    jwt_issuer: str | None = None
    jwt_role_claim: str = Field(default="role", min_length=1)
