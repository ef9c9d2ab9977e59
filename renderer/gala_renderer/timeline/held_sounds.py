"""Sound that FFmpeg holds in memory: what plays backwards, and parts of files that repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from gala.timeline.compilation.layers import Layer, SourceSpan
from gala.timeline.problems import InvalidTimeline, Problem
from gala_renderer.probe.media import Media
from gala_renderer.timeline.rounds import is_prepared

MAX_HELD_SECONDS: Final = 15 * 60
"""Of all such sound of a film: 430 kB each, 390 MB."""


def check_held(layers: Iterable[Layer], files: Mapping[str, Media]) -> None:
    """Raise InvalidTimeline if the sound of these layers, mixed at once, takes too much memory.

    The layer that is named is the one with which it is too much.
    """
    total = 0.0
    for layer in layers:
        span = layer.source
        if span is None or not is_prepared(span):
            continue
        total += _seconds(span, files[str(getattr(layer.element, "src", ""))])
        if total > MAX_HELD_SECONDS:
            raise InvalidTimeline([_problem(layer, span, total)])


def _seconds(span: SourceSpan, media: Media) -> float:
    """Return the seconds of a file that one round plays; 0 without sound."""
    if media.sound is None:
        return 0.0
    end = media.length if span.end is None else float(span.end)
    played = end - float(span.start)
    # A round that repeats is held as it sounds at its speed; one that is reversed, as in the file.
    held = played if span.reverse else 0.0
    return held + (played / span.speed if span.loop else 0.0)


def _problem(layer: Layer, span: SourceSpan, total: float) -> Problem:
    most = MAX_HELD_SECONDS // 60
    if span.reverse:
        field, rule = "reverse", "Sound that plays backwards is held in memory"
        remedy = "Trim it, set volume to 0, or play the result of a `reverse` job forwards."
    else:
        field, rule = "loop", "The sound of a part of a file that repeats is held in memory"
        remedy = "Set volume to 0, or repeat the result of a `cut` job as a whole."
    rule = f"{rule}: at most {most} minutes in a film, which has {total / 60:.0f}."
    return Problem(f"{layer.pointer}/{field}", rule, remedy)
