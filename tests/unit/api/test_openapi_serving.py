"""The OpenAPI document is written while other requests are answered, and only once."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from gala_api.app import create_app
from gala_api.openapi import yaml_format
from tests.support import http

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
async def test_other_requests_are_answered_while_it_is_written(path: str) -> None:
    async with client() as api:
        written = asyncio.create_task(api.get(path))
        assert (await api.get("/livez")).is_success
        assert not written.done()
        assert (await written).text == (await api.get(path)).text


async def test_its_yaml_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    original = yaml_format.as_yaml
    monkeypatch.setattr(yaml_format, "as_yaml", lambda one: calls.append(1) or original(one))
    async with client() as api:
        answers = await asyncio.gather(*(api.get("/openapi.yaml") for _ in range(3)))
    assert {answer.headers["content-type"] for answer in answers} == {"application/yaml"}
    assert len({answer.text for answer in answers}) == len(calls) == 1


def client() -> httpx.AsyncClient:
    """Return a client of an API that was not started."""
    transport = httpx.ASGITransport(create_app())
    return http.AsyncClient(transport=transport, base_url="http://localhost")
