"""Masks of elements and of their groups, as grey pictures: white where something is seen."""

from __future__ import annotations

import math
from typing import Final

import ffmpeg
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from gala.timeline.compilation.layers import Layer
from gala.timeline.document.masks import MaskParams, MaskShape
from gala.timeline.measurements import Size
from gala_renderer.engine.context import RenderContext
from gala_renderer.ffmpeg.color import normalise_colour, transparent_rgb
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.probe.media import Media
from gala_renderer.text_layout.rich_text import Overflow, Room, TextRun, fit_runs
from gala_renderer.text_layout.styled_layout import SpanLook, TextStyle
from gala_renderer.timeline.drawn import Area
from gala_renderer.timeline.movement import own_mask
from gala_renderer.timeline.studio import Studio

_FINER: Final = 4
_LARGEST: Final = 2048
"""Pixels of a picture that is a mask."""
_LIMIT_SECONDS: Final = 60.0

Points = list[tuple[float, float]]
"""From 0, 0 to 1, 1."""


async def decode_masks(context: RenderContext, studio: Studio) -> None:
    """Decode the pictures that are masks, as PNGs. Raise UnprocessableMedia for other files."""
    for layer in studio.compiled.layers:
        for part in (layer, *layer.groups):
            mask = own_mask(part)
            if mask is None or mask.src is None or mask.src in studio.mask_pictures:
                continue
            path = studio.folder / f"mask-{len(studio.mask_pictures)}.png"
            await context.ffmpeg.run(
                _decoding(studio.files[mask.src], part.pointer, str(path)),
                cwd=context.scratch,
                limit_seconds=_LIMIT_SECONDS,
                media_seconds=1.0,
                report=lambda _: None,
            )
            studio.mask_pictures[mask.src] = path


def _decoding(media: Media, pointer: str, path: str) -> tuple[str, ...]:
    picture = media.require_picture(pointer)
    shown = user_input(media, an=None).video
    if picture.alpha:
        rgb = transparent_rgb(shown, picture)
    else:
        rgb = normalise_colour(shown, picture).filter("scale", in_color_matrix="bt709")
    small = rgb.filter(
        "scale", w=_LARGEST, h=_LARGEST, force_original_aspect_ratio="decrease"
    ).filter("format", "rgba" if picture.alpha else "rgb24")
    options = {"f": "image2", "c:v": "png", "frames:v": 1, "update": 1, **REPRODUCIBLE}
    return tuple(ffmpeg.output(small, path, **options).get_args())


def masks_over(layer: Layer) -> list[MaskParams]:
    """Return the masks of a layer and of its groups."""
    return [mask for part in (layer, *layer.groups) if (mask := own_mask(part)) is not None]


def area_mask(layer: Layer, mask: MaskParams, area: Area, studio: Studio) -> Image.Image:
    """Return the mask of a layer over an area of the film."""
    whole = Image.new("L", (area.width, area.height))
    if layer.placement is None:
        return whole
    box = layer.placement.backdrop or layer.placement.box
    size = max(1, round(box.width)), max(1, round(box.height))
    drawn = drawn_mask_of(mask, size, studio, layer.pointer)
    whole.paste(drawn, (round(box.left - area.x), round(box.top - area.y)))
    return whole


def drawn_mask_of(
    mask: MaskParams, size: tuple[int, int], studio: Studio, pointer: str
) -> Image.Image:
    """Return a mask in grey, as large as the box that it is over."""
    if mask.src is not None:
        drawn = _of_picture(mask, size, studio)
    elif mask.text is not None:
        drawn = _of_text(mask, mask.text, size, studio, pointer)
    else:
        drawn = _soft_shape(mask, size)
    if mask.feather:
        drawn = drawn.filter(ImageFilter.GaussianBlur(mask.feather * min(size) / 4))
    return ImageOps.invert(drawn) if mask.invert else drawn


def _of_picture(mask: MaskParams, size: tuple[int, int], studio: Studio) -> Image.Image:
    with Image.open(studio.mask_pictures[mask.src or ""]) as opened:
        picture = opened.convert("RGBA")
        has_alpha = opened.mode == "RGBA"
    alpha = picture.getchannel("A")
    if mask.mode == "alpha" or (mask.mode is None and has_alpha):
        grey = alpha
    else:
        grey = ImageChops.multiply(picture.convert("RGB").convert("L"), alpha)
    return grey.resize(size, Image.Resampling.LANCZOS)


def _of_text(
    mask: MaskParams, text: str, size: tuple[int, int], studio: Studio, pointer: str
) -> Image.Image:
    chain = studio.fonts.chain(
        mask.font, bold=mask.bold, italic=False, field=f"{pointer}/mask/font"
    )
    style = TextStyle(size=float(size[1]), colour="#ffffff", line_spacing=1.0)
    runs = [TextRun(text, SpanLook(tuple(chain)))]
    fitted = fit_runs(runs, style, Room(size[0], size[1] * 1.25), Overflow.SHRINK)
    studio.missing.update(dict.fromkeys(fitted.block.missing))
    letters = fitted.block.picture(fitted.lines).getchannel("A")
    drawn, room = Image.new("L", size), Size(*size)
    left = (room.width - letters.width) / 2
    drawn.paste(letters, (round(left), round((room.height - letters.height) / 2)))
    return drawn


def _soft_shape(mask: MaskParams, size: tuple[int, int]) -> Image.Image:
    """Return a shape with the space in which it fades out."""
    edge = round(mask.feather * min(size) / 2)
    inner = max(1, size[0] - 2 * edge), max(1, size[1] - 2 * edge)
    drawn = Image.new("L", size)
    drawn.paste(_of_shape(mask, inner), (edge, edge))
    return drawn


def _of_shape(mask: MaskParams, size: tuple[int, int]) -> Image.Image:
    large = (size[0] * _FINER, size[1] * _FINER)
    drawn = Image.new("L", large)
    pen, side = ImageDraw.Draw(drawn), min(large)
    left, top = (large[0] - side) / 2, (large[1] - side) / 2
    match mask.shape:
        case MaskShape.ELLIPSE:
            pen.ellipse((0, 0, large[0] - 1, large[1] - 1), 255)
        case MaskShape.CIRCLE:
            pen.ellipse((left, top, left + side - 1, top + side - 1), 255)
        case MaskShape.ROUNDED:
            pen.rounded_rectangle((0, 0, large[0] - 1, large[1] - 1), mask.radius * side, 255)
        case shape:
            points = _OUTLINES[shape or MaskShape.STAR]
            pen.polygon([(left + x * side, top + y * side) for x, y in points], 255)
    return drawn.resize(size, Image.Resampling.BOX)


def _regular(corners: int, inner: float = 1.0) -> Points:
    """Return the corners of a polygon with one at the top, or of a star."""
    count = corners if inner == 1 else 2 * corners
    radii = [0.5 if inner == 1 or at % 2 == 0 else 0.5 * inner for at in range(count)]
    angles = [2 * math.pi * at / count for at in range(count)]
    return _filling(
        [(radius * math.sin(angle), -radius * math.cos(angle))
         for radius, angle in zip(radii, angles, strict=True)]
    )  # fmt: skip


def _heart() -> Points:
    found: Points = []
    for at in range(200):
        turn = 2 * math.pi * at / 200
        x = 16 * math.sin(turn) ** 3
        y = 13 * math.cos(turn) - 5 * math.cos(2 * turn) - 2 * math.cos(3 * turn)
        found.append((x, -(y - math.cos(4 * turn))))
    return _filling(found)


def _filling(points: Points) -> Points:
    """Return an outline that is in the middle of the square, as large as fits."""
    across, down = [x for x, _ in points], [y for _, y in points]
    side = max(max(across) - min(across), max(down) - min(down))
    middle = (max(across) + min(across)) / 2, (max(down) + min(down)) / 2
    return [(0.5 + (x - middle[0]) / side, 0.5 + (y - middle[1]) / side) for x, y in points]


_OUTLINES: Final = {
    MaskShape.DIAMOND: _regular(4),
    MaskShape.TRIANGLE: _regular(3),
    MaskShape.HEXAGON: _regular(6),
    MaskShape.STAR: _regular(5, 0.45),
    MaskShape.HEART: _heart(),
}
