"""Who may use the API, as the operator says it in the environment."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gala.settings import split


class AuthMode(StrEnum):
    """A way to show who one is."""

    NONE = "none"
    KEYS = "keys"
    JWT = "jwt"


class JwtAlgorithm(StrEnum):
    """What a token may be signed with."""

    HS256 = "HS256"
    RS256 = "RS256"
    ES256 = "ES256"


SYMMETRIC: Final = frozenset({JwtAlgorithm.HS256})
"""Who can check such a signature can make one."""


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
    """What tells who asks. Whether it all goes together, ``composition.check`` says."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    auth_mode: AuthModes = frozenset({AuthMode.NONE})
    auth_insecure_bind: bool = False
    """Listen on other addresses than loopback's although nobody is asked who they are."""
    api_allowed_hosts: Names = ()
    """More names that this API is called by where nobody is asked who they are."""

    auth_tokens: Tokens = ()
    """Tokens that let in whoever shows one, as the local owner: the media server's way."""

    jwt_secret: SecretStr | None = None
    jwt_public_key: Path | None = None
    """A PEM file."""
    jwt_jwks_file: Path | None = None
    jwt_jwks_url: HttpUrl | None = None
    jwt_algorithms: Algorithms | None = None
    """All that go with the kind of key, if unset."""
    jwt_audience: str | None = None
    jwt_issuer: str | None = None
    jwt_role_claim: str = Field(default="role", min_length=1)
