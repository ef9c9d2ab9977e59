"""Texts that can hardly be read on the plain color behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gala.timeline.compilation.layers import Box, CompiledScene, Layer, PlanWarning
from gala.timeline.document.charts import ChartElement, ChartKind
from gala.timeline.document.countdowns import CountdownElement
from gala.timeline.document.elements import ShapeElement, ShapeName, TextElement
from gala.timeline.document.looks import BlendMode
from gala.timeline.document.placement import VisibleParams
from gala.timeline.document.texts import TextLook, TextRun

LEAST: Final = 3.0
"""Contrast of large texts that WCAG 2.2 asks for."""
_MOVED: Final = {"x", "y", "scale", "rotation"}
_SHADOW: Final = 0.3
"""Opacity from which a shadow makes a text legible."""


def low_contrasts(
    layers: Sequence[Layer], scenes: Sequence[CompiledScene], background: str | None
) -> Iterator[PlanWarning]:
    """Yield the texts of low contrast, where what is behind them is a plain color that is known.

    ``background`` is the film's color; None if it is transparent.
    """
    below: list[Layer] = []
    for layer in layers:
        if isinstance(layer.element, TextElement | CountdownElement):
            yield from _of_text(layer, layer.element, _behind(layer, below, scenes, background))
        if isinstance(layer.element, ChartElement):
            yield from _of_chart(layer, layer.element, _behind(layer, below, scenes, background))
        if layer.is_visible:
            below.append(layer)


def _of_text(
    layer: Layer, text: TextElement | CountdownElement, behind: str | None
) -> Iterator[PlanWarning]:
    if text.blend is not BlendMode.NORMAL:
        return
    if text.box_color is not None:
        behind = _over(text.box_color, behind, text.box_opacity)
    pairs = [(color, box or behind) for color, box in _colors(text)]
    known = [(color, below) for color, below in pairs if below is not None]
    if not known:
        return
    color, behind = min(known, key=lambda pair: contrast(*pair))
    found = contrast(color, behind)
    if found < LEAST:
        message = (
            f"The text is {color} on {behind}, with a contrast of {found:.1f}:1; it is hard to read"
            f" below {LEAST:g}:1. Set color, a box_color, or a stroke_width."
        )
        yield PlanWarning("low_contrast", layer.pointer, message)


def _of_chart(layer: Layer, chart: ChartElement, behind: str | None) -> Iterator[PlanWarning]:
    """Yield the labels and numbers of a chart that can hardly be read on what is behind it."""
    is_number = chart.chart is ChartKind.COUNTER
    color = chart.color if is_number else chart.text_color
    written = chart.show_values or chart.label or any(one.label for one in chart.values)
    if behind is None or not written or chart.blend is not BlendMode.NORMAL:
        return
    found = contrast(color, behind)
    if found < LEAST:
        what = "number of the chart is" if is_number else "labels of the chart are"
        field = "color" if is_number else "text_color"
        message = (
            f"The {what} {color} on {behind}, with a contrast of {found:.1f}:1;"
            f" it is hard to read below {LEAST:g}:1. Set {field}."
        )
        yield PlanWarning("low_contrast", layer.pointer, message)


def _colors(text: TextElement | CountdownElement) -> list[tuple[str, str | None]]:
    """Return the colors of the parts of a text, each with that of its own box, if it has one.

    Parts with an outline or a shadow are left out.
    """
    usual: list[tuple[str, str | None]] = [] if _is_edged(text, text) else [(text.color, None)]
    runs = text.text if isinstance(text, TextElement) else ""
    if isinstance(runs, str):
        return usual
    shown = [run for run in runs if run.text.strip()]
    if not shown:
        return usual
    plain = [run for run in shown if not _is_edged(run, text)]
    return [(run.color or text.color, run.box_color) for run in plain]


def _is_edged(look: TextLook | TextRun, text: TextLook) -> bool:
    """Return True if letters are set off from what is behind them, whatever it is."""
    width = text.stroke_width if look.stroke_width is None else look.stroke_width
    shade = text.shadow_opacity if look.shadow_opacity is None else look.shadow_opacity
    return width > 0 or shade >= _SHADOW


def _behind(
    layer: Layer, below: Sequence[Layer], scenes: Sequence[CompiledScene], background: str | None
) -> str | None:
    """Return the only color that is ever behind a text; None if that is not known."""
    if layer.placement is None or _is_moved(layer):
        return None
    box = layer.placement.box
    for other in reversed(below):
        if other.end <= layer.start or other.start >= layer.end or other.placement is None:
            continue
        if _is_moved(other):
            return None
        if _overlap(other.placement.backdrop or other.placement.box, box):
            return _color_of(other, layer)
    seen = {one.background for one in scenes if one.end > layer.start and one.start < layer.end}
    if not scenes:
        return background
    return seen.pop() if len(seen) == 1 and background is not None else None


def _is_moved(layer: Layer) -> bool:
    for part in (layer, *layer.groups):
        element = part.element
        if not isinstance(element, VisibleParams):
            continue
        keyed = any(_MOVED & set(frame.values) for frame in element.keyframes)
        if keyed or element.rotation or element.scale != 1 or element.mask is not None:
            return True
    return False


def _overlap(one: Box, other: Box) -> bool:
    across = one.left < other.right and other.left < one.right
    return across and one.top < other.bottom and other.top < one.bottom


def _color_of(below: Layer, text: Layer) -> str | None:
    """Return the color of a shape that is behind the whole text all the time."""
    shape, placement = below.element, below.placement
    if not isinstance(shape, ShapeElement) or placement is None or text.placement is None:
        return None
    is_solid = shape.opacity >= 1 and not shape.keyframes and shape.blend is BlendMode.NORMAL
    if shape.shape is not ShapeName.RECTANGLE or not is_solid or below.group is not text.group:
        return None
    box, inner = placement.box, text.placement.box
    covers = (
        box.left <= inner.left + 1
        and box.top <= inner.top + 1
        and box.right >= inner.right - 1
        and box.bottom >= inner.bottom - 1
    )
    always = below.start <= text.start and below.end >= text.end
    return shape.color if covers and always else None


def _over(color: str, below: str | None, opacity: float) -> str | None:
    """Return a color that is laid over another one."""
    if opacity >= 1 or below is None:
        return color if opacity >= 1 else None
    mixed = (
        round(high * opacity + low * (1 - opacity))
        for high, low in zip(_rgb(color), _rgb(below), strict=True)
    )
    return "#" + "".join(f"{one:02x}" for one in mixed)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors as WCAG defines it, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    linear = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _rgb(color))
    )
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
