"""Credentials in headers, and the errors for malformed ones."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from starlette.datastructures import Headers

from gala.errors import Unauthorized
from gala.permissions import LOCAL, Role
from gala_api.auth.authenticator import (
    MAX_CHARACTERS,
    CredentialAuthenticator,
    NoAuthentication,
    credential,
)
from gala_api.auth.static_tokens import StaticTokens

KEY = "gala_01JD3Z4V8QJ6X2M0T5B7C9D1EF_" + "k" * 43


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer   {KEY} "},
        {"Authorization": KEY},
        {"X-API-Key": KEY},
    ],
)
def test_a_key_may_come_in_either_header(headers: dict[str, str]) -> None:
    assert credential(Headers(headers)) == KEY


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], "missing"),
        ([("authorization", "")], "missing"),
        ([("authorization", "Bearer ")], "missing"),
        ([("authorization", "Basic YTpi")], "scheme"),
        ([("authorization", f"Bearer {KEY}"), ("x-api-key", KEY)], "several"),
        ([("authorization", f"Bearer {KEY}"), ("authorization", f"Bearer {KEY}")], "several"),
        ([("x-api-key", "k" * (MAX_CHARACTERS + 1))], "too_long"),
    ],
)
def test_anything_but_one_credential_is_refused(
    headers: list[tuple[str, str]], reason: str
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    with pytest.raises(Unauthorized) as refusal:
        credential(Headers(raw=raw))
    assert refusal.value.details["reason"] == reason


@pytest.mark.anyio
@pytest.mark.parametrize("shown", [KEY, "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"])
async def test_a_credential_of_a_kind_that_is_not_asked_for_is_refused(shown: str) -> None:
    with pytest.raises(Unauthorized) as refusal:
        await CredentialAuthenticator(keys=None, tokens=None).principal(
            Headers({"X-API-Key": shown})
        )
    assert refusal.value.details["reason"] == "not_accepted"


@pytest.mark.anyio
async def test_where_nobody_is_asked_everybody_is_the_local_owner() -> None:
    assert await NoAuthentication().principal(Headers({"Authorization": "whatever"})) == LOCAL


LISTED = StaticTokens([SecretStr("first"), SecretStr("second")])


@pytest.mark.anyio
@pytest.mark.parametrize("shown", ["second", "Bearer first"])
async def test_a_listed_token_is_the_local_owner_as_an_editor(shown: str) -> None:
    credentials = CredentialAuthenticator(keys=None, tokens=None, listed=LISTED)
    found = await credentials.principal(Headers({"Authorization": shown}))
    assert (found.owner_id, found.role) == ("local", Role.EDITOR)


@pytest.mark.anyio
@pytest.mark.parametrize("shown", ["Token three words", "Bearer sent whole", "Basic YTpi"])
async def test_a_listed_token_is_compared_as_it_stands_whatever_its_words(shown: str) -> None:
    listed = StaticTokens([SecretStr(shown)])
    credentials = CredentialAuthenticator(keys=None, tokens=None, listed=listed)
    assert (await credentials.principal(Headers({"Authorization": shown}))).owner_id == "local"
    for other in (f"{shown}!", shown.upper(), shown.split(maxsplit=1)[0]):
        with pytest.raises(Unauthorized):
            await credentials.principal(Headers({"Authorization": other}))


@pytest.mark.anyio
@pytest.mark.parametrize("shown", ["third", "", "firs", KEY])
async def test_what_is_not_listed_is_refused(shown: str) -> None:
    credentials = CredentialAuthenticator(keys=None, tokens=None, listed=LISTED)
    with pytest.raises(Unauthorized):
        await credentials.principal(Headers({"Authorization": shown}))
