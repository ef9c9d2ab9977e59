"""Plans ``image_stitch``: pictures in a grid, decoded by FFmpeg and combined by Pillow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Final, NamedTuple, cast

from PIL import Image

from gala.errors import InvalidRequest
from gala.render_types.frames import PictureFormat
from gala.render_types.image_stitch import MAX_IMAGES, ImageStitchParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.frame_extraction import on_white, scaled, written
from gala_renderer.probe.media import Media

NAME: Final = "image_stitch"

_BACKGROUND: Final = "#ffffff"
_SECONDS: Final = 60.0

Size = tuple[int, int]


class Grid(NamedTuple):
    """Columns, rows and the size of each cell in pixels."""

    columns: int
    rows: int
    cell: Size


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect all pictures; plan to scale each to its cell, then to combine them."""
    params = cast(ImageStitchParams, order.params)
    files = order.files("images")
    if len(files) > MAX_IMAGES:
        raise InvalidRequest(
            f"{files[0].field}: at most {MAX_IMAGES} pictures are allowed.",
            field=files[0].field,
        )
    found = await context.inspect_all(files)
    for media, file in zip(found, files, strict=True):
        media.require_picture(file.field)
    grid = laid_out([_size(media) for media in found], params)
    paths = [context.scratch / f"image-{number}.png" for number in range(len(found))]
    name = "image.png" if params.picture_format is PictureFormat.PNG else "image.jpg"

    async def draw(report: Report) -> None:
        for number, (media, path) in enumerate(zip(found, paths, strict=True), 1):
            await _fit(context, media, grid.cell, path)
            report(number / len(paths))

    async def gather(_report: Report) -> None:
        await asyncio.to_thread(_paste, paths, grid, context.part(name))

    return Plan(
        (PythonStep("drawing", draw, weight=9.0), PythonStep("gathering", gather)),
        {"image": name},
    )


def _size(media: Media) -> Size:
    picture = media.require_picture("images")
    return picture.width, picture.height


def laid_out(sizes: Sequence[Size], params: ImageStitchParams) -> Grid:
    """Return the grid that shows the pictures largest within the limits of the result."""
    choices = [params.columns] if params.columns else range(1, len(sizes) + 1)
    grids = [_grid(min(columns, len(sizes)), sizes, params) for columns in choices]
    return max(grids, key=lambda grid: _shown(grid, sizes))


def _grid(columns: int, sizes: Sequence[Size], params: ImageStitchParams) -> Grid:
    rows = ceil(len(sizes) / columns)
    widest = max(width for width, _ in sizes)
    highest = max(height for _, height in sizes)
    width = max(1, min(params.max_width // columns, widest))
    height = max(1, min(params.max_height // rows, highest))
    # No wider or higher than the pictures need when they fill the other dimension.
    width = min(width, max(1, *(round(w * min(1, height / h)) for w, h in sizes)))
    height = min(height, max(1, *(round(h * min(1, width / w)) for w, h in sizes)))
    return Grid(columns, rows, (width, height))


def _shown(grid: Grid, sizes: Sequence[Size]) -> float:
    """Return the number of visible pixels of the pictures; less empty space breaks ties."""
    width, height = grid.cell
    scales = [min(1.0, width / w, height / h) for w, h in sizes]
    visible = sum(w * h * scale * scale for (w, h), scale in zip(sizes, scales, strict=True))
    return visible - 1e-6 * (grid.columns * grid.rows * width * height)


async def _fit(context: RenderContext, media: Media, cell: Size, target: Path) -> None:
    width, height = _size(media)
    scale = min(1.0, cell[0] / width, cell[1] / height)
    shown = scaled(on_white(media, "images"), max(1, round(width * scale)))
    options = {"f": "image2", "update": 1, "frames:v": 1, **REPRODUCIBLE}
    await context.ffmpeg.run(
        tuple(written(shown, target, PictureFormat.PNG, **options).get_args()),
        cwd=context.scratch,
        limit_seconds=_SECONDS,
        media_seconds=1.0,
        report=lambda _: None,
    )


def _paste(paths: Sequence[Path], grid: Grid, target: Path) -> None:
    width, height = grid.cell
    whole = Image.new("RGB", (grid.columns * width, grid.rows * height), _BACKGROUND)
    for at, path in enumerate(paths):
        row, column = divmod(at, grid.columns)
        with Image.open(path) as image:
            image.thumbnail(grid.cell, Image.Resampling.LANCZOS)
            left = column * width + (width - image.width) // 2
            top = row * height + (height - image.height) // 2
            whole.paste(image.convert("RGB"), (left, top))
    if target.suffix == ".png":
        whole.save(target, format="PNG")
    else:
        whole.save(target, format="JPEG", quality=90)
