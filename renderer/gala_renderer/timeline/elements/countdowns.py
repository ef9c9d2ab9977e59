"""Countdowns: each number is drawn once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import cast

from PIL import Image

from gala.timeline.compilation.countdowns import as_text, shown
from gala.timeline.compilation.layers import WHOLE_PICTURE, Box, Layer
from gala.timeline.document.countdowns import CountdownElement
from gala_renderer.captions.overlay_track import CaptionTrack, Cue
from gala_renderer.program_jobs import job_text
from gala_renderer.timeline.drawing.job import Material, Sequence
from gala_renderer.timeline.drawn import Area, save_png
from gala_renderer.timeline.elements.captions import CaptionPictures
from gala_renderer.timeline.elements.moved import Rest, material_size
from gala_renderer.timeline.elements.texts import placed_text
from gala_renderer.timeline.studio import Shown, Studio


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Pictures of one size: file names, with the frames of the film from and to which they are
    shown."""

    folder: Path
    pictures: tuple[tuple[str, int, int], ...]
    box: Box
    """What they cover, in pixels of the film."""
    size: tuple[int, int]


def make(layer: Layer, studio: Studio) -> Shown | None:
    """Return a countdown, drawn once for each number."""
    drawn = _drawn(layer, studio, 1.0)
    if drawn is None or Area.of(drawn.box, studio.size) is None:
        return None
    cues = tuple(
        Cue(float(first / studio.rate), float(end / studio.rate), name)
        for name, first, end in drawn.pictures
    )
    x, y = round(drawn.box.left), round(drawn.box.top)
    track = CaptionTrack(drawn.folder, studio.rate, cues[-1].picture, x, y, drawn.size, cues)
    track.write()
    area = Area(x, y, *drawn.size, WHOLE_PICTURE)
    return CaptionPictures(layer=layer, area=area, studio=studio, track=track)


def rest(layer: Layer, studio: Studio, zoom: float) -> Rest | None:
    """Return the numbers one after the other, for a layer that moves."""
    if layer.placement is None:
        return None
    drawn = _drawn(layer, studio, material_size(layer.placement.box, zoom)[1])
    if drawn is None:
        return None
    sequence = Sequence(
        pictures=tuple((drawn.folder / name, end - first) for name, first, end in drawn.pictures)
    )
    path = studio.path(layer, ".json")
    path.write_text(job_text(sequence))
    width, height = drawn.size
    material = Material(kind="sequence", path=path, width=width, height=height, alpha=True)
    return Rest(material, drawn.box)


def _drawn(layer: Layer, studio: Studio, scale: float) -> _Numbers | None:
    """Draw all numbers, ``scale`` times as large as in the film."""
    if layer.placement is None:
        return None
    folder = studio.path(layer, "-numbers")
    folder.mkdir(exist_ok=True)
    box = _with_margin(layer, studio, scale)
    size = (round(box.width * scale), round(box.height * scale))
    names: dict[str, str] = {}
    pictures: list[tuple[str, int, int]] = []
    for text, first, end in _shown(layer, studio):
        if text not in names:
            names[text] = f"{len(names)}.png"
            picture = _picture(layer, text, studio, scale, (box, size))
            save_png(picture, folder / names[text])
        pictures.append((names[text], first, end))
    return _Numbers(folder, tuple(pictures), box, size)


def _shown(layer: Layer, studio: Studio) -> Iterator[tuple[str, int, int]]:
    """Yield each text with the frames of the film from and to which it is shown."""
    texts = list(shown(cast(CountdownElement, layer.element), layer.length))
    changes = [round((layer.start + second) * studio.rate) for _, second in texts[1:]]
    edges = [layer.first_frame, *changes, layer.end_frame]
    for (text, _), (first, end) in zip(texts, pairwise(edges), strict=True):
        if end > first:
            yield text, first, end


def _with_margin(layer: Layer, studio: Studio, scale: float) -> Box:
    """Return the box with the space for outlines and shadows, at even pixels."""
    countdown = cast(CountdownElement, layer.element)
    text, _ = placed_text(layer, as_text(countdown, "0"), studio, scale)
    placement = WHOLE_PICTURE if layer.placement is None else layer.placement.box
    margin = text.block.margin / scale
    left, top = (2 * math.floor((at - margin) / 2) for at in placement[:2])
    right, bottom = (
        2 * math.ceil((end + margin) / 2) for end in (placement.right, placement.bottom)
    )
    return Box(left, top, right - left, bottom - top)


def _picture(
    layer: Layer, text: str, studio: Studio, scale: float, canvas: tuple[Box, tuple[int, int]]
) -> Image.Image:
    countdown, (box, size) = cast(CountdownElement, layer.element), canvas
    placed, corner = placed_text(layer, as_text(countdown, text), studio, scale)
    margin = placed.block.margin
    left, top = corner[0] - margin - box.left * scale, corner[1] - margin - box.top * scale
    picture = Image.new("RGBA", size)
    picture.paste(placed.block.picture(placed.lines), (round(left), round(top)))
    return picture
