"""Settings that do not fit together are rejected at start-up, with their names and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gala_api.auth.checks import check
from gala_api.settings import ApiSettings
from tests.fakes.jwt_issuer import Issuer

SECRET = "a secret of thirty-two characters or more"
JWT = {"AUTH_MODE": "jwt", "JWT_AUDIENCE": "gala", "JWT_ISSUER": "https://issuer.example.com/"}
HMAC = {**JWT, "JWT_SECRET": SECRET}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    (tmp_path / "issuer.pem").write_bytes(Issuer().public_pem)
    (tmp_path / "jwks.json").write_text(Issuer().key_set)

    def read(**env: str) -> ApiSettings:
        for name in ("GALA_SECRET_KEY", "AUTH_MODE", "API_HOST", "AUTH_INSECURE_BIND"):
            monkeypatch.delenv(name, raising=False)
        servers = {"DATABASE_URL": "postgresql://db/gala", "REDIS_URL": "redis://redis"}
        for name, value in {**servers, **env}.items():
            monkeypatch.setenv(name, value.replace("FOLDER", str(tmp_path)))
        return ApiSettings()

    return read


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"AUTH_MODE": "none", "API_HOST": "localhost"},
        {"API_HOST": "::1"},
        {"API_HOST": "127.0.0.53"},
        {"API_HOST": "0.0.0.0", "AUTH_INSECURE_BIND": "1"},
        {"API_HOST": "0.0.0.0", "AUTH_MODE": "keys", "GALA_SECRET_KEY": SECRET},
        HMAC,
        {**HMAC, "AUTH_MODE": "keys, jwt", "GALA_SECRET_KEY": SECRET},
        {**JWT, "JWT_PUBLIC_KEY": "FOLDER/issuer.pem"},
        {**JWT, "JWT_JWKS_FILE": "FOLDER/jwks.json", "JWT_ALGORITHMS": "RS256, ES256"},
        {**JWT, "JWT_JWKS_URL": "https://issuer.example.com/jwks.json", "JWT_ALGORITHMS": "ES256"},
    ],
)
def test_what_is_safe_may_start(settings: object, env: dict[str, str]) -> None:
    check(settings(**env))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({"API_HOST": "0.0.0.0"}, ("AUTH_MODE=keys", "AUTH_INSECURE_BIND=1")),
        ({"API_HOST": "::"}, ("AUTH_MODE=keys", "AUTH_INSECURE_BIND=1")),
        ({"API_HOST": "192.168.1.5"}, ("AUTH_MODE=keys", "AUTH_INSECURE_BIND=1")),
        ({"API_HOST": "gala.example.com"}, ("AUTH_MODE=keys", "AUTH_INSECURE_BIND=1")),
        ({"AUTH_MODE": "keys"}, ("GALA_SECRET_KEY",)),
        ({"AUTH_MODE": "keys", "GALA_SECRET_KEY": "short"}, ("GALA_SECRET_KEY",)),
        (JWT, ("JWT_SECRET", "JWT_JWKS_URL")),
        ({**HMAC, "JWT_AUDIENCE": ""}, ("JWT_AUDIENCE",)),
        ({**HMAC, "JWT_ISSUER": ""}, ("JWT_ISSUER",)),
        ({**HMAC, "JWT_SECRET": "short"}, ("JWT_SECRET",)),
        ({**HMAC, "JWT_PUBLIC_KEY": "FOLDER/issuer.pem"}, ("JWT_PUBLIC_KEY", "JWT_SECRET")),
        ({**HMAC, "JWT_ALGORITHMS": "HS256,RS256"}, ("JWT_ALGORITHMS",)),
        (
            {**JWT, "JWT_PUBLIC_KEY": "FOLDER/issuer.pem", "JWT_ALGORITHMS": "RS256,HS256"},
            ("JWT_ALGORITHMS",),
        ),
        ({**JWT, "JWT_PUBLIC_KEY": "FOLDER/issuer.pem", "JWT_ALGORITHMS": "ES256"}, ("ES256",)),
        ({**JWT, "JWT_JWKS_FILE": "FOLDER/missing.json"}, ("JWT_JWKS_FILE",)),
    ],
)
def test_what_is_not_is_refused_by_name(
    settings: object, env: dict[str, str], names: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match=r"[A-Z]_[A-Z]") as refusal:
        check(settings(**env))  # type: ignore[operator]
    for name in names:
        assert name in str(refusal.value)
    for secret in ("short", SECRET):
        assert secret not in str(refusal.value)


@pytest.mark.parametrize("mode", ["none,keys", "some", "keys,", ","])
def test_a_mode_that_is_none_is_refused(settings: object, mode: str) -> None:
    with pytest.raises(ValidationError, match=r"auth_mode"):
        settings(AUTH_MODE=mode)  # type: ignore[operator]


def test_settings_show_no_secret_when_they_are_printed(settings: object) -> None:
    printed = repr(settings(**HMAC, GALA_SECRET_KEY=SECRET))  # type: ignore[operator]
    assert SECRET not in printed
