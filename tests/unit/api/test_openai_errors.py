"""Errors under ``/v1`` as OpenAI's SDK treats them: what it repeats and what it reports at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI

from gala.errors import (
    DeadlineExceeded,
    EngineMissing,
    GalaError,
    RateLimited,
    RenderFailed,
    StorageFailed,
    Unavailable,
)
from gala_api.errors import handlers
from gala_api.openai.errors import ERROR_FORMAT
from tests.support import http

if TYPE_CHECKING:
    import openai


def requests_until_the_sdk_gives_up(error: GalaError) -> tuple[int, openai.APIStatusError]:
    """Return how many requests the SDK sent to a route that raises the error, and its report."""
    # Above, every process that collects the tests would need more than a second for it.
    import openai

    app = FastAPI()
    handlers.install(app, [ERROR_FORMAT])
    sent = 0

    @app.post("/v1/audio/speech")
    async def speech() -> None:
        nonlocal sent
        sent += 1
        raise error

    async def call() -> openai.APIStatusError:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with openai.AsyncOpenAI(
            base_url="http://gala/v1",
            api_key="none",
            max_retries=1,
            http_client=http.AsyncClient(transport=transport),
        ) as client:
            with pytest.raises(openai.APIStatusError) as caught:
                await client.audio.speech.create(model="tts-1", voice="alloy", input="Hello")
        return caught.value

    reported = asyncio.run(call())
    return sent, reported


def test_a_missing_model_is_501_and_is_not_asked_for_again() -> None:
    sent, reported = requests_until_the_sdk_gives_up(EngineMissing("Whisper is not installed."))
    assert (sent, reported.status_code) == (1, 501)
    assert "Whisper is not installed" in reported.message
    assert reported.code == "engine_missing"


@pytest.mark.parametrize(
    ("error", "status"),
    [(RenderFailed(), 500), (StorageFailed(), 502), (DeadlineExceeded(), 504)],
    ids=lambda value: type(value).__name__,
)
def test_what_would_fail_again_is_not_repeated(error: GalaError, status: int) -> None:
    sent, reported = requests_until_the_sdk_gives_up(error)
    assert (sent, reported.status_code) == (1, status)


@pytest.mark.parametrize(
    ("error", "status"),
    [(Unavailable(), 503), (RateLimited(), 429), (GalaError(), 500)],
    ids=lambda value: type(value).__name__,
)
def test_what_may_pass_is_repeated(error: GalaError, status: int) -> None:
    sent, reported = requests_until_the_sdk_gives_up(error)
    assert (sent, reported.status_code) == (2, status)
