"""Request headers of several routes."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Header

from gala_api.schemas.common import NO_CONTROLS

REPLAYED: Final = "Idempotency-Replayed"
"""Response header, ``true`` if an earlier request with the same key was repeated."""


def replay_headers(*, replayed: bool) -> dict[str, str]:
    """Return the headers that report a repeated request; none for a new one."""
    return {REPLAYED: "true"} if replayed else {}


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=NO_CONTROLS,
        description="The same key returns the same job for 24 hours, with the response header"
        f" `{REPLAYED}: true`; another body is rejected.",
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    ),
]
