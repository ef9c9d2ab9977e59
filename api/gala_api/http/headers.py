"""Request headers of several routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from gala_api.schemas.common import NO_CONTROLS

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=NO_CONTROLS,
        description="The same key returns the same job for 24 hours; another body is rejected.",
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    ),
]
