"""Makes ``generate_image``: somebody else draws; what came is looked into, fitted and written."""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast

import ffmpeg

from gala.errors import RenderFailed, UnprocessableMedia
from gala.generation.image_requests import ImageRequest
from gala.render_types.frames import PictureFormat
from gala.render_types.generate_image import GenerateImageParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan, PythonStep, Report
from gala_renderer.engine.resources import EngineResources
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.frame_extraction import on_white, scaled, written
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.ffmpeg.scaling import covering
from gala_renderer.image_generation.protocol import Painted
from gala_renderer.probe.media import Media

NAME: Final = "generate_image"

_FIELD: Final = "image"
_DRAWING_WEIGHT: Final = 20.0


def depends_on(order: RenderOrder, services: EngineResources) -> str | None:
    """Who draws; without a seed every picture is another one."""
    params = cast(GenerateImageParams, order.params)
    return None if params.seed is None else services.generator.version


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Have it drawn, then bring it to its size."""
    params = cast(GenerateImageParams, order.params)
    picture = ImageRequest(**params.model_dump(exclude={"picture_format"}))
    generator = context.services.generator
    generator.require(picture)
    done: list[Painted] = []

    async def draw(report: Report) -> None:
        done.append(await generator.paint(picture, context.scratch, report))

    async def fit() -> Plan:
        media = await _looked_into(context, done[0])
        name = "image.png" if params.picture_format is PictureFormat.PNG else "image.jpg"
        step = FFmpegStep("fitting", fitted(media, params, context.part(name)), 1.0)
        return Plan((step,), {"image": name}, (*done[0].warnings, *_other_size(media, params)))

    return Plan((PythonStep("drawing", draw, weight=_DRAWING_WEIGHT),), then=fit)


def fitted(media: Media, params: GenerateImageParams, target: Path) -> tuple[str, ...]:
    """Arguments that write the picture in the size that was asked for; cropped, never stretched."""
    exact = params.picture_format is PictureFormat.PNG and _is_opaque_rgb(media)
    shown = user_input(media, an=None).video if exact else on_white(media, _FIELD)
    if _size(media) != (params.width, params.height):
        shown = covering(shown, params.width, params.height)
    options = {"f": "image2", "update": 1, "frames:v": 1, **REPRODUCIBLE}
    if exact:
        # Every pixel keeps its own colour.
        rgb = shown.filter("format", "rgb24")
        output = ffmpeg.output(rgb, str(target), **{"c:v": "png"}, **options)
    else:
        output = written(scaled(shown, None), target, params.picture_format, **options)
    return tuple(output.get_args())


def _is_opaque_rgb(media: Media) -> bool:
    picture = media.require_picture(_FIELD)
    return not picture.alpha and picture.pixel_format == "rgb24" and picture.sample_aspect == 1


async def _looked_into(context: RenderContext, painted: Painted) -> Media:
    file = InputFile(painted.path, painted.mime, _FIELD)
    try:
        media = await context.inspect(file)
        media.require_picture(_FIELD)
    except UnprocessableMedia as error:
        # It is nobody's input: whoever sent the job can do nothing about it.
        raise RenderFailed(f"What was drawn cannot be used: {error.message}") from error
    return media


def _other_size(media: Media, params: GenerateImageParams) -> tuple[str, ...]:
    width, height = _size(media)
    if (width, height) == (params.width, params.height):
        return ()
    wanted = f"{params.width} x {params.height}"
    return (f"the picture came as {width} x {height}: cropped and scaled to {wanted}",)


def _size(media: Media) -> tuple[int, int]:
    picture = media.require_picture(_FIELD)
    return picture.width, picture.height
