"""Plans ``presenter_preview``: a presenter's face, a frame at rest, and a short clip."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from itertools import pairwise
from typing import Final, cast

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from gala.render_types.params.video_encoding import Quality
from gala.render_types.presenter import PresenterParams
from gala.render_types.presenter_preview import PresenterPreviewParams, PreviewPart
from gala_renderer.avatars.bodies import BodySpec, is_drawn
from gala_renderer.avatars.marking import mark_for, marking_step, marking_version
from gala_renderer.avatars.motion.tracks import speech_motion
from gala_renderer.avatars.preparation import drawn_body, prepare_portrait
from gala_renderer.avatars.preview_drawing import preview_program
from gala_renderer.avatars.sprite_preparation import (
    inspect_sprites,
    numbered_pictures,
    prepare_sprites,
)
from gala_renderer.avatars.stage import Stage
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
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
from gala_renderer.ffmpeg.inputs import Stream, one_frame
from gala_renderer.provenance.synthetic_mark import SyntheticMark
from gala_renderer.speech.outputs import write_json
from gala_renderer.speech.words import Phoneme, Word

NAME: Final = "presenter_preview"

_FACES: Final = {"faces": "faces.json"}
_CLIP: Final = {"clip": "clip.mp4"}
_NEUTRAL: Final = {"neutral": "neutral.jpg"}
_FOUND: Final = {"found": "found.jpg"}
_PREPARED: Final = 0.6
"""The share of the work on a portrait that is done when it is prepared."""
_SECONDS: Final = 2
_SOUNDS: Final = "mamifuso"
_START: Final = 0.35
_SOUND_SECONDS: Final = 0.16
"""The clip shows each shape of the mouth, in these phonemes of equal length."""


def depends_on(order: RenderOrder, services: EngineResources) -> str:  # noqa: ARG001 - a protocol
    """Return whether the outputs are marked as synthetic."""
    return marking_version(services)


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to find the face of the picture, if there is one, and to draw the clip."""
    params = cast(PresenterPreviewParams, order.params)
    file = order.input("portrait")
    if file is not None:
        return _of_portrait(order, context, params, file)
    write_json(context, "faces.json", [])
    body = await _drawn_body(order, context, params)
    mark = mark_for(context, [body], other_files=bool(order.all_files))
    stage, motion = _stage(order, context, params), _motion(order, params, drawn=is_drawn(body))
    drawing = FFmpegStep(
        "encoding",
        _arguments(stage, context, params, mark),
        stage.canvas.seconds,
        feeder=stage.feeder((body,), motion),
    )
    return Plan((drawing, *_marking(context, params, mark)), {**_drawn(params), **_FACES})


async def _drawn_body(
    order: RenderOrder, context: RenderContext, params: PresenterPreviewParams
) -> BodySpec:
    sprites = await inspect_sprites(
        context, order.files("sprite"), {"params.body": params.body.sprites}
    )
    if params.body.sprites is None:
        return drawn_body(params.body.character)
    field = "params.body.sprites"
    return await prepare_sprites(
        context,
        params.body.sprites,
        numbered_pictures(params.body.sprites, sprites, field),
        field=field,
        folder=context.scratch / "sprites",
    )


def _of_portrait(
    order: RenderOrder, context: RenderContext, params: PresenterPreviewParams, file: InputFile
) -> Plan:
    marks: list[SyntheticMark | None] = []
    warnings: list[str] = []

    async def show(report: Report) -> None:
        stage = _stage(order, context, params)
        motion = stage.saved(_motion(order, params, drawn=False))
        async with preview_program(context, stage) as program:
            media = await context.inspect(file)
            portrait = await prepare_portrait(
                context,
                file,
                media,
                params.body,
                field="params.body",
                preview=None if params.only is PreviewPart.CLIP else context.part("found.jpg"),
                run=program.prepare,
            )
            write_json(context, "faces.json", [asdict(face) for face in portrait.answer.faces])
            report(_PREPARED)
            mark = mark_for(context, [portrait.spec], other_files=True)
            await program.draw(
                stage.job((portrait.spec,), motion),
                _arguments(stage, context, params, mark),
                seconds=stage.canvas.seconds,
                report=lambda done: report(_PREPARED + (1 - _PREPARED) * done),
            )
        marks.append(mark)
        warnings.extend((*context.warnings, *portrait.warnings))

    async def finish() -> Plan:
        outputs = _drawn(params) | ({} if params.only is PreviewPart.CLIP else _FOUND)
        return Plan(_marking(context, params, marks[0]), outputs, tuple(warnings))

    step = PythonStep("finding faces", show)
    return Plan((step,), _FACES, then=finish, then_weight=0.01)


def _drawn(params: PresenterPreviewParams) -> dict[str, str]:
    """Return the outputs that are drawn."""
    match params.only:
        case PreviewPart.CLIP:
            return _CLIP
        case PreviewPart.STILL:
            return _NEUTRAL
        case None:
            return _CLIP | _NEUTRAL


def _marking(
    context: RenderContext, params: PresenterPreviewParams, mark: SyntheticMark | None
) -> tuple[PythonStep, ...]:
    return () if mark is None else (marking_step(context, mark, [*_drawn(params).values()]),)


def _stage(order: RenderOrder, context: RenderContext, params: PresenterPreviewParams) -> Stage:
    form = order.canvas_format
    frames = 1 if params.only is PreviewPart.STILL else _SECONDS * form.fps
    canvas = Canvas(form.width, form.height, form.fps, frames)
    return Stage(PresenterParams(), canvas, None, context.scratch)


def _motion(
    order: RenderOrder, params: PresenterPreviewParams, *, drawn: bool
) -> NDArray[np.float32]:
    """Return the motion of the one presenter."""
    motion = speech_motion(
        (_word(),),
        seconds=_SECONDS,
        fps=Fraction(order.canvas_format.fps),
        seed=0,
        energy=params.energy,
        drawn=drawn,
    )
    return motion.values[np.newaxis]


def _arguments(
    stage: Stage,
    context: RenderContext,
    params: PresenterPreviewParams,
    mark: SyntheticMark | None,
) -> tuple[str, ...]:
    shown = frames_of(stage.layer(), stage.canvas)
    match params.only:
        case PreviewPart.CLIP:
            output = _clip(shown, stage.canvas, context, mark)
        case PreviewPart.STILL:
            output = _neutral(shown, context)
        case None:
            copies = shown.split()
            clip = _clip(copies[0], stage.canvas, context, mark)
            output = ffmpeg.merge_outputs(clip, _neutral(copies[1], context))
    return tuple(output.get_args())


def _clip(
    shown: Stream, canvas: Canvas, context: RenderContext, mark: SyntheticMark | None
) -> Stream:
    encoding = for_presenters(software(Quality.PREVIEW), Quality.PREVIEW)
    return ffmpeg.output(
        shown,
        str(context.part("clip.mp4")),
        **MP4,
        **h264(encoding, fps=canvas.fps, threads=context.threads),
        **{"frames:v": canvas.frames},
        **REPRODUCIBLE,
        **tagged({} if mark is None else mark.tags),
    )


def _neutral(shown: Stream, context: RenderContext) -> Stream:
    return one_frame(shown, 0, "image/jpeg", str(context.part("neutral.jpg")))


def _word() -> Word:
    times = [_START + number * _SOUND_SECONDS for number in range(len(_SOUNDS) + 1)]
    spans = zip(_SOUNDS, pairwise(times), strict=True)
    phonemes = tuple(Phoneme(sound, start, end) for sound, (start, end) in spans)
    return Word(_SOUNDS, times[0], times[-1], phonemes)
