"""Web pages cannot use an API without authentication, by its own name or by another."""

from __future__ import annotations

import httpx
import pytest
from starlette.responses import PlainTextResponse

from gala_api.auth.origin_guard import AllowedCallers, OriginGuard
from tests.support import http

GUARDED = AllowedCallers(
    hosts=frozenset({"gala.example.com", "api"}),
    addresses=False,
    origins=("http://localhost:8081", "https://gala.example.com"),
)


async def ask(method: str, known: AllowedCallers = GUARDED, **headers: str) -> httpx.Response:
    app = OriginGuard(PlainTextResponse("in"), known)
    transport = httpx.ASGITransport(app)
    async with http.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
        return await client.request(method, "/jobs", headers=headers)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8080",
        "localhost.:8080",
        "127.0.0.1:8080",
        "127.8.8.8",
        "[::1]:8080",
        "gala.example.com",
        "Gala.Example.Com:443",
        "api:8080",
        "api",
    ],
)
async def test_our_own_names_are_known(host: str) -> None:
    assert (await ask("GET", Host=host)).text == "in"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "xlocalhost",
        "192.168.1.5:8080",
        "2130706433",
        "0x7f.1",
        "[::ffff:8.8.8.8]",
        "localhost@evil.example",
        "evil.example/localhost",
        "localhost:port",
        "api.evil.example",
        "[::1",
        " ",
    ],
)
async def test_another_name_that_leads_here_is_refused(host: str) -> None:
    for method in ("GET", "POST"):
        answer = await ask(method, Host=host)
        assert answer.status_code == 403
        assert "API_ALLOWED_HOSTS" in answer.json()["error"]["details"]["hint"]


@pytest.mark.anyio
async def test_an_address_will_do_where_others_than_this_machine_may_call() -> None:
    wide = AllowedCallers(hosts=frozenset(), addresses=True, origins=())
    assert (await ask("GET", wide, Host="192.168.1.5:8080")).text == "in"
    assert (await ask("GET", wide, Host="evil.example")).status_code == 403


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://localhost:3000",
        "http://localhost",
        "file://",
        "http://localhost:8081.evil.example",
        "http://evil.example@localhost:8080",
        "",
    ],
)
async def test_pages_of_others_change_nothing(method: str, origin: str) -> None:
    answer = await ask(method, Origin=origin)
    assert answer.status_code == 403
    assert "CORS_ALLOWED_ORIGINS" in answer.json()["error"]["details"]["hint"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "origin", ["http://localhost:8080", "http://localhost:8081", "https://gala.example.com"]
)
async def test_pages_that_are_allowed_may(origin: str) -> None:
    assert (await ask("POST", Origin=origin)).text == "in"


@pytest.mark.anyio
async def test_programs_that_are_no_browsers_name_no_origin_and_pass() -> None:
    assert (await ask("POST")).text == "in"


@pytest.mark.anyio
async def test_what_only_looks_is_left_to_the_browsers_own_rules() -> None:
    assert (await ask("GET", Origin="https://evil.example")).text == "in"
