"""The commands that an order would run: everything is looked at and drawn, nothing is encoded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gala.engine import MediaOrder
from gala.render_protocol import RenderRequest
from gala_renderer.engine.attempt_dir import AttemptDir
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.engine import Engine
from gala_renderer.engine.order import InputFile, RenderOrder, known_type, parse_params
from gala_renderer.engine.plan import FFmpegStep, Plan, Step
from gala_renderer.engine.registry import renderer_for


@dataclass(slots=True)
class _Stage:
    order: MediaOrder
    request: RenderRequest
    folder: AttemptDir
    engine: Engine


async def dry_run(
    engine: Engine, order: MediaOrder, request: RenderRequest, folder: Path
) -> list[list[str]]:
    """The command lines, with the caller's own paths where he named some."""
    with AttemptDir(folder) as room:
        stage = _Stage(order, request, room, engine)
        steps, made = await _played(stage)
        names = dict(_names(stage, made))
        commands = [engine.ffmpeg.command(step.arguments) for step in steps]
    return [[names.get(word, word) for word in command] for command in commands]


async def _played(stage: _Stage) -> tuple[list[FFmpegStep], Mapping[str, str]]:
    context = RenderContext(
        ffmpeg=stage.engine.ffmpeg,
        services=stage.engine.services,
        scratch=stage.folder.scratch,
        part=stage.folder.part,
        threads=stage.engine.threads,
    )
    following: Plan | None = await renderer_for(stage.order.type).plan(_order(stage), context)
    steps: list[FFmpegStep] = []
    made: dict[str, str] = {}
    while following is not None:
        for step in following.steps:
            steps += await _taken(step)
        made |= following.outputs
        following = await following.then() if following.then else None
    return steps, made


async def _taken(step: Step) -> list[FFmpegStep]:
    if isinstance(step, FFmpegStep):
        return [step]
    await step.work(lambda _: None)
    return []


def _order(stage: _Stage) -> RenderOrder:
    render_type = known_type(stage.order.type)
    return RenderOrder(
        type=render_type,
        params=parse_params(render_type, stage.request.params),
        format=stage.request.format,
        duration_ms=stage.request.duration_ms or render_type.duration_ms,
        inputs={
            name: tuple(
                InputFile(stage.folder.input(one.path), one.mime, f"inputs.{name}") for one in files
            )
            for name, files in stage.request.inputs.items()
        },
    )


def _names(stage: _Stage, made: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Paths of the attempt, and what the caller calls them."""
    for role, name in made.items():
        if role in stage.order.outputs:
            yield str(stage.folder.part(name)), str(stage.order.outputs[role].absolute())
    for name, files in stage.request.inputs.items():
        given = stage.order.inputs[name]
        listed = (given,) if isinstance(given, Path) else tuple(given)
        for staged, path in zip(files, listed, strict=True):
            yield str(stage.folder.input(staged.path)), str(path.absolute())
