"""The names of transitions in FFmpeg's ``xfade``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gala.render_types.params.transitions import TransitionName

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
