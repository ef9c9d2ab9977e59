"""Dry runs: the FFmpeg commands of an order. Inputs are inspected and texts drawn, not encoded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gala.engine import MediaOrder, local_files
from gala.render_protocol import RenderRequest
from gala_renderer.engine.attempt_dir import AttemptDir
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.engine import RenderEngine
from gala_renderer.engine.order import InputFile, RenderOrder, known_type, parse_params
from gala_renderer.engine.plan import FFmpegStep, Plan, PythonStep, Step, StepsAtOnce
from gala_renderer.engine.registry import planner_for
from gala_renderer.own_fonts.opening import fonts_of_order


@dataclass(slots=True)
class _DryRun:
    order: MediaOrder
    request: RenderRequest
    folder: AttemptDir
    engine: RenderEngine


async def dry_run(
    engine: RenderEngine, order: MediaOrder, request: RenderRequest, folder: Path
) -> list[list[str]]:
    """Return the command lines, with the caller's own paths for inputs and outputs."""
    with AttemptDir(folder) as attempt:
        run = _DryRun(order, request, attempt, engine)
        steps, files = await _ffmpeg_steps(run)
        names = dict(_names(run, files))
        commands = [engine.ffmpeg.command(step.arguments) for step in steps]
    return [[names.get(word, word) for word in command] for command in commands]


async def _ffmpeg_steps(run: _DryRun) -> tuple[list[FFmpegStep], Mapping[str, str]]:
    order = _order(run)
    context = RenderContext(
        ffmpeg=run.engine.ffmpeg,
        services=run.engine.services,
        scratch=run.folder.scratch,
        part=run.folder.part,
        threads=run.engine.threads,
        files=order.all_files,
        commands_only=True,
    )
    context.fonts = await fonts_of_order(context, order)
    following: Plan | None = await planner_for(run.order.type).plan(order, context)
    steps: list[FFmpegStep] = []
    files: dict[str, str] = {}
    while following is not None:
        for step in following.steps:
            steps += await _run_python(step)
        files |= following.outputs
        following = await following.then() if following.then else None
    return steps, files


async def _run_python(step: Step) -> list[FFmpegStep]:
    match step:
        case FFmpegStep():
            return [step]
        case StepsAtOnce():
            return [found for one in step.steps for found in await _run_python(one)]
        case PythonStep():
            await step.work(lambda _: None)
            return []


def _order(run: _DryRun) -> RenderOrder:
    render_type = known_type(run.order.type)
    return RenderOrder(
        type=render_type,
        params=parse_params(render_type, run.request.params, run.request.format),
        format=run.request.format,
        duration_ms=run.request.duration_ms or render_type.duration_ms,
        inputs={
            name: tuple(
                InputFile(run.folder.input(one.path), one.mime, f"inputs.{name}") for one in files
            )
            for name, files in run.request.inputs.items()
        },
    )


def _names(run: _DryRun, files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each path of the attempt with the caller's path for the same file."""
    for role, name in files.items():
        if role in run.order.outputs:
            yield str(run.folder.part(name)), str(run.order.outputs[role].absolute())
    for name, inputs in run.request.inputs.items():
        originals = local_files(name, run.order.inputs[name])
        for staged, path in zip(inputs, originals, strict=True):
            yield str(run.folder.input(staged.path)), str(path.absolute())
