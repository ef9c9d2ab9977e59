"""The OpenAPI document is written while other requests are answered, and only once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gala_api.app import create_app
from gala_api.openapi import document, yaml_format
from tests.support import http

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_it_is_written_once_in_each_form_while_other_requests_are_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = []

    def counted(form: str, original: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def call(source: Any) -> Any:
            written.append(form)
            return original(source)

        return call

    monkeypatch.setattr(document, "contract", counted("document", document.contract))
    monkeypatch.setattr(yaml_format, "as_yaml", counted("yaml", yaml_format.as_yaml))
    async with client() as api:
        for path, media_type in (
            ("/openapi.json", "application/json"),
            ("/openapi.yaml", "application/yaml"),
        ):
            asked = [asyncio.create_task(api.get(path)) for _ in range(3)]
            assert (await api.get("/livez")).is_success
            assert not any(one.done() for one in asked)
            answers = await asyncio.gather(*asked)
            assert {answer.headers["content-type"] for answer in answers} == {media_type}
            assert len({answer.text for answer in answers}) == 1
    assert written == ["document", "yaml"]


def client() -> httpx.AsyncClient:
    """Return a client of an API that was not started."""
    transport = httpx.ASGITransport(create_app())
    return http.AsyncClient(transport=transport, base_url="http://localhost")
