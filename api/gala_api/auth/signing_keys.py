"""The keys that tokens are signed with, as the operator has configured them."""

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
from gala.signing import MIN_SECRET_CHARACTERS
from gala_api.auth.errors import Reason, Refused

log = logging.getLogger(__name__)

MIN_RSA_BITS: Final = 2048
MAX_SET_BYTES: Final = 1024 * 1024
FETCH_SECONDS: Final = 5.0
FRESH_SECONDS: Final = 600.0
"""After so long the keys are fetched anew, so that one that was withdrawn ends."""
STALE_SECONDS: Final = 3600.0
"""So long the last known keys hold while their server is away."""
PAUSE_SECONDS: Final = 30.0
"""Tokens with unknown keys cannot make us fetch more often than this."""
FIRST_PAUSE_SECONDS: Final = 2.0
"""While there are no keys at all: soon again, but not once for each request that waits."""


class Signers(Protocol):
    """Finds the key that a token names."""

    def find(self, key_id: str | None, algorithm: str) -> PyJWK:
        """The key. Raises Refused if there is none, Unavailable if that cannot be told."""


class KnownSigners:
    """Keys that are all there. Each is good for one algorithm only, whatever a token says."""

    def __init__(self, keys: Iterable[PyJWK]):
        self._keys = tuple(keys)

    def find(self, key_id: str | None, algorithm: str) -> PyJWK:
        """By its id, or the only one of this algorithm if the token or the key has no id."""
        fitting = [key for key in self._keys if key.algorithm_name == algorithm]
        for key in fitting:
            if key_id is not None and key.key_id == key_id:
                return key
        if len(fitting) == 1 and (key_id is None or fitting[0].key_id is None):
            return fitting[0]
        raise Refused(
            Reason.UNKNOWN_SIGNER, "The key that this token is signed with is not known here."
        )


class FetchedSigners:
    """Keys of a JWKS URL: kept for a while, and fetched again when a token names a new one."""

    def __init__(
        self,
        url: str,
        read: Callable[[bytes], KnownSigners],
        *,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._url = url
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._known: KnownSigners | None = None
        self._fetched_at = self._tried_at = -STALE_SECONDS

    def find(self, key_id: str | None, algorithm: str) -> PyJWK:
        """The key that the token names, from the set as it is now if need be."""
        known = self._current()
        try:
            return known.find(key_id, algorithm)
        except Refused:
            self._refresh()
            return self._current().find(key_id, algorithm)

    def _current(self) -> KnownSigners:
        if self._clock() - self._fetched_at >= FRESH_SECONDS:
            self._refresh()
        if self._known is None or self._clock() - self._fetched_at >= STALE_SECONDS:
            raise Unavailable("Tokens cannot be checked now: the keys of their issuer are missing.")
        return self._known

    def _refresh(self) -> None:
        with self._lock:
            pause = FIRST_PAUSE_SECONDS if self._known is None else PAUSE_SECONDS
            if self._clock() - self._tried_at < pause:
                return
            self._tried_at = self._clock()
            try:
                self._known = self._read(_fetch(self._url))
            except (httpx.HTTPError, ValueError) as error:
                log.warning("JWT_JWKS_URL: the keys cannot be fetched: %s", error)
                return
            self._fetched_at = self._tried_at


def _fetch(url: str) -> bytes:
    """The set as it is sent. Raises httpx.HTTPError, or ValueError for an endless one."""
    gathered = bytearray()
    with httpx.stream("GET", url, timeout=FETCH_SECONDS) as answer:
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            gathered += chunk
            if len(gathered) > MAX_SET_BYTES:
                raise ValueError(f"more than {MAX_SET_BYTES} bytes")
    return bytes(gathered)


def of_secret(secret: SecretStr) -> KnownSigners:
    """The one that signs with a shared secret. Raises ValueError for one too short."""
    value = secret.get_secret_value().encode()
    if len(value) < MIN_SECRET_CHARACTERS:
        raise ValueError(f"JWT_SECRET: at least {MIN_SECRET_CHARACTERS} bytes")
    encoded = base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    return KnownSigners([PyJWK({"kty": "oct", "k": encoded}, "HS256")])


def of_pem(file: Path, algorithms: Iterable[str]) -> KnownSigners:
    """The one whose public key is in a PEM file. Raises ValueError for anything else."""
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"JWT_PUBLIC_KEY: {file} is no PEM file with a public key") from error
    if isinstance(key, RSAPublicKey):
        described = RSAAlgorithm.to_jwk(key, as_dict=True)
    elif isinstance(key, EllipticCurvePublicKey):
        described = ECAlgorithm.to_jwk(key, as_dict=True)
    else:
        raise ValueError(f"JWT_PUBLIC_KEY: {file} holds neither an RSA nor an EC key")  # noqa: TRY004 - a setting is wrong
    return _usable([described], algorithms, "JWT_PUBLIC_KEY")


def of_set(text: bytes, algorithms: Iterable[str], setting: str) -> KnownSigners:
    """Those of a JWK set. Raises ValueError if it holds no key that serves."""
    try:
        keys = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{setting}: this is no JWK set") from error
    return _usable(keys, algorithms, setting)


def _usable(keys: Any, algorithms: Iterable[str], setting: str) -> KnownSigners:
    accepted = tuple(algorithms)
    try:
        known = list(PyJWKSet(keys))
    except (PyJWTError, TypeError) as error:
        raise ValueError(f"{setting}: it holds no key that can be used") from error
    serving = [key for key in known if key.algorithm_name in accepted and _serves(key)]
    if not serving:
        wanted = ", ".join(sorted(accepted))
        raise ValueError(f"{setting}: it holds no key for {wanted} (RSA: {MIN_RSA_BITS} bits)")
    return KnownSigners(serving)


def _serves(key: PyJWK) -> bool:
    """Whether signatures are checked with it: public, for signing, and not weak."""
    if key.public_key_use not in {None, "sig"} or key.key_type not in {"RSA", "EC"}:
        return False
    return not isinstance(key.key, RSAPublicKey) or key.key.key_size >= MIN_RSA_BITS
