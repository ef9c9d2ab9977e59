"""Renders: one attempt at a time in each slot, told as a stream of events."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import logging
import os
import shutil
from collections.abc import AsyncGenerator, Iterator, Mapping
from pathlib import Path
from typing import Final

from gala.errors import (
    Conflict,
    DeadlineExceeded,
    GalaError,
    OutOfDisk,
    RenderFailed,
    Unavailable,
)
from gala.job import LogLevel
from gala.render_protocol import (
    SILENCE_SECONDS,
    Done,
    Error,
    Log,
    Output,
    RenderEvent,
    RenderRequest,
)
from gala_renderer.engine.attempt_dir import AttemptDir
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import (
    InputFile,
    RenderOrder,
    check_inputs,
    known_type,
    parse_params,
)
from gala_renderer.engine.plan import Plan, PythonStep, Report, Step
from gala_renderer.engine.progress import ProgressTracker
from gala_renderer.engine.registry import CacheKeyProvider, Renderer, is_own, renderer_for
from gala_renderer.engine.resources import EngineResources
from gala_renderer.engine.result_cache import RenderCache, digests_of, key_of
from gala_renderer.ffmpeg.hardware_encoders import in_software
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.sandbox.filesystem_view import Confinement
from gala_renderer.sandbox.level_probe import choose
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.settings import RendererSettings

_log = logging.getLogger(__name__)

_PREPARING: Final = 0.05
_MAKING: Final = 0.93
"""Shares of an attempt's progress; the rest is for hashing and naming the outputs."""
_HEARTBEAT_SECONDS: Final = SILENCE_SECONDS / 3
_RENDERED_ALREADY: Final = "This attempt is being rendered already."
_FILES_A_RENDER: Final = 4
"""How many files as large as the largest one render may leave about while it works."""
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Engine:
    """Takes render requests, as many at once as there are slots; the others wait their turn."""

    def __init__(self, settings: RendererSettings, executable: Path):
        self.settings = settings
        cores = os.cpu_count() or 1
        self.threads = max(1, -(-cores // settings.renderer_slots))
        self.ffmpeg = FFmpeg(
            executable,
            Sandbox(_limits(settings), _confinement(settings, executable)),
        )
        self.services = EngineResources(settings, self.ffmpeg)
        self.cache = RenderCache(
            settings.data_root / "cache", limit_bytes=settings.renderer_cache_bytes
        )
        self._slots = asyncio.Semaphore(settings.renderer_slots)
        self._attempts: dict[tuple[str, int], asyncio.Task[list[Output]]] = {}
        self._busy = 0
        self.closing = False

    @property
    def busy(self) -> int:
        """Slots in use."""
        return self._busy

    @property
    def waiting(self) -> int:
        """Attempts that wait for a slot."""
        return len(self._attempts) - self._busy

    def close(self) -> None:
        """Stop every attempt at once; each stream ends with an error that says to try again."""
        self.closing = True
        for task in self._attempts.values():
            task.cancel()

    async def cancel(self, job_id: str, attempt: int) -> None:
        """Stop this attempt, if it is being rendered; returns once its processes are gone."""
        task = self._attempts.get((job_id, attempt))
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    def render(self, request: RenderRequest) -> AsyncGenerator[RenderEvent, None]:
        """The events of this attempt, ending with one ``done`` or ``error``.

        Closing the generator kills the attempt's processes and removes its unfinished files.
        Raises, before anything starts, ``InvalidRequest`` for an unknown type or wrong params,
        ``Conflict`` if this very attempt is being rendered, ``Unavailable`` when shutting down.
        """
        render_type = known_type(request.type)
        making = renderer_for(request.type)
        order = RenderOrder(
            type=render_type,
            params=parse_params(render_type, request.params),
            format=request.format,
            duration_ms=request.duration_ms or render_type.duration_ms,
        )
        counts = {name: len(files) for name, files in request.inputs.items()}
        check_inputs(render_type, counts)
        if render_type.check is not None:
            render_type.check(order.params, frozenset(name for name in counts if counts[name]))
        if self.closing:
            raise Unavailable("The renderer is shutting down.")
        if (request.job_id, request.attempt) in self._attempts:
            raise Conflict(_RENDERED_ALREADY)
        return self._events(request, order, making)

    async def _events(
        self, request: RenderRequest, order: RenderOrder, making: Renderer
    ) -> AsyncGenerator[RenderEvent, None]:
        tracker = ProgressTracker()
        key = (request.job_id, request.attempt)
        if key in self._attempts:
            # Two were asked for before either began.
            yield _told(Conflict(_RENDERED_ALREADY), tracker)
            return
        attempt = asyncio.create_task(self._attempt(request, order, making, tracker))
        self._attempts[key] = attempt
        attempt.add_done_callback(lambda _: self._attempts.pop(key, None))
        attempt.add_done_callback(lambda _: tracker.wake())
        try:
            while not attempt.done():
                for news in tracker.told():
                    yield news
                await tracker.news(_HEARTBEAT_SECONDS)
            # What was said last may not have been told yet.
            for news in tracker.told():
                yield news
            for event in _ending(attempt, tracker):
                yield event
        finally:
            attempt.cancel()
            await asyncio.wait({attempt})

    async def _attempt(
        self, request: RenderRequest, order: RenderOrder, making: Renderer, tracker: ProgressTracker
    ) -> list[Output]:
        try:
            async with asyncio.timeout(request.deadline_seconds), self._slot(tracker):
                return await self._make(request, order, making, tracker)
        except TimeoutError as error:
            raise DeadlineExceeded from error
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise OutOfDisk from error
            raise

    @contextlib.asynccontextmanager
    async def _slot(self, tracker: ProgressTracker) -> AsyncGenerator[None, None]:
        tracker.begin("waiting", share=0)
        async with self._slots:
            self._busy += 1
            try:
                yield
            finally:
                self._busy -= 1

    async def _make(
        self, request: RenderRequest, order: RenderOrder, making: Renderer, tracker: ProgressTracker
    ) -> list[Output]:
        if shutil.disk_usage(self.settings.data_root).free < self.settings.renderer_min_free_bytes:
            raise OutOfDisk
        with AttemptDir.of(self.settings.data_root, request.job_id, request.attempt) as folder:
            context = RenderContext(
                ffmpeg=self.ffmpeg,
                services=self.services,
                scratch=folder.scratch,
                part=folder.part,
                threads=self.threads,
            )
            tracker.begin("preparing", share=_PREPARING)
            order = order.with_inputs(_inputs(request, order, folder))
            key = await self._key(order, making)
            if key and (kept := await asyncio.to_thread(self.cache.fetch, key, folder.root)):
                tracker.tell("answered from the cache of results", kept.warnings)
                return kept.outputs
            made, warnings = await self._render(
                making,
                order,
                context,
                folder=folder,
                tracker=tracker,
                limit=request.deadline_seconds,
            )
            tracker.begin("finishing", share=1.0)
            outputs = await asyncio.to_thread(_publish, made, order, folder)
            if key:
                await asyncio.to_thread(self.cache.keep, key, outputs, warnings, folder.root)
            return outputs

    async def _render(
        self,
        making: Renderer,
        order: RenderOrder,
        context: RenderContext,
        *,
        folder: AttemptDir,
        tracker: ProgressTracker,
        limit: float,
    ) -> tuple[dict[str, str], list[str]]:
        """Plan and carry out; in software if the hardware encoder fails in the middle of it."""
        try:
            plan = await making.plan(order, context)
            return await self._carry_out(plan, folder, tracker, limit)
        except RenderFailed as error:
            instead = await in_software(order, self.services.encoders)
            if instead is None:
                raise
            warning = f"the hardware encoder failed ({error.message}); encoded in software"
        folder.start_again()
        tracker.start_again()
        tracker.warn([warning])
        plan = await making.plan(instead, context)
        made, warnings = await self._carry_out(plan, folder, tracker, limit)
        return made, [warning, *warnings]

    async def _key(self, order: RenderOrder, making: Renderer) -> str | None:
        """Under which the result is kept; ``None`` if it must not be."""
        # Of another distribution's making the key does not know the code.
        more: str | None = "" if is_own(making) else None
        if isinstance(making, CacheKeyProvider):
            more = making.depends_on(order, self.services)
        if not self.cache.on or more is None:
            return None
        digests = await asyncio.to_thread(digests_of, order)
        fonts = await asyncio.to_thread(lambda: self.services.fonts.version)
        return key_of(order, digests, ffmpeg=self.ffmpeg.executable, fonts=fonts, more=more)

    async def _carry_out(
        self, plan: Plan, folder: AttemptDir, tracker: ProgressTracker, limit_seconds: float
    ) -> tuple[dict[str, str], list[str]]:
        """Take every step; gives the file of each output's role, and what was warned of."""
        made: dict[str, str] = {}
        warnings: list[str] = []
        share = min(_MAKING, tracker.left * _MAKING)
        following: Plan | None = plan
        while following is not None:
            plan = following
            if plan.afresh:
                tracker.start_again()
                share = tracker.left * _MAKING
            tracker.warn(plan.warnings)
            warnings.extend(plan.warnings)
            whole = sum(step.weight for step in plan.steps) + (plan.then_weight if plan.then else 0)
            for step in plan.steps:
                report = tracker.begin(step.name, share=share * step.weight / whole)
                await self._take(step, folder, report, limit_seconds)
            made.update(plan.outputs)
            share *= plan.then_weight / whole if plan.then else 0
            following = await plan.then() if plan.then else None
        return made, warnings

    async def _take(
        self, step: Step, folder: AttemptDir, report: Report, limit_seconds: float
    ) -> None:
        if isinstance(step, PythonStep):
            await step.work(report)
            return
        await self.ffmpeg.run(
            step.arguments,
            cwd=folder.scratch,
            limit_seconds=limit_seconds,
            media_seconds=step.seconds,
            report=report,
            feeder=step.feeder,
        )


def _limits(settings: RendererSettings) -> ProcessLimits:
    return ProcessLimits(
        memory_bytes=settings.renderer_memory_bytes,
        file_bytes=settings.renderer_output_bytes,
        folder_bytes=_FILES_A_RENDER * settings.renderer_output_bytes,
        free_bytes=settings.renderer_min_free_bytes,
    )


def _confinement(settings: RendererSettings, executable: Path) -> Confinement:
    folders = (
        *(settings.weights_dir, settings.fonts_dir, settings.kokoro_weights),
        *(settings.chatterbox_weights, Path(settings.whisper_model), settings.image_weights),
    )
    readable = [folder for folder in folders if folder is not None and folder.is_absolute()]
    return choose(
        settings.gala_sandbox,
        readable=(executable, *readable),
        jobs=settings.data_root / "jobs",
    )


def _inputs(
    request: RenderRequest, order: RenderOrder, folder: AttemptDir
) -> Mapping[str, tuple[InputFile, ...]]:
    return {
        name: tuple(
            InputFile(folder.input(staged.path), staged.mime, _field(order, name), staged.sha256)
            for staged in files
        )
        for name, files in request.inputs.items()
    }


def _field(order: RenderOrder, name: str) -> str:
    return f"inputs.{order.type.input_field(name)}"


def _publish(made: Mapping[str, str], order: RenderOrder, folder: AttemptDir) -> list[Output]:
    specs = {spec.role: spec for spec in order.type.outputs}
    return [
        _output(role, folder.publish(name), specs[role].mime_of(name))
        for role, name in made.items()
    ]


def _output(role: str, path: Path, mime: str) -> Output:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Output(
        role=role,
        path=f"{path.parent.name}/{path.name}",
        mime=mime,
        size=path.stat().st_size,
        sha256=digest,
    )


def _ending(attempt: asyncio.Task[list[Output]], tracker: ProgressTracker) -> Iterator[RenderEvent]:
    if attempt.cancelled():
        yield _told(Unavailable("The render was stopped before it was done."), tracker)
        return
    error = attempt.exception()
    if error is None:
        yield tracker.finish()
        yield from attempt.result()
        yield Done()
        return
    if not isinstance(error, GalaError):
        _log.error("render failed unexpectedly", exc_info=error)
        error = GalaError("The renderer met an error of its own.")
    yield Log(level=LogLevel.ERROR, msg=error.message)
    yield _told(error, tracker)


def _told(error: GalaError, tracker: ProgressTracker) -> Error:
    return Error(
        code=error.code,
        message=error.message,
        step=tracker.progress.step,
        retryable=error.retryable,
        hint=error.hint,
    )
