"""Contact sheets: one frame of each film of a template, by format, language and length."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, cast

import numpy as np
from PIL import Image, ImageDraw

from bench.templates.matrix import Case, compiled
from gala.timeline.compilation.layers import CompiledTimeline, Layer
from gala.timeline.document.elements import ImageElement
from gala.timeline.document.waveforms import WaveformElement
from gala_renderer.text_layout.font_registry import FontRegistry
from gala_renderer.timeline.drawing.job import MovingJob
from gala_renderer.timeline.drawing.moving import pictures_of
from gala_renderer.timeline.drawn import Area
from gala_renderer.timeline.elements import KINDS, shapes, texts
from gala_renderer.timeline.elements.stationary import DrawnPicture
from gala_renderer.timeline.studio import Studio

_HEIGHTS: Final = {"9:16": 340, "1:1": 230, "16:9": 150}
_GAP: Final = 8


def draw(cases: Sequence[Case], registry: FontRegistry, path: Path) -> None:
    """Write the films of a template as one picture: a row for each frame and language."""
    rows = [
        [_small(case, registry) for case in row]
        for _, row in groupby(cases, key=lambda case: (case.ratio, case.target, case.language))
    ]
    width = max(sum(one.width + _GAP for one in row) for row in rows)
    sheet = Image.new("RGB", (width, sum(row[0].height + _GAP for row in rows)), "#888888")
    top = 0
    for row in rows:
        left = 0
        for one in row:
            sheet.paste(one, (left, top))
            left += one.width + _GAP
        top += row[0].height + _GAP
    sheet.save(path)


def _small(case: Case, registry: FontRegistry) -> Image.Image:
    found = frame(compiled(case, registry), registry)
    height = _HEIGHTS[case.ratio]
    return found.resize((round(found.width * height / found.height), height))


def frame(film: CompiledTimeline, registry: FontRegistry) -> Image.Image:
    """Return the frame in which most layers are seen; captions and presenters are left out."""
    at = max(
        (layer.end_frame - 1 for layer in film.layers if layer.placement is not None),
        # No frame of a transition, in which two scenes are seen.
        key=lambda number: (-len(_scenes(film, number)), len(_seen(film, number)), -number),
    )
    scene = next((one for one in film.scenes if one.first_frame <= at < one.end_frame), None)
    size = (film.frame.width, film.frame.height)
    picture = Image.new("RGB", size, film.background if scene is None else scene.background)
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(film, {}, registry, Path(folder))
        for layer in _seen(film, at):
            _lay(picture, layer, studio)
    return picture


def _scenes(film: CompiledTimeline, at: int) -> set[int]:
    return {layer.scene for layer in _seen(film, at) if layer.scene is not None}


def _seen(film: CompiledTimeline, at: int) -> list[Layer]:
    return [
        layer
        for layer in film.layers
        if layer.placement is not None and layer.first_frame <= at < layer.end_frame
    ]


def _lay(picture: Image.Image, layer: Layer, studio: Studio) -> None:
    if isinstance(layer.element, ImageElement):
        _lay_photo(picture, layer, studio)
        return
    if layer.element.type in {"chart", "waveform", "countdown"}:
        picture.paste(*_drawn_last(layer, studio))
        return
    maker = {"text": texts.make, "shape": shapes.make}.get(layer.element.type)
    shown = None if maker is None else maker(layer, studio)
    if not isinstance(shown, DrawnPicture):
        return
    with Image.open(shown.path) as found:
        drawn = found.convert("RGBA")
    opacity = float(getattr(layer.element, "opacity", 1.0))
    alpha = drawn.getchannel("A").point([round(value * opacity) for value in range(256)])
    picture.paste(drawn, (shown.area.x, shown.area.y), alpha)


def _drawn_last(layer: Layer, studio: Studio) -> tuple[Image.Image, tuple[int, int], Image.Image]:
    """Return what is drawn over time as it is at last, its corner and its opacity."""
    if layer.element.type == "waveform":
        levels = 0.5 + 0.4 * np.sin(np.arange(cast(WaveformElement, layer.element).bars))
        studio.levels[layer.number] = studio.path(layer, "-levels.npy")
        np.save(studio.levels[layer.number], np.tile(levels.astype(np.float32), (2, 1)))
    rest = KINDS[layer.element.type].rest
    found = None if rest is None else rest(layer, studio, 1.0)
    if found is None:
        raise ValueError(f"{layer.pointer} is not drawn")
    frames = layer.end_frame - layer.first_frame
    skipped = 1 if layer.element.type == "waveform" else frames - 1
    job = MovingJob(pipe=Path(), width=2, height=2, alpha=True, material=found.material,
                    poses=Path(), skipped=skipped)  # fmt: skip
    drawn = Image.fromarray(next(one for one in pictures_of(job) if one is not None), "RGBA")
    corner = (round(found.box.left), round(found.box.top))
    return drawn, corner, drawn.getchannel("A")


def _lay_photo(picture: Image.Image, layer: Layer, studio: Studio) -> None:
    """Draw a landscape in place of a picture."""
    placement = layer.placement
    area = None if placement is None else Area.of(placement.box, studio.size)
    if area is None:
        return
    photo = Image.linear_gradient("L").resize((area.width, area.height))
    colored = Image.merge("RGB", [photo.point([shade + value * 5 // 10 for value in range(256)])
                                  for shade in (70, 100, 120)])  # fmt: skip
    pen = ImageDraw.Draw(colored)
    width, height = colored.size
    pen.polygon([(0, height), (width * 0.3, height * 0.4), (width * 0.6, height)], "#3c5a4a")
    pen.polygon([(width * 0.3, height), (width * 0.7, height * 0.5), (width, height)], "#52755c")
    mask = Image.new("L", (width, height))
    radius = cast(ImageElement, layer.element).radius * min(width, height)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width - 1, height - 1), radius, 255)
    picture.paste(colored, (area.x, area.y), mask)
