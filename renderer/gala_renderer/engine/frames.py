"""Single frames of compositions: outside of the engine's slots, as somebody waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gala.errors import DeadlineExceeded, Unavailable
from gala.files import disk_errors
from gala.frame_protocol import FRAME_SECONDS
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.engine import RenderEngine
from gala_renderer.timeline.frame import FrameDrawing, FrameOrder
from gala_renderer.timeline.frame_material import FrameMemory

_PREFIX: Final = "frame-"
_ABANDONED_SECONDS: Final = 60 * 60
_ATTEMPT: Final = "1"


class TimelineFrames:
    """Draws frames, as many at once as the engine has slots; the others wait."""

    def __init__(self, engine: RenderEngine):
        self._engine = engine
        self._slots = asyncio.Semaphore(engine.settings.renderer_slots)
        self._memory = FrameMemory()
        self._jobs = engine.settings.data_root / "jobs"

    async def draw(self, order: FrameOrder) -> bytes:
        """Return the picture. Raise what :meth:`FrameDrawing.draw` does, DeadlineExceeded, or
        Unavailable when shutting down."""
        if self._engine.closing:
            raise Unavailable("The renderer is shutting down.")
        self._engine.disk_space().require()
        try:
            with disk_errors():
                async with asyncio.timeout(FRAME_SECONDS), self._slots:
                    return await self._drawn(order)
        except TimeoutError as error:
            raise DeadlineExceeded(
                f"The frame took more than {FRAME_SECONDS:.0f} seconds. Ask again: what was done"
                " meanwhile is kept."
            ) from error

    async def _drawn(self, order: FrameOrder) -> bytes:
        engine = self._engine
        with self._folder() as folder:
            context = RenderContext(
                ffmpeg=engine.ffmpeg,
                services=engine.services,
                scratch=folder / "tmp",
                part=(folder / "tmp").joinpath,
                threads=engine.threads,
            )
            drawing = FrameDrawing(order, context, self._memory, inputs=folder / "in")
            return await drawing.draw()

    @contextlib.contextmanager
    def _folder(self) -> Iterator[Path]:
        """Make a folder like that of an attempt, of which programs in the sandbox see a part."""
        self._jobs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_abandoned()
        whole = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._jobs))
        try:
            for name in ("in", "out", "tmp"):
                (whole / _ATTEMPT / name).mkdir(parents=True)
            yield whole / _ATTEMPT
        finally:
            shutil.rmtree(whole, ignore_errors=True)

    def _remove_abandoned(self) -> None:
        """Remove the folders of renderers that were killed."""
        before = time.time() - _ABANDONED_SECONDS
        for folder in self._jobs.glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):
                if folder.stat().st_mtime < before:
                    shutil.rmtree(folder, ignore_errors=True)
