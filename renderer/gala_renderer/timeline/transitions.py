"""Transitions between two streams of the same size. Pure."""

from __future__ import annotations

import math
from typing import Final

from gala.render_types.params.transitions import TransitionName
from gala_renderer.ffmpeg.inputs import Stream, seconds_text
from gala_renderer.ffmpeg.video_source import rate_text
from gala_renderer.ffmpeg.xfade import XFADE, crossed
from gala_renderer.timeline.graph import Span

FADES: Final = frozenset({TransitionName.FADE, TransitionName.DISSOLVE, TransitionName.CROSSFADE})
"""Those in which nothing moves but the opacity."""
_THROUGH_A_COLOR: Final = frozenset({TransitionName.FADE_BLACK, TransitionName.FADE_WHITE})
BY_OPACITY: Final = _THROUGH_A_COLOR | {TransitionName.ZOOM}
"""Those of two clips that are not opaque in which each has an opacity of its own."""
_NEARER: Final = 0.4
"""How much the old pictures grow in a zoom, as a part of their size."""
_STEADY: Final = FADES | _THROUGH_A_COLOR
_FINE: Final = 1_000_000


def between(
    old: Stream,
    new: Stream,
    name: TransitionName,
    span: Span,
    size: tuple[int, int],
    *,
    part: Span,
) -> Stream:
    """Return the frames of ``part`` of the transition, whose frames are those of ``span``.

    The streams, of ``size``, have the frames of the part.
    """
    seconds, passed = float(span.frames / span.rate), part.first - span.first
    if name is TransitionName.ZOOM:
        old = _nearer(old, span, size, passed)
    eased = _eased(old, name, span, passed), _eased(new, name, span, passed)
    # FFmpeg counts from the first frame that it gets, whose time it has in whole ticks.
    ticks = int(_far(name, passed / span.frames) * seconds / (1 / _FINE))
    mixed = crossed(
        *eased,
        # In a zoom, the old pictures grow before they are mixed.
        "fade" if name is TransitionName.ZOOM else XFADE[name],
        duration=f"{seconds:.6f}",
        offset=f"{-ticks / _FINE:.6f}",
    )
    steady = mixed.filter("settb", f"1/{span.rate}").filter("setpts", f"N+{part.first}")
    return steady.filter("fps", rate_text(span.rate))


def alone(
    stream: Stream,
    name: TransitionName,
    span: Span,
    size: tuple[int, int],
    *,
    part: Span,
    leaves: bool,
) -> Stream:
    """Return the frames of one of two clips in a transition that is made by opacity.

    ``part`` is the frames of the transition that the stream has. Instead of going through black
    or white, the old clip is gone before the new one comes.
    """
    if name is TransitionName.ZOOM and leaves:
        passed = part.first - span.first
        stream = _nearer(stream.filter("format", "yuva420p"), span, size, passed)
        stream = part.on_time(stream)
    start, length = float(span.start), float(span.frames / span.rate)
    if name in _THROUGH_A_COLOR:
        length /= 2
        start += 0.0 if leaves else length
    way = "out" if leaves else "in"
    return stream.filter("format", "yuva420p").filter(
        "fade", t=way, alpha=1, st=seconds_text(start), d=seconds_text(length)
    )


def _eased(stream: Stream, name: TransitionName, span: Span, passed: int) -> Stream:
    """Return frames at the times at which FFmpeg's transition is as far as it shall be.

    What moves starts and ends slowly.
    """
    part = f"(N+{passed})/{span.frames}"
    if name not in _STEADY:
        part = f"(0.5-0.5*cos(PI*{part}))"
    seconds = float(span.frames / span.rate)
    return stream.filter("settb", f"1/{_FINE}").filter("setpts", f"{part}*{seconds:.6f}/TB")


def _far(name: TransitionName, part: float) -> float:
    """Return how far FFmpeg's transition shall be when a part of the frames has passed."""
    return part if name in _STEADY else 0.5 - 0.5 * math.cos(math.pi * part)


def _nearer(stream: Stream, span: Span, size: tuple[int, int], passed: int) -> Stream:
    """Return frames that grow about their center, faster and faster."""
    return stream.filter(
        "zoompan",
        z=f"1+{_NEARER}*pow((on+{passed})/{span.frames},2)",
        x="(iw-iw/zoom)/2",
        y="(ih-ih/zoom)/2",
        d=1,
        s=f"{size[0]}x{size[1]}",
        fps=rate_text(span.rate),
    )
