"""The engine inside the calling program: no server, no database, no queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gala.errors import EngineMissing
from gala.installation import install_hint

if TYPE_CHECKING:
    from gala_renderer.in_process.local_engine import InProcessEngine

_REQUIRED: Final = (
    "av", "bidi", "budoux", "espeakng_loader", "ffmpeg", "fontTools", "numpy", "PIL",
    "pocketsphinx", "pysubs2", "uharfbuzz",
)  # fmt: skip

_engines: dict[Path | None, InProcessEngine] = {}
_lock = threading.Lock()


def engine(ffmpeg: Path | None = None) -> InProcessEngine:
    """Return this process's engine for that FFmpeg (the default one if ``None``).

    It is created at first use. Raises ``EngineMissing`` naming the packages that are not installed,
    ``Unavailable`` if there is no such FFmpeg.
    """
    with _lock:
        found = _engines.get(ffmpeg)
        if found is None or not found.usable:
            _engines[ffmpeg] = found = _engine_class()(ffmpeg)
        return found


def _engine_class() -> Callable[[Path | None], InProcessEngine]:
    missing = [name for name in _REQUIRED if find_spec(name) is None]
    if missing:
        raise EngineMissing(
            f"The media engine is not installed here ({', '.join(missing)} missing): "
            f"{install_hint('renderer')}."
        )
    from gala_renderer.in_process.local_engine import InProcessEngine  # noqa: PLC0415 - imports all of these

    return InProcessEngine
