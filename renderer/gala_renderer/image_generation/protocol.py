"""The interface of image generators."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gala.generation.image_requests import ImageRequest
from gala_renderer.engine.plan import Report


@dataclass(frozen=True, slots=True)
class ImageResult:
    """A generated image file: of a supported media type, not decoded, of unknown size."""

    path: Path
    mime: str
    warnings: tuple[str, ...] = ()


class ImageGenerator(Protocol):
    """Generates images; cancelling the task stops the work."""

    @property
    def version(self) -> str:
        """A string that changes when the same prompt and seed may give another image."""

    def require(self, picture: ImageRequest) -> None:
        """Raise ``EngineMissing`` saying what to set, or ``InvalidRequest`` naming the field, if
        the image cannot be generated."""

    async def generate(self, picture: ImageRequest, folder: Path, report: Report) -> ImageResult:
        """Generate the image into ``folder``. Raise the ``GalaError`` of a failure."""

    async def close(self) -> None:
        """End worker processes, if any."""
