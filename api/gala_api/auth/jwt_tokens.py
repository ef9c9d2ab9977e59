"""Tokens (JWT): whose they are, once everything about them was checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt import exceptions as wrong

from gala.ids import LOCAL_OWNER
from gala.permissions import OWNER_PATTERN, RESERVED_OWNERS, Permission, Principal, Role
from gala_api.auth.errors import Reason, Refused
from gala_api.auth.signing_keys import Signers

LEEWAY_SECONDS: Final = 10
"""How far the clocks of the issuer and of this machine may differ."""
_REQUIRED: Final = ("exp", "aud", "iss", "sub")

_PROBLEMS: Final[tuple[tuple[type[Exception], Reason, str], ...]] = (
    (wrong.ExpiredSignatureError, Reason.EXPIRED, "This token has expired."),
    (wrong.ImmatureSignatureError, Reason.NOT_YET, "This token does not hold yet."),
    (wrong.InvalidSignatureError, Reason.SIGNATURE, "The signature of this token is wrong."),
    (wrong.InvalidAudienceError, Reason.AUDIENCE, "This token was made for another audience."),
    (wrong.InvalidIssuerError, Reason.ISSUER, "This token comes from another issuer."),
    (
        wrong.MissingRequiredClaimError,
        Reason.CLAIMS,
        f"This token lacks a claim: {', '.join(_REQUIRED)} are required.",
    ),
    (wrong.InvalidAlgorithmError, Reason.ALGORITHM, "Tokens signed so are not accepted here."),
    (wrong.InvalidSubjectError, Reason.SUBJECT, "The sub of this token is no text."),
)
"""The first that fits; what fits none of them is no token at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a token must say."""

    algorithms: frozenset[str]
    audience: str
    issuer: str
    role_claim: str


class Tokens:
    """Checks tokens: their signature first, then their claims."""

    def __init__(self, rules: Rules, signers: Signers):
        self._rules = rules
        self._signers = signers

    def principal(self, credential: str) -> Principal:
        """Whose token it is."""
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
                raise wrong.InvalidAlgorithmError
            key = self._signers.find(header.get("kid"), algorithm)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=rules.audience,
                issuer=rules.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": list(_REQUIRED)},
            )
        except (wrong.PyJWTError, RecursionError, OverflowError) as error:
            # Without its cause: that would tell what was sent.
            raise _refused(error) from None
        return claims


def _refused(error: Exception) -> Refused:
    for kind, reason, message in _PROBLEMS:
        if isinstance(error, kind):
            return Refused(reason, message)
    return Refused(Reason.MALFORMED, "This is neither an API key nor a token (JWT).")


# A key of `local` is given out by an operator; a subject may be its own choice.
_NOT_BY_TOKEN: Final = RESERVED_OWNERS | {LOCAL_OWNER}


def _owner(subject: str) -> str:
    if not re.fullmatch(OWNER_PATTERN, subject) or subject in _NOT_BY_TOKEN:
        raise Refused(
            Reason.SUBJECT,
            "The sub of this token cannot be an owner here: 1 to 128 letters, digits, . _ : @ | + -"
            " and not a reserved name.",
        )
    return subject


def _role(claimed: object) -> Role:
    """The role that is claimed; who claims none may look."""
    if claimed is None:
        return Role.VIEWER
    if not isinstance(claimed, str) or claimed not in tuple(Role):
        raise Refused(
            Reason.ROLE, f"The role of this token is none of {', '.join(Role)}: see JWT_ROLE_CLAIM."
        )
    return Role(claimed)


def _scopes(claimed: object) -> frozenset[Permission] | None:
    """Those that mean something here; a token whose scopes are all of others may do nothing."""
    if claimed is None:
        return None
    words = claimed.split() if isinstance(claimed, str) else claimed
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Refused(Reason.CLAIMS, "The scope of this token is no text.")
    return frozenset(permission for permission in Permission if permission in words)
