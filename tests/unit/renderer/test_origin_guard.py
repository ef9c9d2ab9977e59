"""Web pages cannot use the renderer or Chatterbox's server, by their own name or by another."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from gala_renderer.http.origin_guard import OriginGuard, Rejection
from gala_renderer.settings import RendererSettings
from tests.support import http


def rejected(rejection: Rejection) -> Response:
    body = {"field": rejection.field, "error": f"{rejection.message} {rejection.hint}"}
    return JSONResponse(body, rejection.status)


async def ask(method: str = "POST", **headers: str) -> httpx.Response:
    hosts = ("renderer", "Media.Example.com")
    app = OriginGuard(Response("in"), hosts=hosts, setting="THE_SETTING", respond=rejected)
    transport = httpx.ASGITransport(app)
    async with http.AsyncClient(transport=transport, base_url="http://localhost:9000") as client:
        return await client.request(method, "/speech", headers=headers)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST:9000", "localhost.:9000", "127.0.0.1:9000", "[::1]:9000"),
        *("10.1.2.3:9000", "[fd00::7]", "renderer", "renderer:9000", "media.example.com:443"),
        socket.gethostname(),
    ],
)
async def test_its_own_names_and_addresses_are_known(host: str) -> None:
    assert (await ask(Host=host)).text == "in"


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "2130706433"),
        *("renderer.evil.example", "xrenderer", "renderer@evil.example", "renderer/x", "[::1"),
        *("renderer:port", " ", "0x7f.1"),
    ],
)
async def test_another_name_that_leads_here_is_misdirected(method: str, host: str) -> None:
    answer = await ask(method, Host=host)
    assert answer.status_code == 421
    assert answer.json()["field"] == "Host"
    assert "THE_SETTING" in answer.json()["error"]


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:3000", "http://localhost:9000", ""]
)
async def test_web_pages_are_not_answered(method: str, origin: str) -> None:
    answer = await ask(method, Origin=origin)
    assert answer.status_code == 403
    assert answer.json()["field"] == "Origin"


def test_a_setting_that_is_no_host_name_is_told(tmp_path: Path) -> None:
    values: dict[str, Any] = {"data_root": tmp_path, "renderer_allowed_hosts": "renderer,http://x"}
    with pytest.raises(ValidationError, match="without http://"):
        RendererSettings(**values)
