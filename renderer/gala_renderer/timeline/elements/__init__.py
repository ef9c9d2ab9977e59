"""How elements become pictures: a module for each kind, and their registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gala.timeline.compilation.layers import Layer
from gala_renderer.timeline.elements import (
    captions,
    charts,
    countdowns,
    files,
    htmls,
    lotties,
    presenters,
    shapes,
    svgs,
    texts,
    waveforms,
)
from gala_renderer.timeline.elements.masked import masked_still
from gala_renderer.timeline.elements.moved import Rest, make_moved
from gala_renderer.timeline.movement import movement_of, moves, zoom_of
from gala_renderer.timeline.studio import Shown, Studio


@dataclass(frozen=True, slots=True)
class Kind:
    """How elements of a type become pictures."""

    make: Callable[[Layer, Studio], Shown | None] | None
    """Returns a layer that does not move, ready to be seen, or None if nothing of it is on the
    frame; None for elements that are drawn frame by frame even if they stay where they are."""
    rest: Callable[[Layer, Studio, float], Rest | None] | None = None
    """Returns what moves of one that does, for a zoom; None for elements that cannot move."""


KINDS: Final[Mapping[str, Kind]] = {
    "video": Kind(files.make, files.rest),
    "image": Kind(files.make, files.rest),
    "text": Kind(texts.make, texts.rest),
    "countdown": Kind(countdowns.make, countdowns.rest),
    "chart": Kind(None, charts.rest),
    "lottie": Kind(None, lotties.rest),
    "html": Kind(None, htmls.rest),
    "waveform": Kind(None, waveforms.rest),
    "shape": Kind(shapes.make, shapes.rest),
    "svg": Kind(svgs.make, svgs.rest),
    "caption": Kind(captions.make),
    "presenter": Kind(presenters.make, presenters.rest),
}
"""By the type of the element."""


def shown_layer(layer: Layer, studio: Studio) -> Shown | None:
    """Return a layer, ready to be seen; None if nothing of it is on the frame."""
    kind = KINDS[layer.element.type]
    if kind.make is not None and (kind.rest is None or not moves(layer)):
        return masked_still(kind.make(layer, studio), studio)
    movement = movement_of(layer, studio.wanted(layer.first_frame, layer.end_frame))
    if movement is None or kind.rest is None:
        return None
    # Materials are as large as they ever become, also for a single frame.
    zoom = movement.zoom if studio.seen is None else zoom_of(layer, studio.rate)
    rest = kind.rest(layer, studio, zoom)
    return None if rest is None else make_moved(layer, studio, rest, movement)
