"""Plans ``image_retouch``: colour, contrast and grain of a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast

from gala.render_types.frames import PictureFormat
from gala.render_types.image_retouch import ImageRetouchParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.frame_extraction import on_white, scaled, written
from gala_renderer.probe.media import Media

NAME: Final = "image_retouch"

_SEED: Final = 5489
_FULL_NOISE: Final = 60
"""FFmpeg's noise strength for a grain of 100."""


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect the picture and plan one pass of FFmpeg."""
    params = cast(ImageRetouchParams, order.params)
    file = order.files("image")[0]
    media = await context.inspect(file)
    media.require_picture(file.field)
    name = "image.png" if params.picture_format is PictureFormat.PNG else "image.jpg"
    arguments = retouched(media, params, context.part(name), field=file.field)
    return Plan((FFmpegStep("retouching", arguments, 1.0),), {"image": name})


def retouched(
    media: Media, params: ImageRetouchParams, target: Path, *, field: str
) -> tuple[str, ...]:
    """Return arguments that write the picture with changed colour, contrast and grain."""
    shown = scaled(on_white(media, field), None)
    if (params.color, params.contrast) != (1.0, 1.0):
        shown = shown.filter("eq", saturation=params.color, contrast=params.contrast)
    if params.noise:
        strength = round(params.noise * _FULL_NOISE / 100)
        shown = shown.filter("noise", alls=max(1, strength), allf="u", all_seed=_SEED)
    options = {"f": "image2", "update": 1, "frames:v": 1, **REPRODUCIBLE}
    return tuple(written(shown, target, params.picture_format, **options).get_args())
