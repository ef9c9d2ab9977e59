"""Texts that captions are drawn over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from gala.render_types.params.captions import CaptionParams, CaptionStyle
from gala.timeline.compilation.layers import Box, Layer, PlanWarning
from gala.timeline.document.countdowns import CountdownElement
from gala.timeline.document.elements import TextElement
from gala.timeline.document.texts import VerticalAlign

_LINE: Final = 1.25
"""Height of a line of captions, of the font size."""
_CERTAIN_WIDTH: Final = 0.3
"""The part of their greatest width that captions hardly ever leave free."""
_LEAST_OVERLAP: Final = 0.2
"""Of the height of a line of captions."""
_LEAST_SECONDS: Final = 0.3
_DECORATION: Final = 0.3
"""The opacity up to which a text is a part of the background."""


def captions_over_texts(
    layers: Sequence[Layer], height_of: Callable[[TextElement, float], tuple[float, float]]
) -> Iterator[PlanWarning]:
    """Yield the texts that captions are shown over; those that move are not looked at.

    ``height_of`` returns the height of a text in lines of a width, in pixels, and by which part of
    it that may be wrong.
    """
    captioned = [(one, one.captions) for one in layers if one.captions is not None]
    for layer in layers:
        box = _drawn(layer, height_of)
        if box is None:
            continue
        for over, look in captioned:
            if _together(over, layer) and _meet(_lines(look, layer), box, _line(look, layer)):
                message = (
                    f"The captions of {over.pointer} are over this text. Move it, or give the"
                    " captions another position."
                )
                yield PlanWarning("captions_over_text", layer.pointer, message)
                break


def _drawn(
    layer: Layer, height_of: Callable[[TextElement, float], tuple[float, float]]
) -> Box | None:
    """Return what a text covers; None for what is no text, moves or is hardly seen."""
    text, placement = layer.element, layer.placement
    if not isinstance(text, TextElement | CountdownElement) or placement is None:
        return None
    moves = any(frame.x is not None or frame.y is not None for frame in text.keyframes)
    if moves or layer.group is not None or text.opacity <= _DECORATION:
        return None
    box = placement.box
    if not isinstance(text, TextElement) or text.height is None:
        return box
    height, error = height_of(text, box.width)
    height = min(box.height, height * (1 - error))
    room = box.height - height
    above = {VerticalAlign.TOP: 0.0, VerticalAlign.CENTER: room / 2, VerticalAlign.BOTTOM: room}
    return Box(box.left, box.top + above[text.vertical_align], box.width, height)


def _together(one: Layer, other: Layer) -> bool:
    return min(one.end, other.end) - max(one.start, other.start) >= _LEAST_SECONDS


def _line(look: CaptionParams, layer: Layer) -> float:
    """Return the height of a line of captions in pixels."""
    return _LINE * look.em(min(layer.frame.width, layer.frame.height))


def _lines(look: CaptionParams, layer: Layer) -> Box:
    """Return what captions cover for certain, at times."""
    count = 1 if look.style is CaptionStyle.WORD else min(2, look.max_lines)
    width = layer.frame.width * look.width * _CERTAIN_WIDTH
    height = count * _line(look, layer)
    left, top = layer.frame.width * look.x - width / 2, layer.frame.height * look.height
    return Box(left, top - height / 2, width, height)


def _meet(lines: Box, text: Box, line: float) -> bool:
    across = min(lines.right, text.right) - max(lines.left, text.left)
    down = min(lines.bottom, text.bottom) - max(lines.top, text.top)
    return across > 0 and down > _LEAST_OVERLAP * line
