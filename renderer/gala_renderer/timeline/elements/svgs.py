"""Drawings in SVG. They come from users, so that a program in the sandbox draws them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast

from PIL import Image

from gala.errors import EngineMissing, UnprocessableMedia
from gala.installation import install_hint
from gala.timeline.compilation.layers import Layer
from gala.timeline.document.elements import SvgElement
from gala_renderer.avatars.sandboxed_program import last_line
from gala_renderer.engine.context import RenderContext
from gala_renderer.text_layout.fonts import installed_files
from gala_renderer.timeline.drawing.job import Material
from gala_renderer.timeline.drawn import Area, save_png
from gala_renderer.timeline.elements.moved import Rest, material_size
from gala_renderer.timeline.elements.stationary import DrawnPicture
from gala_renderer.timeline.movement import moves, zoom_of
from gala_renderer.timeline.studio import Shown, Studio

_PROGRAM: Final = "gala_renderer.timeline.drawing.svg_program"


@dataclass(frozen=True, slots=True)
class _Drawing:
    layer: Layer
    source: Path
    size: tuple[int, int]
    target: Path

    @property
    def job(self) -> dict[str, Any]:
        """What the program gets."""
        return {
            "source": str(self.source),
            "width": self.size[0],
            "height": self.size[1],
            "fit": cast(SvgElement, self.layer.element).fit.value,
            "target": str(self.target),
        }


async def draw_svgs(context: RenderContext, studio: Studio, files: Mapping[str, Path]) -> None:
    """Draw all drawings of a film, as large as they ever become; ``files`` are those by source.

    Raise UnprocessableMedia naming the element of one that cannot be drawn, or EngineMissing
    without resvg.
    """
    drawings = [
        _drawing(layer, studio, files)
        for layer in studio.compiled.layers
        if isinstance(layer.element, SvgElement)
    ]
    if not drawings:
        return
    if find_spec("resvg_py") is None:
        raise EngineMissing("Drawings need resvg.", hint=install_hint("avatars"))
    path = studio.folder / "svgs.json"
    job = {"fonts": [str(one) for one in installed_files()], "drawings": [d.job for d in drawings]}
    path.write_text(json.dumps(job))
    answers = await last_line(context, _PROGRAM, path, failure="The drawings cannot be drawn")
    for one, wrong in zip(drawings, json.loads(answers), strict=True):
        if wrong is not None:
            raise UnprocessableMedia(
                f"{one.layer.pointer}: this SVG cannot be drawn: {wrong}",
                hint="Write another drawing.",
                field=one.layer.pointer,
            )
        studio.drawings[one.layer.number] = Material(
            kind="picture", path=one.target, width=one.size[0], height=one.size[1], alpha=True
        )


def _drawing(layer: Layer, studio: Studio, files: Mapping[str, Path]) -> _Drawing:
    element = cast(SvgElement, layer.element)
    if element.src is not None:
        source = files[element.src]
    else:
        source = studio.path(layer, ".svg")
        source.write_text(element.svg or "", encoding="utf-8")
    zoom = zoom_of(layer, studio.rate) if moves(layer) else 1.0
    box = layer.placement.box if layer.placement is not None else None
    size = (2, 2) if box is None else material_size(box, zoom)[0]
    return _Drawing(layer, source, size, studio.path(layer, ".rgba"))


def make(layer: Layer, studio: Studio) -> Shown | None:
    """Return the part of a drawing that is on the frame."""
    placement, whole = layer.placement, studio.drawings[layer.number]
    area = None if placement is None else Area.of(placement.box, studio.size)
    if area is None:
        return None
    size = (whole.width, whole.height)
    picture = Image.frombytes("RGBA", size, whole.path.read_bytes())
    left, top = round(area.part.left * size[0]), round(area.part.top * size[1])
    path = studio.path(layer, ".png")
    save_png(picture.crop((left, top, left + area.width, top + area.height)), path)
    return DrawnPicture(layer=layer, area=area, studio=studio, path=path)


def rest(layer: Layer, studio: Studio, zoom: float) -> Rest | None:
    """Return a whole drawing, for a layer that moves; it is as large as its zoom needs."""
    del zoom
    if layer.placement is None:
        return None
    return Rest(studio.drawings[layer.number], layer.placement.box)
