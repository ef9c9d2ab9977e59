"""The media engine without HTTP: a type, params and input files in, output files out."""

from __future__ import annotations

import asyncio
import atexit
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from gala.errors import GalaError
from gala.ids import Prefix, new_id
from gala.job import JobFailure
from gala.media import Format
from gala.render_protocol import (
    Done,
    Error,
    Log,
    Output,
    Progress,
    RenderEvent,
    RenderRequest,
    StagedInput,
    attempt_folder,
)
from gala_renderer.engine.engine import RenderEngine
from gala_renderer.ffmpeg.binary import find_ffmpeg
from gala_renderer.sandbox.forked_process import ForkServerClient, can_fork
from gala_renderer.settings import RendererSettings

T = TypeVar("T")


class _KeptForkServer:
    """The process that the programs of all engines of this test process are forked from.

    Loading the programs' modules takes longer than the programs of most tests run.
    """

    def __init__(self) -> None:
        client = ForkServerClient()
        self.start = client.start
        atexit.register(client.close)

    def close(self) -> None:
        """Leave it to the next engine."""


_fork_server = _KeptForkServer() if can_fork() else None
_UNDER_WAY = 0.06
"""The progress from which a render has inspected its inputs and does its main work."""


@dataclass(frozen=True)
class Made:
    """The events and files of a render; ``folder`` is the attempt's."""

    folder: Path
    events: list[RenderEvent]

    @property
    def error(self) -> JobFailure:
        """The error that ended it."""
        assert isinstance(self.events[-1], Error), self.events[-1]
        return self.events[-1].failure

    @property
    def outputs(self) -> dict[str, Output]:
        """The outputs by role, of a render that succeeded."""
        assert isinstance(self.events[-1], Done), self.events[-1]
        return {event.role: event for event in self.events if isinstance(event, Output)}

    def path(self, role: str) -> Path:
        """The file of an output."""
        return self.folder / self.outputs[role].path

    @property
    def logs(self) -> list[str]:
        """The job's log lines."""
        return [event.msg for event in self.events if isinstance(event, Log)]

    @property
    def fractions(self) -> list[float]:
        """The fractions of the progress events."""
        return [event.fraction for event in self.events if isinstance(event, Progress)]


class EngineHarness:
    """An engine with its own data root; settings are keyword arguments.

    It has an event loop of its own too, because the engine's warm processes outlive one render.
    """

    def __init__(self, data_root: Path, **settings: Any):
        # Not the weights of this machine's GALA.
        usual = {"gala_weights_dir": data_root / "weights"}
        chosen = {"renderer_slots": 2, "renderer_cache_bytes": 0, **usual, **settings}
        self.settings = RendererSettings(data_root=data_root, **chosen)
        self.engine = RenderEngine(self.settings, find_ffmpeg(self.settings.ffmpeg_path))
        self.engine.ffmpeg.sandbox._fork_server = _fork_server
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """Stop the model workers."""
        self.engine.close()
        self._runner.run(self.engine.services.close())
        self._runner.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the event loop of the engine."""
        return self._runner.run(coroutine)

    def make(
        self,
        type_name: str,
        params: Mapping[str, Any] | None = None,
        *,
        size: tuple[int, int, int] | None = None,
        duration_ms: int | None = None,
        seconds: float = 100.0,
        describe: bool = False,
        **inputs: Path | Iterable[Path],
    ) -> Made:
        """Render to the end; ``size`` is width, height and frames a second.

        Raises the engine's errors for a request that is refused before anything starts.
        """
        request, folder = self._request(
            type_name, params, size=size, duration_ms=duration_ms, seconds=seconds, inputs=inputs
        )
        request = request.model_copy(update={"describe": describe})
        return Made(folder, self._runner.run(self._collect(request)))

    def make_twice(
        self, type_name: str, params: Mapping[str, Any], *, size: tuple[int, int, int]
    ) -> tuple[Made, Made]:
        """Request one attempt twice before either starts."""
        request, folder = self._request(
            type_name, params, size=size, duration_ms=300, seconds=100, inputs={}
        )

        async def both() -> tuple[list[RenderEvent], list[RenderEvent]]:
            first, second = self.engine.render(request), self.engine.render(request)
            return await asyncio.gather(_told(first), _told(second))

        first, second = self._runner.run(both())
        return Made(folder, first), Made(folder, second)

    def cancelled(
        self,
        type_name: str,
        params: Mapping[str, Any],
        *,
        size: tuple[int, int, int] | None = None,
        when: Callable[[Progress], bool] = lambda news: news.fraction > _UNDER_WAY,
        **inputs: Path | Iterable[Path],
    ) -> Path:
        """Close a render once its main work has started, or at the first event for which ``when``
        is true; return the attempt's folder."""
        request, folder = self._request(
            type_name, params, size=size, duration_ms=None, seconds=100, inputs=inputs
        )
        self._runner.run(self._leave(request, when))
        return folder

    def _request(
        self,
        type_name: str,
        params: Mapping[str, Any] | None,
        *,
        size: tuple[int, int, int] | None,
        duration_ms: int | None,
        seconds: float,
        inputs: Mapping[str, Path | Iterable[Path]],
    ) -> tuple[RenderRequest, Path]:
        job_id = new_id(Prefix.JOB)
        folder = self.settings.data_root / attempt_folder(job_id, 1)
        request = RenderRequest(
            job_id=job_id,
            attempt=1,
            type=type_name,
            params=dict(params or {}),
            inputs=_staged(folder, inputs),
            format=Format(width=size[0], height=size[1], fps=size[2]) if size else None,
            duration_ms=duration_ms,
            deadline_seconds=seconds,
        )
        return request, folder

    async def _leave(self, request: RenderRequest, when: Callable[[Progress], bool]) -> None:
        events = self.engine.render(request)
        async for event in events:
            assert not isinstance(event, Done | Error), event
            if isinstance(event, Progress) and when(event):
                break
        await events.aclose()

    def refusal(self, type_name: str, params: Mapping[str, Any], **inputs: Any) -> GalaError:
        """Return the error of a request that is refused before it starts."""
        try:
            made = self.make(type_name, params, **inputs)
        except GalaError as error:
            return error
        raise AssertionError(f"it was not refused: {made.events[-1]}")

    async def _collect(self, request: RenderRequest) -> list[RenderEvent]:
        return await _told(self.engine.render(request))


async def _told(events: AsyncIterator[RenderEvent]) -> list[RenderEvent]:
    return [event async for event in events]


def _staged(
    folder: Path, inputs: Mapping[str, Path | Iterable[Path]]
) -> dict[str, tuple[StagedInput, ...]]:
    (folder / "in").mkdir(parents=True)
    staged = {}
    for name, given in inputs.items():
        paths = [given] if isinstance(given, Path) else list(given)
        staged[name] = tuple(_stage(folder, name, at, path) for at, path in enumerate(paths))
    return staged


def _stage(folder: Path, name: str, at: int, path: Path) -> StagedInput:
    relative = f"in/{name}-{at}{path.suffix}"
    _lay(path, folder / relative)
    return StagedInput(path=relative, mime="application/octet-stream")


def _lay(source: Path, target: Path) -> None:
    # As fast as possible: the worker stages inputs, not the engine.
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
