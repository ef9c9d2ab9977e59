"""The keys that verify the signatures of tokens, as configured by the operator."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import PyJWK, PyJWKSet, PyJWTError
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import SecretStr

from gala.errors import Unavailable
from gala.net.tls import tls_context
from gala.signing import MIN_SECRET_CHARACTERS
from gala_api.auth.errors import CredentialRejected, Reason

log = logging.getLogger(__name__)

MIN_RSA_BITS: Final = 2048
MAX_SET_BYTES: Final = 1024 * 1024
FETCH_SECONDS: Final = 5.0
FRESH_SECONDS: Final = 600.0
"""The keys are fetched again after this time, so that a withdrawn key expires."""
STALE_SECONDS: Final = 3600.0
"""The last keys are used for this time while their server does not response."""
PAUSE_SECONDS: Final = 30.0
"""The shortest interval between fetches, however many tokens name unknown keys."""
FIRST_PAUSE_SECONDS: Final = 2.0
"""The same while there are no keys at all; waiting requests do not each fetch them."""


class SigningKeys(Protocol):
    """Finds the key that a token was signed with."""

    def find(self, key_id: str | None, algorithm: str) -> PyJWK:
        """Return the key.

        Raise CredentialRejected if it is unknown, or Unavailable if it cannot be fetched now.
        """


class StaticSigningKeys:
    """A fixed set of keys. Each is used for its own algorithm only, whatever a token says."""

    def __init__(self, keys: Iterable[PyJWK]):
        self._keys = tuple(keys)

    def find(self, key_id: str | None, algorithm: str) -> PyJWK:
        """Return the key by id, or the only one of the algorithm if the token or key has no id."""
        fitting = [key for key in self._keys if key.algorithm_name == algorithm]
        for key in fitting:
            if key_id is not None and key.key_id == key_id:
                return key
        if len(fitting) == 1 and (key_id is None or fitting[0].key_id is None):
            return fitting[0]
        raise CredentialRejected(
            Reason.UNKNOWN_SIGNER, "This server does not know the key that signed this token."
        )


class JwksSigningKeys:
    """The keys of a JWKS URL: cached, and fetched again when a token names a new one."""

    def __init__(
        self,
        url: str,
        read: Callable[[bytes], StaticSigningKeys],
        *,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._url = url
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._cached: StaticSigningKeys | None = None
        self._fetched_at = self._tried_at = -STALE_SECONDS

    def find(self, key_id: str | None, algorithm: str) -> PyJWK:
        """Return the key that the token names, after fetching the set again if it is not there."""
        keys = self._current()
        try:
            return keys.find(key_id, algorithm)
        except CredentialRejected:
            self._refresh()
            return self._current().find(key_id, algorithm)

    def _current(self) -> StaticSigningKeys:
        if self._clock() - self._fetched_at >= FRESH_SECONDS:
            self._refresh()
        if self._cached is None or self._clock() - self._fetched_at >= STALE_SECONDS:
            raise Unavailable(
                "Tokens cannot be verified now: the keys of their issuer are not available."
            )
        return self._cached

    def _refresh(self) -> None:
        with self._lock:
            pause = FIRST_PAUSE_SECONDS if self._cached is None else PAUSE_SECONDS
            if self._clock() - self._tried_at < pause:
                return
            self._tried_at = self._clock()
            try:
                self._cached = self._read(_fetch(self._url))
            except (httpx.HTTPError, ValueError) as error:
                log.warning("JWT_JWKS_URL: the keys cannot be fetched: %s", error)
                return
            self._fetched_at = self._tried_at


def _fetch(url: str) -> bytes:
    """Return the JWK set. Raise httpx.HTTPError, or ValueError if it exceeds MAX_SET_BYTES."""
    content = bytearray()
    with httpx.stream("GET", url, timeout=FETCH_SECONDS, verify=tls_context()) as response:
        response.raise_for_status()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_SET_BYTES:
                raise ValueError(f"more than {MAX_SET_BYTES} bytes")
    return bytes(content)


def from_secret(secret: SecretStr) -> StaticSigningKeys:
    """Return the key of a shared secret. Raise ValueError if it is too short."""
    value = secret.get_secret_value().encode()
    if len(value) < MIN_SECRET_CHARACTERS:
        raise ValueError(f"JWT_SECRET: at least {MIN_SECRET_CHARACTERS} bytes are required")
    encoded = base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    return StaticSigningKeys([PyJWK({"kty": "oct", "k": encoded}, "HS256")])


def from_pem(file: Path, algorithms: Iterable[str]) -> StaticSigningKeys:
    """Return the public key in a PEM file. Raise ValueError if the file has none."""
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"JWT_PUBLIC_KEY: {file} is not a PEM file with a public key") from error
    if isinstance(key, RSAPublicKey):
        jwk = RSAAlgorithm.to_jwk(key, as_dict=True)
    elif isinstance(key, EllipticCurvePublicKey):
        jwk = ECAlgorithm.to_jwk(key, as_dict=True)
    else:
        raise ValueError(f"JWT_PUBLIC_KEY: {file} has neither an RSA nor an EC key")  # noqa: TRY004 - a setting is wrong
    return _usable([jwk], algorithms, "JWT_PUBLIC_KEY")


def from_jwks(text: bytes, algorithms: Iterable[str], setting: str) -> StaticSigningKeys:
    """Return the usable keys of a JWK set. Raise ValueError if it has none."""
    try:
        keys = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{setting}: this is not a JWK set") from error
    return _usable(keys, algorithms, setting)


def _usable(keys: Any, algorithms: Iterable[str], setting: str) -> StaticSigningKeys:
    accepted = tuple(algorithms)
    try:
        keys_in_set = list(PyJWKSet(keys))
    except (PyJWTError, TypeError) as error:
        raise ValueError(f"{setting}: it has no usable key") from error
    usable = [key for key in keys_in_set if key.algorithm_name in accepted and _is_usable(key)]
    if not usable:
        wanted = ", ".join(sorted(accepted))
        raise ValueError(f"{setting}: it has no key for {wanted} (RSA: {MIN_RSA_BITS} bits)")
    return StaticSigningKeys(usable)


def _is_usable(key: PyJWK) -> bool:
    """Return True if the key is public, meant for signatures, and not weak."""
    if key.public_key_use not in {None, "sig"} or key.key_type not in {"RSA", "EC"}:
        return False
    return not isinstance(key.key, RSAPublicKey) or key.key.key_size >= MIN_RSA_BITS
