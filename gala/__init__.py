"""GALA from Python.

>>> from gala import MediaService

The public names are imported when first used, so that importing a part of GALA stays fast.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gala.media_service.service import (
        GeneratedImage,
        GeneratedTTS,
        GeneratedVideo,
        MediaService,
    )

__all__ = ["GeneratedImage", "GeneratedTTS", "GeneratedVideo", "MediaService"]

_MODULES: Final[Mapping[str, str]] = dict.fromkeys(__all__, "gala.media_service.service")


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
