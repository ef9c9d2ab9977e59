"""Signed links give access to an asset's bytes without a header until they expire."""

from __future__ import annotations

import time

import httpx
import pytest
from pydantic import SecretStr

from gala.signing import Keyring
from tests.fakes.media_files import PICTURE, make
from tests.platform.stack import SECRET_KEY, Stack
from tests.support import http

WEEK = 7 * 24 * 3600


@pytest.fixture
def asset_id(api_only_client: httpx.Client, picture: bytes) -> str:
    answer = api_only_client.post(
        "/assets", data={"kind": "overlay"}, files={"file": ("a.png", picture)}
    )
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["asset"]["id"]
    return found


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("media") / "a.png", *PICTURE).read_bytes()


def signed(asset_id: str, expires: int) -> str:
    signature = Keyring(SecretStr(SECRET_KEY)).content_signature(asset_id, expires)
    return f"/assets/{asset_id}/content?expires={expires}&signature={signature}"


def refused(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 403, answer.text
    error = answer.json()["error"]
    assert error["code"] == "FORBIDDEN"
    assert "GET /assets/{assetId}/url" in error["details"]["hint"]
    return {"rule": error["details"]["rule"], "message": error["message"]}


def test_a_link_opens_the_bytes_until_the_moment_that_it_names(
    api_only_client: httpx.Client, asset_id: str, picture: bytes
) -> None:
    before = int(time.time())
    link = api_only_client.get(f"/assets/{asset_id}/url", params={"expires_in": 600}).json()
    expires = int(httpx.URL(link["url"]).params["expires"])
    assert before + 600 <= expires <= time.time() + 600
    named = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(expires))
    assert link["expires_at"] == named
    answer = api_only_client.get(link["url"])
    assert answer.content == picture
    kept, age, _ = answer.headers["cache-control"].split(", ")
    assert kept == "private"
    assert 0 < int(age.removeprefix("max-age=")) <= 600
    assert api_only_client.head(link["url"]).status_code == 200
    part = api_only_client.get(link["url"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, picture[:4])


@pytest.mark.parametrize("seconds", ["0", "-1", str(WEEK + 1), "soon"])
def test_a_link_for_no_time_or_for_more_than_a_week_is_refused(
    api_only_client: httpx.Client, asset_id: str, seconds: str
) -> None:
    answer = api_only_client.get(f"/assets/{asset_id}/url", params={"expires_in": seconds})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == "expires_in"


def test_a_link_that_has_ended_says_so(api_only_client: httpx.Client, asset_id: str) -> None:
    told = refused(api_only_client.get(signed(asset_id, int(time.time()) - 1)))
    assert told["rule"] == "expired"
    assert "expired at" in told["message"]


def test_a_link_that_was_changed_is_refused_also_for_who_may_read_the_asset(
    api_only_client: httpx.Client, asset_id: str
) -> None:
    expires = int(time.time()) + 60
    link = signed(asset_id, expires)
    changed = [
        link.replace(f"expires={expires}", f"expires={expires + 1}"),
        link.replace(f"expires={expires}", f"expires=0{expires}"),
        link.replace(f"expires={expires}", "expires=" + "9" * 400),
        f"{link[:-1]}{'A' if link[-1] != 'A' else 'B'}",
        f"{link}%C3%B1",
        link.partition("&")[0],
        f"/assets/{asset_id}/content?signature=",
        signed("ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF", expires).replace(
            "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF", asset_id
        ),
    ]
    for url in changed:
        assert refused(api_only_client.get(url))["rule"] == "signature", url


def test_a_link_to_an_asset_that_is_gone_finds_nothing(
    api_only_client: httpx.Client, asset_id: str
) -> None:
    link = signed(asset_id, int(time.time()) + 60)
    assert api_only_client.delete(f"/assets/{asset_id}").status_code == 204
    assert api_only_client.get(link).status_code == 404


def test_a_link_signed_with_another_secret_is_refused(api_only: Stack, asset_id: str) -> None:
    expires = int(time.time()) + 60
    other = Keyring(SecretStr("x" * 32)).content_signature(asset_id, expires)
    url = f"{api_only.base_url}/assets/{asset_id}/content"
    answer = http.get(url, params={"expires": expires, "signature": other}, trust_env=False)
    assert refused(answer)["rule"] == "signature"
