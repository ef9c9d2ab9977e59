"""Previews of one frame of a render, streamed while FFmpeg writes it; without job and inputs."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gala.errors import DeadlineExceeded, InvalidRequest, RenderFailed, Unavailable
from gala.media import MAX_DURATION_MS, Format
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.engine import RenderEngine
from gala_renderer.engine.order import RenderOrder, known_type, parse_params
from gala_renderer.engine.registry import FrameRenderer, planner_for
from gala_renderer.ffmpeg.runner import failure
from gala_renderer.http.streaming import begun, read_by

_SECONDS: Final = 30.0
_CHUNK: Final = 64 * 1024


class FrameRequest(BaseModel):
    """A frame to preview.

    ``at_ms`` defaults to a representative frame, ``format`` to the default of the render type.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    params: dict[str, Any]
    format: Format | None = None
    duration_ms: int | None = Field(default=None, ge=1, le=MAX_DURATION_MS)
    at_ms: int | None = Field(default=None, ge=0, le=MAX_DURATION_MS)
    mime: Literal["image/jpeg", "image/png"] = "image/jpeg"


class FramePreviews:
    """Renders frames outside of the engine's slots: a user is waiting, and one frame is cheap."""

    def __init__(self, engine: RenderEngine):
        self._engine = engine
        self._slots = asyncio.Semaphore(engine.settings.renderer_slots)

    async def open(self, request: FrameRequest) -> AsyncGenerator[bytes, None]:
        """Return the picture's bytes as they are written, once the first of them are available.

        Raises ``InvalidRequest`` for a type or params that cannot be previewed, ``Unavailable``
        when shutting down, ``RenderFailed`` or ``DeadlineExceeded`` if FFmpeg writes nothing.
        """
        order, planner = _order(request), planner_for(request.type)
        if not isinstance(planner, FrameRenderer):
            raise InvalidRequest(f"{request.type} has no frames to show.", field="type")
        if self._engine.closing:
            raise Unavailable("The renderer is shutting down.")
        deadline = asyncio.get_running_loop().time() + _SECONDS
        try:
            return await begun(partial(self._chunks, request, order, planner, deadline), deadline)
        except StopAsyncIteration:
            raise RenderFailed("FFmpeg wrote no frame.") from None
        except TimeoutError as error:
            raise DeadlineExceeded("The frame took too long to draw.") from error

    async def _chunks(
        self, request: FrameRequest, order: RenderOrder, planner: FrameRenderer, deadline: float
    ) -> AsyncGenerator[bytes, None]:
        engine = self._engine
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._slots)
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gala-still-")))
            context = RenderContext(
                ffmpeg=engine.ffmpeg,
                services=engine.services,
                scratch=scratch,
                part=scratch.joinpath,
                threads=engine.threads,
            )
            arguments = await planner.frame(order, context, at_ms=request.at_ms, mime=request.mime)
            process = await stack.enter_async_context(
                engine.ffmpeg.sandbox.start(engine.ffmpeg.command(arguments), cwd=scratch)
            )
            while chunk := await read_by(process.stdout, _CHUNK, deadline):
                yield chunk
            result = await process.finish()
            if not result.ok:
                raise failure(result, hide=scratch)


def _order(request: FrameRequest) -> RenderOrder:
    render_type = known_type(request.type)
    return RenderOrder(
        type=render_type,
        params=parse_params(render_type, request.params, request.format),
        format=request.format or render_type.format,
        duration_ms=request.duration_ms or render_type.duration_ms,
    )
