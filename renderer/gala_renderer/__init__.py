"""The media engine, and GALA's Python library for local work without a server.

The public names are imported at first use: importing the package loads no model, torch or FFmpeg.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gala.media_service.file_store import StorageManager
    from gala_renderer.library.caption import Caption
    from gala_renderer.library.chatterbox import ChatterboxTTS
    from gala_renderer.library.kokoro import KokoroTTS
    from gala_renderer.library.media_utils import MediaUtils
    from gala_renderer.library.presenter import Presenter
    from gala_renderer.library.stt import STT
    from gala_renderer.library.video_builder import VideoBuilder
    from gala_renderer.model_workers.devices import get_device_info

    device: str
    """``cuda``, ``mps`` or ``cpu``."""

__all__ = [
    "STT",
    "Caption",
    "ChatterboxTTS",
    "KokoroTTS",
    "MediaUtils",
    "Presenter",
    "StorageManager",
    "VideoBuilder",
    "device",
    "get_device_info",
]

_MODULES: Final[Mapping[str, str]] = {
    "STT": "gala_renderer.library.stt",
    "Caption": "gala_renderer.library.caption",
    "ChatterboxTTS": "gala_renderer.library.chatterbox",
    "KokoroTTS": "gala_renderer.library.kokoro",
    "MediaUtils": "gala_renderer.library.media_utils",
    "Presenter": "gala_renderer.library.presenter",
    "StorageManager": "gala.media_service.file_store",
    "VideoBuilder": "gala_renderer.library.video_builder",
    "get_device_info": "gala_renderer.model_workers.devices",
}


def __getattr__(name: str) -> Any:
    if name == "device":
        return importlib.import_module(f"{__name__}.model_workers.devices").find_device()
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
