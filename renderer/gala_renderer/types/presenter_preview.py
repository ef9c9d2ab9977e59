"""Plans ``presenter_preview``: a presenter's face, a frame at rest, and a short clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from itertools import pairwise
from typing import Final, cast

import ffmpeg
import numpy as np

from gala.render_types.params.video_encoding import Quality
from gala.render_types.presenter import PresenterParams
from gala.render_types.presenter_preview import PresenterPreviewParams
from gala_renderer.avatars.bodies import BodySpec, is_drawn
from gala_renderer.avatars.marking import mark_for, marking_step, marking_version
from gala_renderer.avatars.motion.tracks import speech_motion
from gala_renderer.avatars.preparation import drawn_body, prepare_portrait
from gala_renderer.avatars.sprite_preparation import inspect_sprites, prepare_sprites
from gala_renderer.avatars.stage import Stage
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Canvas, FFmpegStep, Plan, PythonStep, Report
from gala_renderer.engine.resources import EngineResources
from gala_renderer.ffmpeg.drawn_layer import frames_of
from gala_renderer.ffmpeg.encoder_options import (
    MP4,
    REPRODUCIBLE,
    for_presenters,
    h264,
    software,
    tagged,
)
from gala_renderer.ffmpeg.inputs import one_frame
from gala_renderer.provenance.synthetic_mark import SyntheticMark
from gala_renderer.speech.outputs import write_json
from gala_renderer.speech.words import Phoneme, Word

NAME: Final = "presenter_preview"

_SECONDS: Final = 2
_SOUNDS: Final = "mamifuso"
_START: Final = 0.35
_SOUND_SECONDS: Final = 0.16
"""The clip shows each shape of the mouth, in these phonemes of equal length."""


def depends_on(order: RenderOrder, services: EngineResources) -> str:  # noqa: ARG001 - a protocol
    """Return whether the outputs are marked as synthetic."""
    return marking_version(services)


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect the picture; plan to find its face, and to draw the clip."""
    params = cast(PresenterPreviewParams, order.params)
    file = order.input("portrait")
    media = await context.inspect(file) if file else None
    sprites = await inspect_sprites(
        context, order.files("sprite"), {"params.body": params.body.sprites}
    )
    bodies: list[BodySpec] = []
    warnings: list[str] = []

    async def prepare(report: Report) -> None:
        if params.body.sprites is not None:
            body = await prepare_sprites(
                context,
                params.body.sprites,
                sprites,
                field="params.body",
                folder=context.scratch / "sprites",
            )
            bodies.append(body)
            write_json(context, "faces.json", [])
            return
        if file is None or media is None:
            bodies.append(drawn_body(params.body.character))
            write_json(context, "faces.json", [])
            return
        found = context.part("found.png")
        portrait = await prepare_portrait(
            context, file, media, params.body, field="params.body", preview=found
        )
        bodies.append(portrait.spec)
        warnings.extend(portrait.warnings)
        write_json(context, "faces.json", [asdict(face) for face in portrait.answer.faces])
        report(1.0)

    async def draw() -> Plan:
        outputs = {"clip": "clip.mp4", "neutral": "neutral.jpg"}
        mark = mark_for(context, bodies, other_files=bool(order.all_files))
        drawing = _drawing(order, context, params, bodies[0], mark)
        marking = () if mark is None else (marking_step(context, mark, [*outputs.values()]),)
        if media is not None:
            outputs["found"] = "found.png"
        return Plan((drawing, *marking), outputs, tuple(warnings))

    return Plan((PythonStep("finding faces", prepare),), {"faces": "faces.json"}, then=draw)


def _drawing(
    order: RenderOrder,
    context: RenderContext,
    params: PresenterPreviewParams,
    body: BodySpec,
    mark: SyntheticMark | None,
) -> FFmpegStep:
    form = order.canvas_format
    canvas = Canvas(form.width, form.height, form.fps, _SECONDS * form.fps)
    stage = Stage(PresenterParams(), canvas, None, context.scratch)
    motion = speech_motion(
        (_word(),),
        seconds=canvas.seconds,
        fps=Fraction(form.fps),
        seed=0,
        energy=params.energy,
        drawn=is_drawn(body),
    )
    return FFmpegStep(
        "encoding",
        _arguments(stage, context, {} if mark is None else mark.tags),
        canvas.seconds,
        feeder=stage.feeder((body,), motion.values[np.newaxis]),
    )


def _arguments(stage: Stage, context: RenderContext, tags: Mapping[str, str]) -> tuple[str, ...]:
    canvas = stage.canvas
    shown = frames_of(stage.layer(), canvas).split()
    encoding = for_presenters(software(Quality.PREVIEW), Quality.PREVIEW)
    clip = ffmpeg.output(
        shown[0],
        str(context.part("clip.mp4")),
        **MP4,
        **h264(encoding, fps=canvas.fps, threads=context.threads),
        **{"frames:v": canvas.frames},
        **REPRODUCIBLE,
        **tagged(tags),
    )
    neutral = one_frame(shown[1], 0, "image/jpeg", str(context.part("neutral.jpg")))
    return tuple(ffmpeg.merge_outputs(clip, neutral).get_args())


def _word() -> Word:
    times = [_START + number * _SOUND_SECONDS for number in range(len(_SOUNDS) + 1)]
    spans = zip(_SOUNDS, pairwise(times), strict=True)
    phonemes = tuple(Phoneme(sound, start, end) for sound, (start, end) in spans)
    return Word(_SOUNDS, times[0], times[-1], phonemes)
