"""Authentication by JSON Web Token (JWT)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt import exceptions

from gala.ids import LOCAL_OWNER
from gala.permissions import OWNER_PATTERN, RESERVED_OWNERS, Permission, Principal, Role
from gala_api.auth.errors import CredentialRejected, Reason
from gala_api.auth.signing_keys import SigningKeys

LEEWAY_SECONDS: Final = 10
"""The allowed difference between the clocks of the issuer and of this machine."""
_REQUIRED: Final = ("exp", "aud", "iss", "sub")

_PROBLEMS: Final[tuple[tuple[type[Exception], Reason, str], ...]] = (
    (exceptions.ExpiredSignatureError, Reason.EXPIRED, "This token has expired."),
    (exceptions.ImmatureSignatureError, Reason.NOT_YET, "This token is not valid yet."),
    (
        exceptions.InvalidSignatureError,
        Reason.SIGNATURE,
        "The signature of this token is wrong.",
    ),
    (exceptions.InvalidAudienceError, Reason.AUDIENCE, "This token is meant for another audience."),
    (exceptions.InvalidIssuerError, Reason.ISSUER, "This token was issued by another issuer."),
    (
        exceptions.MissingRequiredClaimError,
        Reason.CLAIMS,
        f"This token lacks a claim: {', '.join(_REQUIRED)} are required.",
    ),
    (
        exceptions.InvalidAlgorithmError,
        Reason.ALGORITHM,
        "This server does not accept this token's algorithm.",
    ),
    (
        exceptions.InvalidSubjectError,
        Reason.SUBJECT,
        "The claim sub of this token is not a string.",
    ),
)
"""The first class that fits is used; an error that fits none means a malformed token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """What a token must contain."""

    algorithms: frozenset[str]
    audience: str
    issuer: str
    role_claim: str


class JwtVerifier:
    """Verifies tokens: the signature first, then the claims."""

    def __init__(self, rules: TokenRules, signing_keys: SigningKeys):
        self._rules = rules
        self._signing_keys = signing_keys

    def principal(self, credential: str) -> Principal:
        """Return the token's owner. Raise CredentialRejected if the token is not valid."""
        claims = self._claims(credential)
        return Principal(
            owner_id=_owner(claims["sub"]),
            role=_role(claims.get(self._rules.role_claim)),
            scopes=_scopes(claims.get("scope")),
        )

    def _claims(self, token: str) -> dict[str, Any]:
        rules = self._rules
        try:
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            if algorithm not in tuple(rules.algorithms):
                raise exceptions.InvalidAlgorithmError
            key = self._signing_keys.find(header.get("kid"), algorithm)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=rules.audience,
                issuer=rules.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": list(_REQUIRED)},
            )
        except (exceptions.PyJWTError, RecursionError, OverflowError) as error:
            # Without its cause, which would reveal what was sent.
            raise _rejection(error) from None
        return claims


def _rejection(error: Exception) -> CredentialRejected:
    for kind, reason, message in _PROBLEMS:
        if isinstance(error, kind):
            return CredentialRejected(reason, message)
    return CredentialRejected(Reason.MALFORMED, "This is neither an API key nor a JWT.")


# An API key of `local` is issued by an operator; the subject of a token may be self-chosen.
_FORBIDDEN_OWNERS: Final = RESERVED_OWNERS | {LOCAL_OWNER}


def _owner(subject: str) -> str:
    if not re.fullmatch(OWNER_PATTERN, subject) or subject in _FORBIDDEN_OWNERS:
        raise CredentialRejected(
            Reason.SUBJECT,
            "The claim sub of this token cannot be an owner: 1 to 128 letters, digits, . _ : @ | +"
            " -, and not a reserved name.",
        )
    return subject


def _role(claimed: object) -> Role:
    """Return the claimed role; viewer if none is claimed."""
    if claimed is None:
        return Role.VIEWER
    if not isinstance(claimed, str) or claimed not in tuple(Role):
        raise CredentialRejected(
            Reason.ROLE,
            f"The role of this token must be one of {', '.join(Role)}; see JWT_ROLE_CLAIM.",
        )
    return Role(claimed)


def _scopes(claimed: object) -> frozenset[Permission] | None:
    """Return the known scopes; a token that has only others is allowed nothing."""
    if claimed is None:
        return None
    names = claimed.split() if isinstance(claimed, str) else claimed
    if not isinstance(names, list) or not all(isinstance(word, str) for word in names):
        raise CredentialRejected(Reason.CLAIMS, "The claim scope of this token is not a string.")
    return frozenset(permission for permission in Permission if permission in names)
