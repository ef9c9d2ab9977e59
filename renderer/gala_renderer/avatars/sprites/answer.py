"""What the program that checks sprites answers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SpritesAnswer(BaseModel):
    """Why sprites are refused, and the sprite or ``anchors.<slot>``; nothing if they are good."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    refused: str | None = None
    field: str | None = None
