"""Plans ``generate_image``: a generator draws; the result is inspected, fitted and written."""

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
from gala_renderer.image_generation.protocol import ImageResult
from gala_renderer.probe.media import Media

NAME: Final = "generate_image"

_FIELD: Final = "image"
_DRAWING_WEIGHT: Final = 20.0


def depends_on(order: RenderOrder, services: EngineResources) -> str | None:
    """Return the generator's version; ``None`` without a seed, as every picture then differs."""
    params = cast(GenerateImageParams, order.params)
    return None if params.seed is None else services.generator.version


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to generate the picture, then to fit it to the requested size."""
    params = cast(GenerateImageParams, order.params)
    picture = ImageRequest(**params.model_dump(exclude={"picture_format"}))
    generator = context.services.generator
    generator.require(picture)
    done: list[ImageResult] = []

    async def draw(report: Report) -> None:
        done.append(await generator.generate(picture, context.scratch, report))

    async def fit() -> Plan:
        media = await _inspected(context, done[0])
        name = "image.png" if params.picture_format is PictureFormat.PNG else "image.jpg"
        step = FFmpegStep("fitting", fitted(media, params, context.part(name)), 1.0)
        return Plan((step,), {"image": name}, (*done[0].warnings, *_other_size(media, params)))

    return Plan((PythonStep("drawing", draw, weight=_DRAWING_WEIGHT),), then=fit)


def fitted(media: Media, params: GenerateImageParams, target: Path) -> tuple[str, ...]:
    """Return arguments that write the picture in the requested size; cropped, never stretched."""
    exact = params.picture_format is PictureFormat.PNG and _is_opaque_rgb(media)
    shown = user_input(media, an=None).video if exact else on_white(media, _FIELD)
    if _size(media) != (params.width, params.height):
        shown = covering(shown, params.width, params.height)
    options = {"f": "image2", "update": 1, "frames:v": 1, **REPRODUCIBLE}
    if exact:
        # No colour conversion: every pixel is unchanged.
        rgb = shown.filter("format", "rgb24")
        output = ffmpeg.output(rgb, str(target), **{"c:v": "png"}, **options)
    else:
        output = written(scaled(shown, None), target, params.picture_format, **options)
    return tuple(output.get_args())


def _is_opaque_rgb(media: Media) -> bool:
    picture = media.require_picture(_FIELD)
    return not picture.alpha and picture.pixel_format == "rgb24" and picture.sample_aspect == 1


async def _inspected(context: RenderContext, painted: ImageResult) -> Media:
    file = InputFile(painted.path, painted.mime, _FIELD)
    try:
        media = await context.inspect(file)
        media.require_picture(_FIELD)
    except UnprocessableMedia as error:
        # It is not an input of the job: the client can do nothing about it.
        raise RenderFailed(f"The generated picture cannot be used: {error.message}") from error
    return media


def _other_size(media: Media, params: GenerateImageParams) -> tuple[str, ...]:
    width, height = _size(media)
    if (width, height) == (params.width, params.height):
        return ()
    requested = f"{params.width} x {params.height}"
    return (f"the generated picture was {width} x {height}: cropped and scaled to {requested}",)


def _size(media: Media) -> tuple[int, int]:
    picture = media.require_picture(_FIELD)
    return picture.width, picture.height
