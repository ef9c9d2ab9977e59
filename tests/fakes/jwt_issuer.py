"""A token issuer: its keys, its key set, and tokens that are valid except for chosen parts."""

from __future__ import annotations

import base64
import json
import time
from functools import cache, cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "gala"
ISSUER = "https://issuer.example.com/"


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return an RS256 key; another ``number`` is another key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    """Return an ES256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def claims(**changed: Any) -> dict[str, Any]:
    """Return the claims of a valid token with changes; ``None`` omits a claim."""
    now = int(time.time())
    usual = {"sub": "ana", "aud": AUDIENCE, "iss": ISSUER, "exp": now + 300, "role": "editor"}
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


class Issuer:
    """Signs with RS256 under the key id ``rsa-1``, and with ES256 under ``ec-1``."""

    @cached_property
    def key_set(self) -> str:
        """Return its public keys as a JWKS document."""
        known = [
            {**RSAAlgorithm.to_jwk(rsa_key().public_key(), as_dict=True), "kid": "rsa-1"},
            {**ECAlgorithm.to_jwk(ec_key().public_key(), as_dict=True), "kid": "ec-1"},
        ]
        return json.dumps({"keys": known})

    @cached_property
    def public_pem(self) -> bytes:
        """The public RSA key."""
        key = rsa_key().public_key()
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def token(self, *, kid: str | None = "rsa-1", key: Any = None, **changed: Any) -> str:
        """Return a token signed with RS256."""
        headers = None if kid is None else {"kid": kid}
        return jwt.encode(claims(**changed), key or rsa_key(), algorithm="RS256", headers=headers)

    def ec_token(self, **changed: Any) -> str:
        """Return a token signed with ES256."""
        return jwt.encode(claims(**changed), ec_key(), algorithm="ES256", headers={"kid": "ec-1"})


def raw(header: str, payload: str, signature: bytes = b"") -> str:
    """Return a token of exactly these parts, which libraries would refuse to create."""
    parts = (header.encode(), payload.encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def forgeries(issuer: Issuer) -> dict[str, str]:
    """Return invalid tokens by what is wrong with them."""
    good = issuer.token()
    header, _, signature = good.split(".")
    as_admin = raw("{}", json.dumps(claims(role="admin"))).split(".")[1]
    now = int(time.time())
    # The public key is known: a verifier that uses it as an HMAC secret accepts anyone's tokens.
    confused = raw('{"alg":"HS256","typ":"JWT","kid":"rsa-1"}', json.dumps(claims()))
    confused = _signed_hs256(confused, issuer.public_pem)
    return {
        "signature of another": issuer.token(key=rsa_key(1)),
        "payload changed": f"{header}.{as_admin}.{signature}",
        "signature cut off": f"{good.rpartition('.')[0]}.",
        "alg none": raw('{"alg":"none"}', json.dumps(claims())),
        "alg None": raw('{"alg":"None","kid":"rsa-1"}', json.dumps(claims())),
        "alg a list": raw('{"alg":["RS256"],"kid":"rsa-1"}', json.dumps(claims())),
        "alg missing": raw('{"kid":"rsa-1"}', json.dumps(claims())),
        "key confusion": confused,
        "algorithm of another key": jwt.encode(
            claims(), ec_key(), algorithm="ES256", headers={"kid": "rsa-1"}
        ),
        "unknown signer": issuer.token(kid="rsa-2", key=rsa_key(1)),
        "key inside": jwt.encode(
            claims(),
            rsa_key(1),
            algorithm="RS256",
            headers={"jwk": RSAAlgorithm.to_jwk(rsa_key(1).public_key(), as_dict=True)},
        ),
        "unknown critical extension": jwt.encode(
            claims(), rsa_key(), algorithm="RS256", headers={"kid": "rsa-1", "crit": ["later"]}
        ),
        "expired": issuer.token(exp=now - 60),
        "not yet": issuer.token(nbf=now + 600),
        "audience of another": issuer.token(aud="other"),
        "issuer of another": issuer.token(iss="https://other.example.com/"),
        **{f"without {name}": issuer.token(**{name: None}) for name in ("exp", "aud", "iss")},
        "subject missing": issuer.token(sub=None),
        "subject of GALA itself": issuer.token(sub="gala"),
        "subject of whom nobody is asked": issuer.token(sub="local"),
        "subject with spaces": issuer.token(sub="ana and bob"),
        "subject empty": issuer.token(sub=""),
        "subject endless": issuer.token(sub="a" * 129),
        "role unknown": issuer.token(role="root"),
        "role a list": issuer.token(role=["admin"]),
        "scope a number": issuer.token(scope=7),
        "expiry infinite": raw(
            '{"alg":"RS256","kid":"rsa-1"}', json.dumps(claims(exp=float("inf")))
        ),
        "too long": issuer.token(more="x" * 9000),
        "nested too deep": raw("[" * 5000, "{}"),
        "no JSON": raw("alg", "{}"),
        "no base64": "eyJ%%%.e30.e30",
        "two parts": good.rpartition(".")[0],
        "bytes beyond ASCII": "eyJhbGciOiJSUzI1NiJ9.\xe9.\xe9",
        "a word": "secret",
        "empty": "",
    }


def _signed_hs256(unsigned: str, secret: bytes) -> str:
    import hashlib
    import hmac

    signed = unsigned.rpartition(".")[0]
    digest = hmac.digest(secret, signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
