"""Places and sizes in pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from gala.render_types.params.framing import Anchor
from gala.timeline.compilation.layers import Box, Placement
from gala.timeline.document.charts import ChartElement
from gala.timeline.document.elements import (
    AnyElement,
    ImageElement,
    ShapeElement,
    SvgElement,
    TextElement,
    VideoElement,
)
from gala.timeline.document.placement import ObjectFit, VisibleParams
from gala.timeline.document.presenters import PresenterElement
from gala.timeline.document.waveforms import WaveformElement
from gala.timeline.measurements import Size

TextMeasure = Callable[[TextElement, float, float | None], Size]
"""Returns the size of a text in a box of that width and, if it is given, height in pixels."""

_MIDDLE: Final = (0.5, 0.5)


class Surroundings(NamedTuple):
    """What an element is placed in: the frame, or the box of its group."""

    within: Box
    short_side: int
    """Of the frame, in pixels."""
    safe_area: float
    """In pixels."""


def place(
    element: AnyElement, around: Surroundings, content: Size | None, measure: TextMeasure
) -> Placement | None:
    """Return where an element is; None for one that is only heard, and for captions.

    ``content`` is the size of its picture, if it is known.
    """
    if not isinstance(element, VisibleParams):
        return None
    outer = _size(element, around, content, measure)
    anchor = _anchor(element)
    at_x, at_y = _point(element, around, anchor)
    box = Box(
        at_x - anchor[0] * outer.width, at_y - anchor[1] * outer.height, outer.width, outer.height
    )
    if content is None or not isinstance(element, VideoElement | ImageElement | SvgElement):
        return Placement(box, anchor, around.within)
    return _fitted(element.fit, box, content, Placement(box, anchor, around.within))


def _anchor(element: VisibleParams) -> tuple[float, float]:
    word = element.position or element.anchor
    if word is None and _stands(element):
        word = Anchor.BOTTOM
    return (word or Anchor.CENTER).parts


def _stands(element: VisibleParams) -> bool:
    """Return True for a presenter that stands on the lower edge, as nothing else is said."""
    return (
        isinstance(element, PresenterElement)
        and element.position is None
        and element.anchor is None
        and element.y is None
    )


def _usual_y(element: VisibleParams) -> float:
    return 1.0 if _stands(element) else 0.5


def _point(
    element: VisibleParams, around: Surroundings, anchor: tuple[float, float]
) -> tuple[float, float]:
    """Return the place of the anchor in pixels of the frame."""
    within = around.within
    if element.position is None and (element.x is not None or element.y is not None):
        x = 0.5 if element.x is None else element.x
        y = _usual_y(element) if element.y is None else element.y
        return within.left + x * within.width, within.top + y * within.height
    margin = _margin(element, around)
    return (
        within.left + _along(anchor[0], within.width, margin),
        within.top + _along(anchor[1], within.height, margin),
    )


def _along(part: float, side: float, margin: float) -> float:
    return part * side + (0.5 - part) * 2 * margin


def _margin(element: VisibleParams, around: Surroundings) -> float:
    if element.margin is not None:
        return element.margin * around.short_side
    is_inside = isinstance(element, TextElement | ChartElement | WaveformElement)
    return around.safe_area if is_inside else 0.0


def _size(
    element: VisibleParams, around: Surroundings, content: Size | None, measure: TextMeasure
) -> Size:
    """Return the size of an element's box."""
    within = around.within
    width = None if element.width is None else element.width * within.width
    height = None if element.height is None else element.height * within.height
    if isinstance(element, TextElement):
        return _text_size(element, around, measure, width, height)
    if width is None and height is None:
        if (
            isinstance(element, VideoElement | ImageElement | SvgElement)
            and element.fit is ObjectFit.NONE
            and content is not None
        ):
            return content
        fills = isinstance(element, ChartElement | WaveformElement)
        margin = 2 * _margin(element, around) if fills else 0.0
        return Size(max(1.0, within.width - margin), max(1.0, within.height - margin))
    aspect = _aspect(element, within, content)
    if width is None and height is not None:
        return Size(height * aspect, height)
    if height is None and width is not None:
        return Size(width, width / aspect)
    return Size(width or 0.0, height or 0.0)


def _text_size(
    element: TextElement,
    around: Surroundings,
    measure: TextMeasure,
    width: float | None,
    height: float | None,
) -> Size:
    room = width or around.within.width - 2 * _margin(element, around)
    measured = measure(element, room, height)
    return Size(width or measured.width, height or measured.height)


def _aspect(element: VisibleParams, within: Box, content: Size | None) -> float:
    if content is not None:
        return content.width / content.height
    if isinstance(element, ShapeElement | PresenterElement):
        return 1.0
    return within.width / within.height


def _fitted(fit: ObjectFit, box: Box, content: Size, plain: Placement) -> Placement:
    """Return the placement of a picture of that size in its box."""
    by_width, by_height = box.width / content.width, box.height / content.height
    match fit:
        case ObjectFit.FILL:
            return plain
        case ObjectFit.COVER:
            return _cropped(plain, box, content, max(by_width, by_height))
        case ObjectFit.NONE:
            if content.width <= box.width and content.height <= box.height:
                return _shown_whole(plain, box, content, 1.0)
            return _cropped(plain, box, content, 1.0)
        case ObjectFit.CONTAIN:
            return _shown_whole(plain, box, content, min(by_width, by_height))
    # The blurred copy has no other middle, whatever the anchor of the box.
    inner = _shown_whole(plain, box, content, min(by_width, by_height), within=_MIDDLE)
    return replace(inner, backdrop=box)


def _shown_whole(
    plain: Placement,
    box: Box,
    content: Size,
    scale: float,
    *,
    within: tuple[float, float] | None = None,
) -> Placement:
    """Return a placement at the anchor of the box, or at another point ``within`` it."""
    size = Size(content.width * scale, content.height * scale)
    return replace(plain, box=_inside(box, size, within or plain.anchor))


def _cropped(plain: Placement, box: Box, content: Size, scale: float) -> Placement:
    """Return a placement that shows the middle of a picture that is larger than its box."""
    whole = Size(content.width * scale, content.height * scale)
    shown = Size(min(box.width, whole.width), min(box.height, whole.height))
    width, height = shown.width / whole.width, shown.height / whole.height
    crop = Box((1 - width) / 2, (1 - height) / 2, width, height)
    return replace(plain, box=_inside(box, shown, plain.anchor), crop=crop)


def _inside(box: Box, size: Size, anchor: tuple[float, float]) -> Box:
    """Return a box of that size in another one, with the same anchor."""
    left = box.left + (box.width - size.width) * anchor[0]
    top = box.top + (box.height - size.height) * anchor[1]
    return Box(left, top, size.width, size.height)
