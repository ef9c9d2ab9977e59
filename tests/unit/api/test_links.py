"""URLs of this API are recognised, and their signatures checked."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gala_api.app import create_app
from gala_api.assets.signed_links import OwnLink, own_asset_id, own_link, signed_link
from gala_api.dependencies import Services
from gala_api.settings import ApiSettings
from gala_storage import StorageSettings
from tests.support import http

ASSET = "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """An API behind a proxy, with a path prefix; nothing is connected."""
    settings = {
        "database_url": "postgresql://localhost:1/none",
        "redis_url": "redis://localhost:1",
        "public_base_url": "https://media.example.com/gala/",
        "gala_secret_key": "s" * 32,
        "data_root": tmp_path / "data",
    }
    storage = StorageSettings(storage_local_root=tmp_path / "storage")
    return create_app(ApiSettings.model_validate(settings), storage)


@pytest.fixture
def services(app: FastAPI) -> Services:
    """Its services."""
    found: Services = app.state.services
    return found


@pytest.mark.parametrize(
    "url",
    [
        f"https://media.example.com/gala/assets/{ASSET}/content",
        f"https://MEDIA.example.com:443/gala/assets/{ASSET}/content?download=true",
        f"http://localhost:8080/assets/{ASSET}/content",
        f"http://127.0.0.1:8080/assets/{ASSET}/content",
        f"http://[::1]:8080/assets/{ASSET}/content?expires=1&signature=x",
    ],
)
def test_a_content_url_of_this_api_names_its_asset(services: Services, url: str) -> None:
    assert own_asset_id(services, url) == ASSET
    assert own_link(services, url) == OwnLink(ASSET, valid=False)


@pytest.mark.parametrize(
    "url",
    [
        f"https://media.example.com/assets/{ASSET}/content",
        f"http://media.example.com/gala/assets/{ASSET}/content",
        f"https://media.example.com:8443/gala/assets/{ASSET}/content",
        f"https://media.example.com.evil.example/gala/assets/{ASSET}/content",
        f"https://user@media.example.com/gala/assets/{ASSET}/content",
        f"https://localhost:8080/assets/{ASSET}/content",
        f"http://localhost:9000/assets/{ASSET}/content",
        f"http://localhost:8080/assets/{ASSET}/content/../../jobs",
        f"http://localhost:8080/assets/{ASSET}",
        "http://localhost:8080/assets/ast_1/content",
        "http://localhost:99999/assets/x/content",
        "http://[::1/assets/x/content",
        f"ftp://localhost:8080/assets/{ASSET}/content",
        "",
    ],
)
def test_any_other_url_is_not_ours(services: Services, url: str) -> None:
    assert own_link(services, url) is None
    assert own_asset_id(services, url) is None


def test_a_signed_link_holds_for_this_asset_until_it_ends(services: Services) -> None:
    link = signed_link(services, ASSET, 60)
    assert abs(link.expires_at.timestamp() - time.time() - 60) < 30
    assert own_link(services, link.url) == OwnLink(ASSET, valid=True)
    other = link.url.replace(ASSET, f"{ASSET[:-1]}G")
    assert own_link(services, other) == OwnLink(f"{ASSET[:-1]}G", valid=False)
    ended = signed_link(services, ASSET, 0)
    assert own_link(services, ended.url) == OwnLink(ASSET, valid=False)


def test_locations_begin_with_the_prefix_at_which_a_proxy_has_the_api(services: Services) -> None:
    assert services.settings.location("/jobs/job_1") == "/gala/jobs/job_1"
    plain = services.settings.model_copy(update={"public_base_url": "https://media.example.com/"})
    assert plain.location("/jobs/job_1") == "/jobs/job_1"


@pytest.mark.anyio
async def test_the_contract_and_its_address_begin_with_that_prefix_too(app: FastAPI) -> None:
    """What a client claims about a proxy is not believed."""
    transport = httpx.ASGITransport(app)
    claimed = {"X-Forwarded-Prefix": "/evil", "X-Forwarded-Host": "evil.example"}
    async with http.AsyncClient(
        transport=transport, base_url="http://localhost:8080", headers=claimed
    ) as api:
        index = (await api.get("/")).json()
        assert index["contract"] == "/gala/openapi.json"
        contract = (await api.get("/openapi.json")).json()
    assert contract["servers"][0]["url"] == "/gala"
