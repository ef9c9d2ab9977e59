"""JWTs: valid ones authenticate their owner, and every invalid one is rejected."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jwt
import pytest
from pydantic import SecretStr
from starlette.datastructures import Headers

from gala.errors import Unauthorized
from gala.permissions import PERMISSIONS, Permission, Principal, Role
from gala_api.auth.authenticator import CredentialAuthenticator
from gala_api.auth.errors import CredentialRejected
from gala_api.auth.jwt_tokens import JwtVerifier, TokenRules
from gala_api.auth.signing_keys import SigningKeys, from_jwks, from_secret
from tests.fakes.jwt_issuer import AUDIENCE, ISSUER, Issuer, claims, forgeries

ISSUED = Issuer()
PUBLIC = frozenset({"RS256", "ES256"})
SECRET = "an issuer's secret, long enough for SHA-256"
REASONS = {
    "signature of another": "signature",
    "payload changed": "signature",
    "signature cut off": "signature",
    "alg none": "algorithm",
    "alg None": "algorithm",
    "alg a list": "algorithm",
    "alg missing": "algorithm",
    "key confusion": "algorithm",
    "algorithm of another key": "unknown_signer",
    "unknown signer": "unknown_signer",
    "key inside": "signature",
    "unknown critical extension": "malformed",
    "expired": "expired",
    "not yet": "not_yet",
    "audience of another": "audience",
    "issuer of another": "issuer",
    "without exp": "claims",
    "without aud": "claims",
    "without iss": "claims",
    "subject missing": "claims",
    "subject of GALA itself": "subject",
    "subject of whom nobody is asked": "subject",
    "subject with spaces": "subject",
    "subject empty": "subject",
    "subject endless": "subject",
    "role unknown": "role",
    "role a list": "role",
    "scope a number": "claims",
    "expiry infinite": "signature",
    "too long": "too_long",
    "nested too deep": "malformed",
    "no JSON": "malformed",
    "no base64": "malformed",
    "two parts": "malformed",
    "bytes beyond ASCII": "malformed",
    "a word": "malformed",
    "empty": "missing",
}


@cache
def tokens(signers: SigningKeys | None = None, algorithms: frozenset[str] = PUBLIC) -> JwtVerifier:
    rules = TokenRules(algorithms=algorithms, audience=AUDIENCE, issuer=ISSUER, role_claim="role")
    return JwtVerifier(
        rules, signers or from_jwks(ISSUED.key_set.encode(), algorithms, "JWT_JWKS_FILE")
    )


async def shown(token: str, *, to: JwtVerifier | None = None) -> Principal:
    credentials = CredentialAuthenticator(keys=None, tokens=to or tokens())
    return await credentials.principal(Headers({"Authorization": f"Bearer {token}"}))


@pytest.mark.anyio
@pytest.mark.parametrize("wrong", sorted(REASONS))
async def test_a_token_that_is_wrong_is_refused_and_told_why(wrong: str) -> None:
    token = forgeries(ISSUED)[wrong]
    with pytest.raises(Unauthorized) as refusal:
        await shown(token)
    assert refusal.value.details["reason"] == REASONS[wrong]
    assert not token or token not in str(refusal.value)


def test_every_forgery_is_tried() -> None:
    assert set(forgeries(ISSUED)) == set(REASONS)


@pytest.mark.anyio
@pytest.mark.parametrize("issue", [Issuer.token, Issuer.ec_token], ids=["RS256", "ES256"])
async def test_a_token_tells_owner_and_role(issue: Callable[[Issuer], str]) -> None:
    assert await shown(issue(ISSUED)) == Principal(owner_id="ana", role=Role.EDITOR)


@pytest.mark.anyio
async def test_clocks_may_differ_by_a_few_seconds() -> None:
    assert (await shown(ISSUED.token(exp=int(time.time()) - 2))).owner_id == "ana"


@pytest.mark.anyio
async def test_who_claims_no_role_may_look() -> None:
    principal = await shown(ISSUED.token(role=None))
    assert {one for one in Permission if principal.may(one)} == PERMISSIONS[Role.VIEWER]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("jobs:read assets:read", {Permission.JOBS_READ, Permission.ASSETS_READ}),
        (["jobs:read"], {Permission.JOBS_READ}),
        ("openid profile", set()),
        ("keys:manage", set()),
        ("", set()),
    ],
)
async def test_scopes_narrow_a_role_and_never_widen_it(
    scope: object, allowed: set[Permission]
) -> None:
    principal = await shown(ISSUED.token(scope=scope))
    assert {one for one in Permission if principal.may(one)} == allowed


@pytest.mark.anyio
async def test_the_role_may_stand_in_another_claim() -> None:
    rules = TokenRules(
        algorithms=PUBLIC,
        audience=AUDIENCE,
        issuer=ISSUER,
        role_claim="https://example.com/gala_role",
    )
    named = JwtVerifier(rules, from_jwks(ISSUED.key_set.encode(), PUBLIC, "JWT_JWKS_FILE"))
    more: Mapping[str, Any] = {"https://example.com/gala_role": "operator"}
    assert (await shown(ISSUED.token(**more), to=named)).role is Role.OPERATOR


@pytest.mark.anyio
async def test_a_shared_secret_signs_with_hs256_and_nothing_else_does() -> None:
    shared = tokens(from_secret(SecretStr(SECRET)), frozenset({"HS256"}))
    token = jwt.encode(claims(), SECRET, algorithm="HS256")
    assert (await shown(token, to=shared)).owner_id == "ana"
    others = (
        jwt.encode(claims(), SECRET * 2, algorithm="HS384"),
        jwt.encode(claims(), "guessed, but long enough for this.", algorithm="HS256"),
        ISSUED.token(),
    )
    for other in others:
        with pytest.raises(CredentialRejected):
            await shown(other, to=shared)


@pytest.mark.anyio
async def test_a_refusal_fits_into_a_header_and_says_nothing_that_was_sent() -> None:
    for token in forgeries(ISSUED).values():
        with pytest.raises(CredentialRejected) as refusal:
            await shown(token)
        challenge = refusal.value.headers["WWW-Authenticate"]
        assert challenge.startswith('Bearer realm="gala"')
        assert challenge.isascii()
        assert challenge.count('"') in {2, 6}
        assert "\n" not in challenge
