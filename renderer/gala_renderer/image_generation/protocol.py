"""Whoever makes pictures from prompts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gala.generation.image_requests import ImageRequest
from gala_renderer.engine.plan import Report


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """A picture as it came: of a usual type, but not of a known size, nor ever decoded."""

    path: Path
    mime: str
    warnings: tuple[str, ...] = ()


class ImageGenerator(Protocol):
    """Makes pictures; cancelling the task ends the work."""

    @property
    def version(self) -> str:
        """Changes when the same prompt and seed may give another picture."""

    def require(self, picture: ImageRequest) -> None:
        """Raise ``EngineMissing`` saying what to set, or ``InvalidRequest`` naming the field, if
        it cannot make this."""

    async def generate(self, picture: ImageRequest, folder: Path, report: Report) -> GeneratedImage:
        """Make it, in that folder; raises what its failure means."""

    async def close(self) -> None:
        """End whatever it keeps running."""
