"""One frame of what a type would make, streamed while FFmpeg writes it; no job, no inputs."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gala.errors import DeadlineExceeded, InvalidRequest, RenderFailed, Unavailable
from gala.media import MAX_DURATION_MS, Format
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.engine import Engine
from gala_renderer.engine.order import RenderOrder, known_type, parse_params
from gala_renderer.engine.registry import FrameRenderer, renderer_for
from gala_renderer.ffmpeg import inputs
from gala_renderer.ffmpeg.runner import failure
from gala_renderer.http.streaming import begun, read_by

_SECONDS: Final = 30.0
_CHUNK: Final = 64 * 1024


class FrameRequest(BaseModel):
    """Which frame of what; without ``at_ms`` a telling one, without ``format`` the type's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    params: dict[str, Any]
    format: Format | None = None
    duration_ms: int | None = Field(default=None, ge=1, le=MAX_DURATION_MS)
    at_ms: int | None = Field(default=None, ge=0, le=MAX_DURATION_MS)
    mime: Literal["image/jpeg", "image/png"] = "image/jpeg"


class FramePreviews:
    """Shows frames, beside the engine's slots: somebody is waiting, and one frame is little."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._few = asyncio.Semaphore(engine.settings.renderer_slots)

    async def open(self, request: FrameRequest) -> AsyncGenerator[bytes, None]:
        """The picture's bytes; returns once the first of them are there.

        Raises ``InvalidRequest`` for a type or params that cannot be shown, ``Unavailable`` when
        shutting down, ``RenderFailed`` or ``DeadlineExceeded`` if FFmpeg brings nothing.
        """
        order, making = _order(request), renderer_for(request.type)
        if not isinstance(making, FrameRenderer):
            raise InvalidRequest(f"{request.type} has no frames to show.", field="type")
        if self._engine.closing:
            raise Unavailable("The renderer is shutting down.")
        give_up = asyncio.get_running_loop().time() + _SECONDS
        try:
            return await begun(self._chunks(request, order, making, give_up), give_up)
        except StopAsyncIteration:
            raise RenderFailed("Nothing was drawn.") from None
        except TimeoutError as error:
            raise DeadlineExceeded("The frame took too long to draw.") from error

    async def _chunks(
        self, request: FrameRequest, order: RenderOrder, making: FrameRenderer, give_up: float
    ) -> AsyncGenerator[bytes, None]:
        engine = self._engine
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._few)
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gala-still-")))
            context = RenderContext(
                ffmpeg=engine.ffmpeg,
                services=engine.services,
                scratch=scratch,
                part=scratch.joinpath,
                threads=engine.threads,
            )
            composition, index = await making.frame(order, context, request.at_ms)
            command = engine.ffmpeg.command(
                inputs.frame(composition, index=index, mime=request.mime)
            )
            running = await stack.enter_async_context(
                engine.ffmpeg.sandbox.start(command, cwd=scratch)
            )
            while chunk := await read_by(running.stdout, _CHUNK, give_up):
                yield chunk
            finished = await running.finish()
            if not finished.ok:
                raise failure(finished, hide=scratch)


def _order(request: FrameRequest) -> RenderOrder:
    render_type = known_type(request.type)
    return RenderOrder(
        type=render_type,
        params=parse_params(render_type, request.params),
        format=request.format or render_type.format,
        duration_ms=request.duration_ms or render_type.duration_ms,
    )
