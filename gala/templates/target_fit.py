"""How a compiled film fits its target: its length, and texts under the player's own controls."""

from __future__ import annotations

from collections.abc import Iterator

from gala.render_types.params.captions import PLACES, CaptionParams, CaptionPlace
from gala.render_types.params.safe_margins import HALF_HEIGHT
from gala.targets import SafeArea, Target
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
        if layer.captions is not None and _covers_captions(layer.captions, target.safe_area):
            yield PlanWarning("target_safe_area", layer.pointer, _captions_message(target))
        over = _over(layer, target)
        if over > _TOLERANCE:
            message = (
                f"The text reaches {over:.0f} pixels into the part of the frame that"
                f" {target.title} covers with its own controls. {_free(target.safe_area)}"
            )
            yield PlanWarning("target_safe_area", layer.pointer, message)


def _free(safe: SafeArea) -> str:
    across, down = _percents(safe.left, 1 - safe.right), _percents(safe.top, 1 - safe.bottom)
    return f"Keep it between {down} of the height, and {across} of the width."


def _percents(first: float, last: float) -> str:
    return f"{first * 100:.0f}% and {last * 100:.0f}%"


def _covers_captions(captions: CaptionParams, safe: SafeArea) -> bool:
    """Return True if one line of captions is not free."""
    at = captions.position
    middle = PLACES[at] if isinstance(at, CaptionPlace) else at
    room = HALF_HEIGHT / 2
    return middle < safe.top + room or middle > 1 - safe.bottom - room


def _captions_message(target: Target) -> str:
    safe = target.safe_area
    free = _percents(safe.top + HALF_HEIGHT, 1 - safe.bottom - HALF_HEIGHT)
    return (
        f"The captions are in the part of the frame that {target.title} covers with its own"
        f" controls. Leave their position out, or write one between {free}."
    )


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
