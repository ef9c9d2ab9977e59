"""OpenAI's SDK with GALA's address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import http

if TYPE_CHECKING:
    import openai


def openai_client(base_url: str, *, timeout_seconds: float) -> openai.OpenAI:
    """Return the SDK as its users create it; close it after use."""
    # Above, every process that collects the tests would need more than a second for it.
    import openai

    return openai.OpenAI(
        base_url=f"{base_url}/v1",
        api_key="none",
        max_retries=0,
        timeout=timeout_seconds,
        http_client=http.Client(trust_env=False),
    )
