"""Speech, captioned videos and merges from Python: :class:`gala.MediaService` and its results.

>>> from gala import MediaService
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gala.media_service.service import (
        GeneratedImage,
        GeneratedTTS,
        GeneratedVideo,
        MediaService,
    )

__all__ = ["GeneratedImage", "GeneratedTTS", "GeneratedVideo", "MediaService"]


def __getattr__(name: str) -> Any:
    # Imported late because the renderer's library uses single modules of this package only.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gala.media_service import service  # noqa: PLC0415

    return getattr(service, name)
