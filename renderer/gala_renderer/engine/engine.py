"""The engine: renders one attempt per slot and streams its events."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from gala.disk_space import DiskSpace, disk_space
from gala.errors import (
    Conflict,
    DeadlineExceeded,
    EngineMissing,
    GalaError,
    RenderFailed,
    Unavailable,
)
from gala.files import disk_errors
from gala.installation import explained, extra_of
from gala.job import JobFailure, JobPhase, LogLevel
from gala.render_protocol import (
    SILENCE_SECONDS,
    Done,
    Error,
    Inspected,
    Log,
    Output,
    RenderEvent,
    RenderRequest,
)
from gala_renderer.chromium import chromium_folder
from gala_renderer.engine.attempt_dir import AttemptDir
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.folder_cache import FolderCache
from gala_renderer.engine.media_facts import inspected, with_facts
from gala_renderer.engine.order import (
    InputFile,
    RenderOrder,
    check_inputs,
    known_type,
    parse_params,
)
from gala_renderer.engine.plan import Plan, PlanResult
from gala_renderer.engine.progress import ProgressTracker
from gala_renderer.engine.publication import publish
from gala_renderer.engine.registry import CacheKeyProvider, Planner, is_own, planner_for
from gala_renderer.engine.resources import EngineResources
from gala_renderer.engine.result_cache import RenderCache, digests_of, key_of
from gala_renderer.engine.steps import run_step
from gala_renderer.ffmpeg.hardware_encoders import in_software
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.own_fonts.opening import fonts_of_order
from gala_renderer.sandbox.filesystem_view import Confinement
from gala_renderer.sandbox.level_probe import choose
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.settings import RendererSettings

_log = logging.getLogger(__name__)

_PREPARING_SHARE: Final = 0.05
_RENDERING_SHARE: Final = 0.93
"""Shares of an attempt's progress; the rest is for hashing and publishing the outputs."""
_HEARTBEAT_SECONDS: Final = SILENCE_SECONDS / 3
_RENDERED_ALREADY: Final = "This attempt is being rendered already."
_FILES_PER_RENDER: Final = 4
"""How many files of the maximum size the folders of one render may hold together."""


class RenderEngine:
    """Runs as many render requests at once as there are slots; the others wait for a slot."""

    def __init__(self, settings: RendererSettings, executable: Path):
        self.settings = settings
        cores = os.cpu_count() or 1
        self.threads = max(1, -(-cores // settings.renderer_slots))
        self.ffmpeg = FFmpeg(
            executable,
            Sandbox(_limits(settings), _confinement(settings, executable)),
        )
        self.services = EngineResources(settings, self.ffmpeg)
        self.cached_folders = FolderCache(
            settings.data_root / "cache", limit_bytes=settings.renderer_cache_bytes
        )
        self.cache = RenderCache(self.cached_folders)
        self._slots = asyncio.Semaphore(settings.renderer_slots)
        self._attempts: dict[tuple[str, int], asyncio.Task[Sequence[Output | Inspected]]] = {}
        self._busy = 0
        self.closing = False

    @property
    def busy(self) -> int:
        """Number of slots in use."""
        return self._busy

    @property
    def waiting(self) -> int:
        """Number of attempts that wait for a slot."""
        return len(self._attempts) - self._busy

    def close(self) -> None:
        """Stop every attempt at once; each stream ends with a retryable error."""
        self.closing = True
        for task in self._attempts.values():
            task.cancel()

    async def cancel(self, job_id: str, attempt: int) -> None:
        """Stop this attempt, if it is being rendered; return once its processes are gone."""
        task = self._attempts.get((job_id, attempt))
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    def render(self, request: RenderRequest) -> AsyncGenerator[RenderEvent, None]:
        """Render this attempt; return its events, the last of which is ``done`` or ``error``.

        Closing the generator kills the attempt's processes and removes its unfinished files.
        Raises, before anything starts, ``InvalidRequest`` for an unknown type or invalid params,
        ``Conflict`` if this attempt is being rendered already, ``Unavailable`` when shutting down.
        """
        render_type = known_type(request.type)
        planner = planner_for(request.type)
        order = RenderOrder(
            type=render_type,
            params=parse_params(render_type, request.params, request.format),
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
        return self._events(request, order, planner)

    async def _events(
        self, request: RenderRequest, order: RenderOrder, planner: Planner
    ) -> AsyncGenerator[RenderEvent, None]:
        tracker = ProgressTracker()
        key = (request.job_id, request.attempt)
        if key in self._attempts:
            # Both generators were created before either one started.
            yield _error_event(Conflict(_RENDERED_ALREADY), tracker)
            return
        attempt = asyncio.create_task(self._attempt(request, order, planner, tracker))
        self._attempts[key] = attempt
        attempt.add_done_callback(lambda _: self._attempts.pop(key, None))
        attempt.add_done_callback(lambda _: tracker.notify())
        try:
            while not attempt.done():
                for update in tracker.pending():
                    yield update
                await tracker.wait_for_change(_HEARTBEAT_SECONDS)
            # The last log lines may not have been sent yet.
            for event in (*tracker.pending(), *_final_events(attempt, tracker)):
                yield event
        finally:
            attempt.cancel()
            await asyncio.wait({attempt})

    async def _attempt(
        self,
        request: RenderRequest,
        order: RenderOrder,
        planner: Planner,
        tracker: ProgressTracker,
    ) -> Sequence[Output | Inspected]:
        try:
            with disk_errors():
                async with asyncio.timeout(request.deadline_seconds), self._slot(tracker):
                    return await self._make(request, order, planner, tracker)
        except TimeoutError as error:
            raise DeadlineExceeded from error

    @contextlib.asynccontextmanager
    async def _slot(self, tracker: ProgressTracker) -> AsyncGenerator[None, None]:
        tracker.begin_step("waiting", share=0)
        async with self._slots:
            self._busy += 1
            try:
                yield
            finally:
                self._busy -= 1

    def disk_space(self) -> DiskSpace:
        """Measure the free space of the staging area."""
        settings = self.settings
        return disk_space(settings.data_root, "DATA_ROOT", settings.renderer_min_free_bytes)

    async def _make(
        self,
        request: RenderRequest,
        order: RenderOrder,
        planner: Planner,
        tracker: ProgressTracker,
    ) -> Sequence[Output | Inspected]:
        self.disk_space().require()
        with AttemptDir.existing(
            self.settings.data_root, request.job_id, request.attempt
        ) as folder:
            tracker.begin_step("preparing", share=_PREPARING_SHARE)
            order = order.with_inputs(_inputs(request, order, folder))
            context = RenderContext(
                ffmpeg=self.ffmpeg,
                services=self.services,
                scratch=folder.scratch,
                part=folder.part,
                threads=self.threads,
                files=order.all_files,
            )
            key = await self._cache_key(order, planner)
            if key and (hit := await asyncio.to_thread(self.cache.fetch, key, folder.root)):
                tracker.info("answered from the cache of results", hit.warnings)
                tracker.log_speech(spoken for output in hit.outputs for spoken in output.speech)
                return await with_facts(request, hit.outputs, context, folder.root)
            context.fonts = await fonts_of_order(context, order)
            result = await self._render(
                planner,
                order,
                context,
                folder=folder,
                tracker=tracker,
                limit=request.deadline_seconds,
            )
            tracker.begin_step("finishing", share=1.0)
            outputs = await asyncio.to_thread(publish, result, order, folder)
            outputs = await with_facts(request, outputs, context, folder.root)
            if key:
                await asyncio.to_thread(
                    self.cache.store, key, outputs, result.warnings, folder.root
                )
            return [*inspected(request, order.all_files, context, folder.root), *outputs]

    async def _render(
        self,
        planner: Planner,
        order: RenderOrder,
        context: RenderContext,
        *,
        folder: AttemptDir,
        tracker: ProgressTracker,
        limit: float,
    ) -> PlanResult:
        """Plan and run; if the hardware encoder fails half-way, do it again in software."""
        try:
            plan = await _planned(planner, order, context)
            return await self._run_plan(plan, folder, tracker, limit)
        except RenderFailed as error:
            fallback = await in_software(order, self.services.encoders)
            if fallback is None:
                raise
            warning = f"the hardware encoder failed ({error.message}); encoded in software"
        folder.reset()
        tracker.restart()
        tracker.warn([warning])
        plan = await _planned(planner, fallback, context)
        result = await self._run_plan(plan, folder, tracker, limit)
        result.warnings.insert(0, warning)
        return result

    async def _cache_key(self, order: RenderOrder, planner: Planner) -> str | None:
        """Return the key of the result in the cache; ``None`` if it must not be cached."""
        # The key does not cover the code of another distribution's planner.
        more: str | None = "" if is_own(planner) else None
        if isinstance(planner, CacheKeyProvider):
            # In a thread, because guessing the language of a text may load a model.
            more = await asyncio.to_thread(planner.depends_on, order, self.services)
        if not self.cache.enabled or more is None:
            return None
        digests = await asyncio.to_thread(digests_of, order)
        fonts = await asyncio.to_thread(lambda: self.services.fonts.version)
        return key_of(order, digests, ffmpeg=self.ffmpeg.executable, fonts=fonts, more=more)

    async def _run_plan(
        self, plan: Plan, folder: AttemptDir, tracker: ProgressTracker, limit_seconds: float
    ) -> PlanResult:
        """Run every step of the plan and of those that follow it."""
        result = PlanResult()
        share = min(_RENDERING_SHARE, tracker.left * _RENDERING_SHARE)
        following: Plan | None = plan
        while following is not None:
            plan = following
            if plan.afresh:
                tracker.restart()
                share = tracker.left * _RENDERING_SHARE
            for note in plan.notes:
                tracker.info(note)
            tracker.log_speech(plan.speech)
            tracker.warn(plan.warnings)
            result.warnings.extend(plan.warnings)
            whole = sum(step.weight for step in plan.steps) + (plan.then_weight if plan.then else 0)
            for step in plan.steps:
                report = tracker.begin_step(step.name, share=share * step.weight / whole)
                await run_step(
                    step,
                    self.ffmpeg,
                    cwd=folder.scratch,
                    limit_seconds=limit_seconds,
                    report=report,
                )
            result.add(plan)
            share *= plan.then_weight / whole if plan.then else 0
            following = await plan.then() if plan.then else None
        return result


async def _planned(planner: Planner, order: RenderOrder, context: RenderContext) -> Plan:
    """Return the plan, with warnings about the files that it is made from."""
    plan = await planner.plan(order, context)
    return replace(plan, warnings=(*context.warnings, *plan.warnings))


def _limits(settings: RendererSettings) -> ProcessLimits:
    return ProcessLimits(
        memory_bytes=settings.renderer_memory_bytes,
        file_bytes=settings.renderer_output_bytes,
        folder_bytes=_FILES_PER_RENDER * settings.renderer_output_bytes,
        free_bytes=settings.renderer_min_free_bytes,
    )


def _confinement(settings: RendererSettings, executable: Path) -> Confinement:
    folders = (
        *(settings.weights_dir, settings.fonts_dir, settings.kokoro_weights),
        chromium_folder(settings),
        *(settings.chatterbox_weights, Path(settings.whisper_model or ""), settings.image_weights),
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


def _final_events(
    attempt: asyncio.Task[Sequence[Output | Inspected]], tracker: ProgressTracker
) -> Iterator[RenderEvent]:
    if attempt.cancelled():
        yield _error_event(Unavailable("The render was stopped before it was done."), tracker)
        return
    error = attempt.exception()
    if error is None:
        yield tracker.finish()
        yield from attempt.result()
        yield Done()
        return
    if isinstance(error, ModuleNotFoundError):
        extra = extra_of(error.name or "", "renderer")
        if missing := explained(error, extra):
            error = EngineMissing(missing[0], hint=missing[1])
    if not isinstance(error, GalaError):
        _log.error("render failed unexpectedly", exc_info=error)
        error = GalaError("The renderer failed unexpectedly; see its log.")
    yield Log(level=LogLevel.ERROR, msg=error.message)
    yield _error_event(error, tracker)


def _error_event(error: GalaError, tracker: ProgressTracker) -> Error:
    step = tracker.progress.step or JobPhase.RENDERING
    return Error(failure=JobFailure.from_error(error, step=step))
