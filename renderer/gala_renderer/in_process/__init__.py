"""The engine as a part of somebody's program: no server, no database, no queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gala.engine import INSTALL
from gala.errors import EngineMissing

if TYPE_CHECKING:
    from gala_renderer.in_process.local_engine import InProcessEngine

_NEEDED: Final = (
    "av", "bidi", "budoux", "espeakng_loader", "ffmpeg", "fontTools", "numpy", "PIL",
    "pocketsphinx", "pysubs2", "uharfbuzz",
)  # fmt: skip

_made: dict[Path | None, InProcessEngine] = {}
_making = threading.Lock()


def engine(ffmpeg: Path | None = None) -> InProcessEngine:
    """The one engine of this process for that FFmpeg (its own by default), made at first use.

    Raises ``EngineMissing`` naming what is not installed, ``Unavailable`` without that FFmpeg.
    """
    with _making:
        found = _made.get(ffmpeg)
        if found is None or not found.usable:
            _made[ffmpeg] = found = _maker()(ffmpeg)
        return found


def _maker() -> Callable[[Path | None], InProcessEngine]:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise EngineMissing(
            f"The media engine is not installed here ({', '.join(missing)} missing): {INSTALL}."
        )
    from gala_renderer.in_process.local_engine import InProcessEngine  # noqa: PLC0415 - needs all of these

    return InProcessEngine
