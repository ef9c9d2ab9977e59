"""Eyes, brows, nose and glasses of drawn characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gala.presenter_looks import CharacterOptions, FaceShape, Glasses
from gala_renderer.avatars.drawings.colours import (
    EYE_COLOURS,
    HAIR_COLOURS,
    SKINS,
    SkinTones,
    darker,
    lighter,
    mixed,
)
from gala_renderer.avatars.drawings.svg import Drawing

CENTRES: Final = {-1: (512.0, 540.0), 1: (688.0, 540.0)}
"""The middles of the left and of the right eye, by side."""
_LID_STEPS: Final = 6
_GAZE_STEPS: Final = 8


@dataclass(frozen=True, slots=True)
class Eye:
    """State of an eye in steps, so that equal drawings are drawn once."""

    side: int
    closed: int
    gaze_x: int
    gaze_y: int
    smile: int

    @classmethod
    def of(cls, side: int, blink: float, gaze: tuple[float, float], smile: float) -> Eye:
        """Return an eye (-1 the left, 1 the right of the picture)."""
        return cls(
            side,
            round(min(max(blink, 0.0), 1.0) * _LID_STEPS),
            round(min(max(gaze[0], -1.0), 1.0) * _GAZE_STEPS),
            round(min(max(gaze[1], -1.0), 1.0) * _GAZE_STEPS),
            round(min(max(smile, 0.0), 1.0) * 4),
        )


@dataclass(frozen=True, slots=True)
class _Lids:
    """The curves of the lids, from the outer corner to the inner one."""

    x: float
    y: float
    side: int
    closed: float
    smile: float
    height: float

    @property
    def outer(self) -> tuple[float, float]:
        return self.x + self.side * 48, self.y - 2 + 6 * self.closed

    @property
    def inner(self) -> tuple[float, float]:
        return self.x - self.side * 43, self.y + 11

    def upper(self, closed: float) -> str:
        """Return the commands from the outer to the inner corner along the upper lid."""
        rise = -self.height * (1 - closed) + 27 * closed
        return (
            f"C{self.x + self.side * 34:.1f} {self.y + rise * 0.98:.1f}"
            f" {self.x - self.side * 20:.1f} {self.y + rise:.1f}"
            f" {self.inner[0]:.1f} {self.inner[1]:.1f}"
        )

    def lower(self) -> str:
        """Return the commands from the inner to the outer corner along the lower lid."""
        depth = 33 - 8 * self.smile
        return (
            f"C{self.x - self.side * 20:.1f} {self.y + depth:.1f}"
            f" {self.x + self.side * 28:.1f} {self.y + depth + 2:.1f}"
            f" {self.outer[0]:.1f} {self.outer[1]:.1f}"
        )

    def opening(self) -> str:
        """Return what is seen of the eyeball."""
        return f"M{self.outer[0]:.1f} {self.outer[1]:.1f}{self.upper(self.closed)}{self.lower()}Z"


def eye(state: Eye, options: CharacterOptions) -> Drawing:
    """Return one eye with its lids."""
    x, y = CENTRES[state.side]
    lids = _Lids(
        x,
        y,
        state.side,
        state.closed / _LID_STEPS,
        state.smile / 4,
        44 if options.face is FaceShape.SOFT else 37,
    )
    skin = SKINS[options.skin]
    parts = [_lid(lids, skin)]
    if state.closed < _LID_STEPS:
        parts.append(_ball(lids, state, options))
    parts.append(_lashes(lids, options, skin))
    return Drawing("".join(parts), (x - 78, y - 66, x + 78, y + 56))


def _lid(lids: _Lids, skin: SkinTones) -> str:
    start = f"M{lids.outer[0]:.1f} {lids.outer[1]:.1f}"
    tint = mixed(skin.base, skin.shade, 0.45)
    crease = 13 - 9 * lids.closed
    return (
        f'<path d="{start}{lids.upper(0)}{lids.lower()}Z" fill="{tint}"/>'
        f'<path transform="translate(0 {-crease:.1f})" d="{start}{lids.upper(lids.closed * 0.35)}"'
        f' fill="none" stroke="{skin.deep}" stroke-width="3" stroke-linecap="round"'
        ' opacity="0.45"/>'
    )


def _ball(lids: _Lids, state: Eye, options: CharacterOptions) -> str:
    colour = EYE_COLOURS[options.eyes]
    x = lids.x + state.gaze_x / _GAZE_STEPS * 14
    y = lids.y - 1 + state.gaze_y / _GAZE_STEPS * 9
    opening = lids.opening()
    return (
        f'<clipPath id="lids"><path d="{opening}"/></clipPath>'
        f'<radialGradient id="iris" cx="0.5" cy="0.72" r="0.62">'
        f'<stop offset="0" stop-color="{lighter(colour, 0.45)}"/>'
        f'<stop offset="0.55" stop-color="{colour}"/>'
        f'<stop offset="1" stop-color="{darker(colour, 0.45)}"/></radialGradient>'
        f'<g clip-path="url(#lids)"><path d="{opening}" fill="#fffdfb"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="27.5" fill="url(#iris)"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="27" fill="none" stroke="{darker(colour, 0.7)}"'
        ' stroke-width="3" opacity="0.7"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="12.5" fill="#150d16"/>'
        f'<path d="M{lids.outer[0]:.1f} {lids.outer[1]:.1f}{lids.upper(lids.closed)}" fill="none"'
        ' stroke="#5b4a66" stroke-width="20" opacity="0.22"/>'
        f'<circle cx="{x - 9:.1f}" cy="{y - 10:.1f}" r="8" fill="#fff"/>'
        f'<circle cx="{x + 10:.1f}" cy="{y + 11:.1f}" r="4" fill="#fff" opacity="0.75"/></g>'
    )


def _lashes(lids: _Lids, options: CharacterOptions, skin: SkinTones) -> str:
    soft = options.face is FaceShape.SOFT
    colour = darker(HAIR_COLOURS[options.hair_color], 0.6)
    x, y = lids.outer
    s = lids.side
    upper = lids.upper(lids.closed)
    lower = f"M{lids.inner[0]:.1f} {lids.inner[1]:.1f}{lids.lower()}"
    down = 9 * lids.closed
    wing = (
        f'<path d="M{x - s * 10:.1f} {y - 8:.1f}q{s * 14} {2 + down:.1f} {s * 24} {-8 + down:.1f}'
        f'q{-s * 8} {14 - down * 0.3:.1f} {-s * 22} {15:.1f}Z" fill="{colour}"/>'
        if soft
        else ""
    )
    return (
        f'<path d="{lower}" fill="none" stroke="{skin.deep}" stroke-width="2.5" opacity="0.55"/>'
        f'<path d="M{x:.1f} {y:.1f}{upper}" fill="none" stroke="{colour}"'
        f' stroke-width="{7.5 if soft else 5.5}" stroke-linecap="round"/>{wing}'
    )


def brow(side: int, options: CharacterOptions) -> Drawing:
    """Return one brow."""
    x, y = CENTRES[side]
    soft = options.face is FaceShape.SOFT
    thick = 13 if soft else 20
    colour = darker(HAIR_COLOURS[options.hair_color], 0.22)

    def at(dx: float, dy: float) -> str:
        return f"{x + side * dx:.1f} {y - 74 + dy:.1f}"

    path = (
        f"M{at(-44, 6)}C{at(-20, -8)} {at(18, -17)} {at(64, 12)}"
        f"C{at(30, -thick * 0.4 + 2)} {at(-8, thick * 0.75)} {at(-42, 6 + thick)}"
        f"Q{at(-50, 6 + thick / 2)} {at(-44, 6)}Z"
    )
    return Drawing(f'<path d="{path}" fill="{colour}"/>', (x - 76, y - 110, x + 76, y - 36))


def nose(options: CharacterOptions) -> Drawing:
    """Return the nose: a lit ridge, a shaded side and the nostrils."""
    skin = SKINS[options.skin]
    wide = 4 if options.face is FaceShape.STRONG else 0
    return Drawing(
        f'<path d="M618 548C626 584 {640 + wide} 600 {638 + wide} 616'
        f'C{636 + wide} 628 618 630 600 630C612 610 612 580 618 548Z"'
        f' fill="{skin.shade}" opacity="0.55"/>'
        f'<ellipse cx="598" cy="606" rx="11" ry="13" fill="{skin.light}" opacity="0.85"/>'
        f'<path d="M{577 - wide} 620C582 634 {616 + wide} 636 {625 + wide} 620"'
        f' fill="none" stroke="{skin.deep}" stroke-width="4" stroke-linecap="round"'
        ' opacity="0.75"/>',
        (560, 520, 650, 646),
    )


def glasses(options: CharacterOptions) -> Drawing:
    """Return glasses; nothing if the character wears none."""
    if options.glasses is Glasses.NONE:
        return Drawing("", (0, 0, 1, 1))
    rx, ry, corner = (72, 68, 68) if options.glasses is Glasses.ROUND else (76, 56, 22)
    rims = "".join(
        f'<rect x="{x - rx}" y="{y + 6 - ry}" width="{2 * rx}" height="{2 * ry}" rx="{corner}"'
        ' fill="#dff1ff" fill-opacity="0.10"/>'
        f'<path d="M{x - 40} {y + 34}L{x + 4} {y - 40}" stroke="#fff" stroke-width="10"'
        ' stroke-opacity="0.16"/>'
        for x, y in CENTRES.values()
    )
    return Drawing(
        f'<g fill="none" stroke="#2b2733" stroke-width="8">{rims}'
        '<path d="M584 540Q600 526 616 540"/><path d="M440 534L398 524"/>'
        '<path d="M760 534L802 524"/></g>',
        (380, 450, 820, 640),
    )
