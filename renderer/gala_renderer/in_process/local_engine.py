"""The engine in the caller's process, with its own thread and event loop."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import queue
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from gala.engine import (
    FrameQuery,
    Made,
    MadeFile,
    MediaOrder,
    OnProgress,
    SpeechVoice,
)
from gala.errors import InvalidRequest, error_of
from gala.event_loop import BackgroundTask, LoopThread
from gala.job import LogLevel
from gala.render_protocol import Error, Log, Output, Progress, RenderEvent
from gala.renderer_features import RendererFeatures
from gala.speech_protocol import VoiceSampleRequest
from gala_renderer.chromium import html_problem
from gala_renderer.engine.engine import RenderEngine
from gala_renderer.engine.order import known_type
from gala_renderer.ffmpeg.binary import find_ffmpeg
from gala_renderer.in_process.dry_run import dry_run
from gala_renderer.in_process.frame_files import local_order
from gala_renderer.in_process.workspace import attempt, deliver, open_workspace, stage_request
from gala_renderer.settings import RendererSettings

if TYPE_CHECKING:
    from gala_renderer.engine.frames import TimelineFrames
    from gala_renderer.speech.voice_samples import VoiceSamples

_log = logging.getLogger(__name__)

_Send: TypeAlias = Callable[[Progress | None], None]
"""Passes progress to the waiting caller, and ``_END`` when the work has ended."""
_END: Final = None
_T = TypeVar("_T")
_CORES_PER_SLOT: Final = 4
"""A program makes few things at once, and waits for each."""


class InProcessEngine:
    """An :class:`gala.engine.Engine`. Models stay loaded until the program ends.

    It is configured by the renderer's environment variables (``WHISPER_MODEL``, ``KOKORO_WEIGHTS``,
    ``FFMPEG_PATH``, …); ``ffmpeg`` overrides ``FFMPEG_PATH``.
    """

    def __init__(self, ffmpeg: Path | None = None):
        settings = RendererSettings(data_root=Path())
        self._workspace = open_workspace(settings.gala_home)
        self.engine = RenderEngine(
            _for_one_program(settings, self._workspace.root),
            find_ffmpeg(ffmpeg or settings.ffmpeg_path),
        )
        self._thread = LoopThread("gala-engine")
        self._process = os.getpid()
        self._closed = False
        atexit.register(self.close)

    @property
    def usable(self) -> bool:
        """False if it was closed, or is a copy in a forked process, where its thread is missing."""
        return not self._closed and self._process == os.getpid()

    def lacks(self, what: str) -> str | None:
        """Return what to install for that engine, in one sentence; ``None`` if it is available."""
        services = self.engine.services
        if what == "whisper":
            return services.whisper.available()
        if what == "auto":
            return None
        found = services.speech.all.get(what)
        return found.available() if found else f"There is no engine {what!r} here."

    def voices(self) -> list[SpeechVoice]:
        """Return the voices of all available engines, those of the default engine first."""
        speech = self.engine.services.speech
        found = self._thread.start(speech.voices()).ended.result()
        default = speech.default().name
        return [
            SpeechVoice(
                name=voice.name,
                engine=engine,
                language=voice.language,
                gender=voice.gender,
                title=voice.title or voice.name,
                description=voice.description,
                licence=speech.all[engine].licence,
            )
            for engine in sorted(found, key=lambda name: name != default)
            for voice in found[engine]
        ]

    def voice_sample(self, voice: SpeechVoice) -> bytes:
        """Return an MP3 file in which the voice speaks a sentence; it is made once and kept."""
        request = VoiceSampleRequest(engine=voice.engine, voice=voice.name)
        return self._thread.start(self._samples.sample(request)).ended.result()

    @cached_property
    def _samples(self) -> VoiceSamples:
        from gala_renderer.speech.streaming import SpeechStreams  # noqa: PLC0415 - imports NumPy
        from gala_renderer.speech.voice_samples import VoiceSamples  # noqa: PLC0415 - as above

        return VoiceSamples(self.engine, SpeechStreams(self.engine))

    def features(self) -> RendererFeatures:
        """Return the fonts that are here, and whether pages in HTML are drawn."""
        engine = self.engine
        return RendererFeatures(
            fonts=engine.services.fonts.names(),
            html_problem=html_problem(engine.settings, engine.ffmpeg.sandbox),
            characters=engine.services.fonts.characters(),
            film_pace=engine.services.film_pace.current,
        )

    def timeline_frame(self, query: FrameQuery) -> bytes:
        """Return one frame of a composition, drawn here; speech is kept for the next one."""
        order = local_order(query)
        return self._thread.start(self._frames.draw(order)).ended.result()

    @cached_property
    def _frames(self) -> TimelineFrames:
        from gala_renderer.engine.frames import TimelineFrames  # noqa: PLC0415 - rarely needed

        return TimelineFrames(self.engine)

    def make(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        """Render the order and wait for it; an exception while waiting ends the work."""
        received: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
        running = self._begin(order, received.put)
        progress: Progress | None = Progress(fraction=0)
        try:
            while (progress := received.get()) is not _END:
                if on_progress:
                    on_progress(progress)
        finally:
            running.cancel()
            while progress is not _END:
                progress = received.get()
        return running.ended.result()

    async def make_async(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        """Render without blocking the event loop; cancelling the task ends the work."""
        loop, received = asyncio.get_running_loop(), asyncio.Queue[Progress | None]()

        def send(progress: Progress | None) -> None:
            # Raised if the caller's loop is closed.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(received.put_nowait, progress)

        running = self._begin(order, send)
        progress: Progress | None = Progress(fraction=0)
        try:
            while (progress := await received.get()) is not _END:
                if on_progress:
                    on_progress(progress)
        finally:
            running.cancel()
            while progress is not _END:
                progress = await received.get()
        return running.ended.result()

    def commands(self, order: MediaOrder) -> list[list[str]]:
        """Return the FFmpeg command lines that the order would run, in order, without encoding.

        Captions are drawn and voices transcribed to find them; the files of those steps, which some
        of the lines name, are removed before this returns.
        """
        _check_roles(order)
        return self._thread.start(self._dry_run(order)).ended.result()

    def close(self) -> None:
        """End every render, every worker process, and the thread."""
        if not self.usable:
            return
        self._closed = True
        atexit.unregister(self.close)
        self._thread.start(self._close()).ended.result()
        self._thread.stop()
        if self._workspace.temporary:
            shutil.rmtree(self._workspace.root, ignore_errors=True)

    async def _close(self) -> None:
        self.engine.close()
        await self.engine.services.close()

    async def _dry_run(self, order: MediaOrder) -> list[list[str]]:
        with attempt(self._workspace.root) as (job, folder):
            request = await _in_thread(lambda: stage_request(order, job, folder))
            return await dry_run(self.engine, order, request, folder)

    def _begin(self, order: MediaOrder, send: _Send) -> BackgroundTask[Made]:
        _check_roles(order)
        running = self._thread.start(self._make(order, send))
        running.ended.add_done_callback(lambda _: send(_END))
        return running

    async def _make(self, order: MediaOrder, send: _Send) -> Made:
        with attempt(self._workspace.root) as (job, folder):
            request = await _in_thread(lambda: stage_request(order, job, folder))
            outputs, warnings = await _follow(self.engine.render(request), send, order)
            files = await _in_thread(lambda: _delivered(outputs, folder, order))
            texts = {
                output.role: (folder / output.path).read_text(encoding="utf-8")
                for output in outputs
                if output.role in order.read
            }
        speech = tuple(dict.fromkeys(one for output in outputs for one in output.speech))
        return Made(files=files, texts=texts, warnings=tuple(warnings), speech=speech)


async def _in_thread(copy: Callable[[], _T]) -> _T:
    """Copy files in a thread; return, even if cancelled, only once the copying has ended."""
    copying = asyncio.ensure_future(asyncio.to_thread(copy))
    try:
        return await asyncio.shield(copying)
    except asyncio.CancelledError:
        await asyncio.wait({copying})
        # Retrieve its exception, so that asyncio does not log it.
        copying.exception()
        raise


def _for_one_program(settings: RendererSettings, root: Path) -> RendererSettings:
    slots = settings.renderer_slots
    if "renderer_slots" not in settings.model_fields_set:
        slots = max(1, (os.cpu_count() or 1) // _CORES_PER_SLOT)
    return settings.model_copy(update={"data_root": root, "renderer_slots": slots})


def _check_roles(order: MediaOrder) -> None:
    roles = [output.role for output in known_type(order.type).outputs]
    for role in (*order.outputs, *order.read):
        if role not in roles:
            raise InvalidRequest(
                f"outputs.{role}: {order.type} makes {', '.join(roles)}.", field=f"outputs.{role}"
            )


async def _follow(
    events: AsyncGenerator[RenderEvent, None], send: _Send, order: MediaOrder
) -> tuple[list[Output], list[str]]:
    """Pass on the progress; return the outputs and warnings, or raise the render's error."""
    outputs: list[Output] = []
    warnings: list[str] = []
    async with aclosing(events):
        async for event in events:
            match event:
                case Progress():
                    send(event)
                case Output():
                    outputs.append(event)
                case Log(level=LogLevel.WARNING):
                    warnings.append(order.in_own_names(event.msg))
                    _log.warning("%s", warnings[-1])
                case Error(failure=failure):
                    raise error_of(failure.code, failure.message, hint=failure.hint)
    return outputs, warnings


def _delivered(outputs: list[Output], folder: Path, order: MediaOrder) -> dict[str, MadeFile]:
    return {
        output.role: deliver(output, folder, order.outputs[output.role].absolute())
        for output in outputs
        if output.role in order.outputs
    }
