"""How a compiled film fits its target: its length, and texts under the player's own controls."""

from __future__ import annotations

from collections.abc import Iterator

from gala.targets import Target
from gala.timeline.compilation.layers import Box, CompiledTimeline, Layer, PlanWarning
from gala.timeline.document.elements import TextElement

_TOLERANCE = 1.0
"""Pixels."""


def target_warnings(film: CompiledTimeline, target: Target) -> Iterator[PlanWarning]:
    """Yield what does not fit the target."""
    problem = target.length_problem(float(film.length))
    if problem is not None:
        about = " The length is an estimate." if film.is_estimate else ""
        yield PlanWarning("target_length", "", f"{problem}{about}")
    for layer in film.layers:
        over = _over(layer, target)
        if over > _TOLERANCE:
            message = (
                f"The text reaches {over:.0f} pixels into the part of the frame that"
                f" {target.title} covers with its own controls."
            )
            yield PlanWarning("target_safe_area", layer.pointer, message)


def _over(layer: Layer, target: Target) -> float:
    """Return how many pixels a text reaches out of the safe area; 0 for all else."""
    if not isinstance(layer.element, TextElement) or layer.placement is None or layer.group:
        return 0.0
    width, height, safe = layer.frame.width, layer.frame.height, target.safe_area
    inner = Box(
        safe.left * width,
        safe.top * height,
        width * (1 - safe.left - safe.right),
        height * (1 - safe.top - safe.bottom),
    )
    box = layer.placement.box
    return max(
        inner.left - box.left,
        inner.top - box.top,
        box.right - inner.right,
        box.bottom - inner.bottom,
        0.0,
    )
