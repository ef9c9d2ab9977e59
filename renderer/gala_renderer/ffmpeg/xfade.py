"""Transitions by FFmpeg's ``xfade``, and their names there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import ffmpeg

from gala.render_types.params.transitions import TransitionName
from gala_renderer.ffmpeg.inputs import Stream

XFADE: Final[Mapping[TransitionName, str]] = {
    TransitionName.FADE: "fade",
    TransitionName.DISSOLVE: "fade",
    TransitionName.CROSSFADE: "fade",
    TransitionName.FADE_BLACK: "fadeblack",
    TransitionName.FADE_WHITE: "fadewhite",
    TransitionName.WIPE_LEFT: "wipeleft",
    TransitionName.WIPE_RIGHT: "wiperight",
    TransitionName.WIPE_UP: "wipeup",
    TransitionName.WIPE_DOWN: "wipedown",
    TransitionName.SLIDE_LEFT: "coverleft",
    TransitionName.SLIDE_RIGHT: "coverright",
    TransitionName.SLIDE_UP: "coverup",
    TransitionName.SLIDE_DOWN: "coverdown",
    TransitionName.PUSH_LEFT: "slideleft",
    TransitionName.PUSH_RIGHT: "slideright",
    TransitionName.PUSH_UP: "slideup",
    TransitionName.PUSH_DOWN: "slidedown",
    TransitionName.ZOOM: "zoomin",
    TransitionName.CIRCLE: "circleopen",
    TransitionName.CIRCLE_CLOSE: "circleclose",
    TransitionName.CLOCK: "radial",
    TransitionName.PIXELATE: "pixelize",
}
"""By name; a hard cut, ``none``, has none."""

_MIRRORED: Final[Mapping[str, tuple[str, str]]] = {
    "slideleft": ("hflip", "slideright"),
    "slideup": ("vflip", "slidedown"),
}
"""By name: what turns the pictures so that another transition does the same.

Of these, FFmpeg reads a column or row beyond the picture where they begin (a green line), and one
of the wrong picture where the two meet.
"""


def crossed(old: Stream, new: Stream, transition: str, *, duration: str, offset: str) -> Stream:
    """Return ``new`` in place of ``old``, by a transition with FFmpeg's name."""
    flip, name = _MIRRORED.get(transition, (None, transition))
    streams = [old, new] if flip is None else [old.filter(flip), new.filter(flip)]
    mixed = ffmpeg.filter(streams, "xfade", transition=name, duration=duration, offset=offset)
    return mixed if flip is None else mixed.filter(flip)
