"""The transitions between pictures, clips and scenes: one list of names for all films."""

from __future__ import annotations

from enum import StrEnum


class TransitionName(StrEnum):
    """How a picture, clip or scene takes the place of the one before it.

    ``crossfade``, ``fade`` and ``dissolve`` are three names of the same.
    """

    NONE = "none"
    FADE = "fade"
    DISSOLVE = "dissolve"
    CROSSFADE = "crossfade"
    FADE_BLACK = "fade-black"
    FADE_WHITE = "fade-white"
    WIPE_LEFT = "wipe-left"
    WIPE_RIGHT = "wipe-right"
    WIPE_UP = "wipe-up"
    WIPE_DOWN = "wipe-down"
    SLIDE_LEFT = "slide-left"
    SLIDE_RIGHT = "slide-right"
    SLIDE_UP = "slide-up"
    SLIDE_DOWN = "slide-down"
    PUSH_LEFT = "push-left"
    PUSH_RIGHT = "push-right"
    PUSH_UP = "push-up"
    PUSH_DOWN = "push-down"
    ZOOM = "zoom"
    CIRCLE = "circle"
    CIRCLE_CLOSE = "circle-close"
    CLOCK = "clock"
    PIXELATE = "pixelate"
