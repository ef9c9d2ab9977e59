"""Sources of signing keys: a JWK file, a PEM file, or a server that may be unavailable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt.algorithms import RSAAlgorithm

from gala.errors import Unauthorized, Unavailable
from gala_api.auth.signing_keys import (
    FIRST_PAUSE_SECONDS,
    FRESH_SECONDS,
    PAUSE_SECONDS,
    STALE_SECONDS,
    JwksSigningKeys,
    StaticSigningKeys,
    from_jwks,
    from_pem,
)
from tests.fakes.http import Handler, served
from tests.fakes.jwt_issuer import Issuer, rsa_key

ALGORITHMS = ("RS256", "ES256")


def a_key(number: int, bits: int = 2048, **more: str) -> dict[str, str]:
    found: dict[str, str] = RSAAlgorithm.to_jwk(rsa_key(number, bits).public_key(), as_dict=True)
    return found | more


class KeyServer:
    """An issuer's key set over HTTP, and the number of requests for it."""

    def __init__(self) -> None:
        self.keys = [a_key(0, kid="one")]
        self.status = 200
        self.asked = 0
        self.clock = 0.0
        self.url = ""

    def signers(self) -> JwksSigningKeys:
        return JwksSigningKeys(self.url, self._read, clock=lambda: self.clock)

    def _read(self, text: bytes) -> StaticSigningKeys:
        return from_jwks(text, ALGORITHMS, "JWT_JWKS_URL")


@pytest.fixture
def server() -> Iterator[KeyServer]:
    state = KeyServer()

    class Keys(Handler):
        def do_GET(self) -> None:  # noqa: N802 - the base's name
            state.asked += 1
            self.answer(state.status, json.dumps({"keys": state.keys}).encode())

    with served(Keys) as state.url:
        yield state


def test_keys_are_fetched_once_and_kept_for_a_while(server: KeyServer) -> None:
    signers = server.signers()
    for _ in range(5):
        assert signers.find("one", "RS256").key_id == "one"
    assert server.asked == 1
    server.clock += FRESH_SECONDS
    signers.find("one", "RS256")
    assert server.asked == 2


def test_a_new_key_is_found_when_a_token_first_names_it(server: KeyServer) -> None:
    signers = server.signers()
    signers.find("one", "RS256")
    server.keys.append(a_key(1, kid="two"))
    server.clock += PAUSE_SECONDS
    assert signers.find("two", "RS256").key_id == "two"


def test_unknown_keys_cannot_make_us_ask_again_and_again(server: KeyServer) -> None:
    signers = server.signers()
    for number in range(50):
        with pytest.raises(Unauthorized):
            signers.find(f"guess-{number}", "RS256")
    assert server.asked == 1
    server.clock += PAUSE_SECONDS
    for number in range(50):
        with pytest.raises(Unauthorized):
            signers.find(f"guess-{number}", "RS256")
    assert server.asked == 2


def test_a_key_that_was_withdrawn_ends_with_the_next_look(server: KeyServer) -> None:
    signers = server.signers()
    signers.find("one", "RS256")
    server.keys = [a_key(1, kid="two")]
    server.clock += FRESH_SECONDS
    with pytest.raises(Unauthorized):
        signers.find("one", "RS256")


def test_known_keys_outlast_their_server_for_an_hour_and_no_longer(server: KeyServer) -> None:
    signers = server.signers()
    signers.find("one", "RS256")
    server.status = 500
    server.clock += STALE_SECONDS - 1
    assert signers.find("one", "RS256").key_id == "one"
    server.clock += 1
    with pytest.raises(Unavailable):
        signers.find("one", "RS256")
    server.status = 200
    server.clock += PAUSE_SECONDS
    assert signers.find("one", "RS256").key_id == "one"


def test_without_any_keys_it_is_the_server_that_is_missing(server: KeyServer) -> None:
    server.status = 404
    with pytest.raises(Unavailable):
        server.signers().find("one", "RS256")


def test_while_there_are_no_keys_each_request_does_not_ask_for_them(server: KeyServer) -> None:
    signers = server.signers()
    server.status = 500
    for _ in range(50):
        with pytest.raises(Unavailable):
            signers.find("one", "RS256")
    assert server.asked == 1
    server.status = 200
    server.clock += FIRST_PAUSE_SECONDS
    assert signers.find("one", "RS256").key_id == "one"


def test_an_endless_key_set_is_not_read_to_its_end(server: KeyServer) -> None:
    server.keys = [{"kid": "x" * 2_000_000}]
    with pytest.raises(Unavailable):
        server.signers().find("one", "RS256")


@pytest.mark.parametrize(
    "text",
    [
        b"no JSON",
        b"[]",
        b"{}",
        b'{"keys": 7}',
        b'{"keys": []}',
        b'{"keys": [7, {"kty": "RSA"}]}',
        b'{"keys": [{"kty": "oct", "k": "c2VjcmV0IGVub3VnaCB0byBzaWduIHRva2VucyB3aXRo"}]}',
        b'{"keys": [{"kty": "RSA", "alg": ["RS256"]}]}',
        json.dumps({"keys": [a_key(2, 1024)]}).encode(),
        json.dumps({"keys": [a_key(0, use="enc")]}).encode(),
        json.dumps({"keys": [a_key(0, alg="RS512")]}).encode(),
        b'{"keys":' + b"[" * 100_000,
    ],
)
def test_a_set_without_a_strong_public_signing_key_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"^JWT_JWKS_FILE: "):
        from_jwks(text, ALGORITHMS, "JWT_JWKS_FILE")


def test_a_pem_file_serves_tokens_with_any_key_id_or_none(tmp_path: Path) -> None:
    file = tmp_path / "issuer.pem"
    file.write_bytes(Issuer().public_pem)
    signers = from_pem(file, ALGORITHMS)
    assert signers.find(None, "RS256") is signers.find("whatever", "RS256")
    with pytest.raises(Unauthorized):
        signers.find(None, "ES256")


def test_a_private_or_weak_or_missing_pem_is_refused(tmp_path: Path) -> None:
    private = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    weak = rsa_key(2, 1024).public_key()
    files = {
        "private": private,
        "weak": weak.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "none": b"",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for name in (*files, "missing"):
        with pytest.raises(ValueError, match=r"^JWT_PUBLIC_KEY: "):
            from_pem(tmp_path / name, ALGORITHMS)
