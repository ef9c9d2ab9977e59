"""The mouth of drawn characters, a function of the weights of a pose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gala_renderer.avatars.drawings.colours import SkinTones, darker, lighter, mixed
from gala_renderer.avatars.drawings.svg import Drawing
from gala_renderer.avatars.pose import Pose
from gala_renderer.avatars.sprites.mouth_shapes import opening

CENTRE: Final = (600.0, 674.0)
_STEPS: Final = 60
"""Weights are whole multiples of this fraction."""
_DRAWN: Final = {
    "gap": 10,
    "spread": 4,
    "round": 5,
    "press": 2,
    "lip_to_teeth": 2,
    "tongue": 2,
    "smile": 3,
}
"""In how many steps mouths are drawn, of each weight: some 150 drawings for any speech."""
_OPEN: Final = 2.5
"""A gap, in units of the drawing, through which something is seen."""
CHIN_DROP: Final = 26.0
"""How far the chin goes down with the widest opening."""


@dataclass(frozen=True, slots=True)
class Mouth:
    """Weights of the mouth in steps, so that equal drawings are drawn once."""

    gap: int
    spread: int
    round: int
    press: int
    lip_to_teeth: int
    tongue: int
    smile: int

    @classmethod
    def of(cls, pose: Pose) -> Mouth:
        """Return the mouth of a pose. ``shut`` closes it whatever the jaw does."""
        weights = {
            "gap": opening(pose),
            "spread": pose.spread,
            "round": pose.round,
            "press": pose.press,
            "lip_to_teeth": pose.lip_to_teeth,
            "tongue": pose.tongue,
            "smile": pose.smile,
        }
        return cls(**{name: _steps(weight, _DRAWN[name]) for name, weight in weights.items()})


def mouth(shape: Mouth, skin: SkinTones) -> Drawing:
    """Return the lips, and between them teeth and tongue."""
    lips = _Lips.of(shape)
    inner = lips.inner()
    parts = [_shadow(lips, skin), _outer(lips, skin)]
    if lips.gap > _OPEN:
        parts.append(_inside(lips, inner, shape))
    parts.append(_line(lips, inner, skin))
    return Drawing("".join(parts), lips.box)


@dataclass(frozen=True, slots=True)
class _Lips:
    """The curves of the lips, in units of the drawing."""

    half: float
    """Half the width of the mouth."""
    gap: float
    top: float
    """Middle of the lower edge of the upper lip."""
    bottom: float
    corner: float
    upper: float
    """Thickness of the upper lip."""
    lower: float
    fullness: float
    """How square the opening is: 0 is a lens, 1 is nearly an ellipse."""

    @classmethod
    def of(cls, shape: Mouth) -> _Lips:
        s = 1 / _STEPS
        spread, rounded, press = shape.spread * s, shape.round * s, shape.press * s
        # A friendly face smiles a little at rest.
        smile = 0.42 + 0.58 * shape.smile * s - 0.36 * rounded
        tuck, gap = shape.lip_to_teeth * s, shape.gap * s
        y = CENTRE[1]
        half = 56 * (1 + 0.22 * spread - 0.52 * rounded + 0.14 * smile - 0.08 * gap)
        opening = 80 * gap * (1 + 0.15 * rounded - 0.30 * spread) * (1 - 0.72 * tuck) + 9 * tuck
        top = y - 0.22 * opening * (1 - 0.6 * smile) - 3 * tuck - 2 * rounded + 2 * smile
        return cls(
            half=half,
            gap=opening,
            top=top,
            bottom=top + opening,
            corner=y + 0.22 * opening * (1 - smile) - 17 * smile - 2 * spread + 4,
            upper=(12 + 4 * rounded) * (1 - 0.5 * press - 0.25 * smile - 0.15 * spread),
            lower=(17 + 4 * rounded) * (1 - 0.5 * press - 0.45 * tuck - 0.2 * smile),
            fullness=min(1.0, 0.30 + 0.9 * gap + 0.7 * rounded),
        )

    def inner(self) -> str:
        """Return the edge of the opening."""
        return self._upper_edge(0, 0) + self._lower_edge(0, 0) + "Z"

    def upper_lip(self) -> str:
        """Return the upper lip with its bow; it reaches a little under the lower one."""
        x, half = CENTRE[0], self.half
        peak, dip = self.top - self.upper, self.top - self.upper + min(4.0, self.upper * 0.4)
        bow, reach = half * 0.24, half * 0.62
        edge = self.corner - self._rise * 0.9 - 4 - self.upper * 0.5 * self.fullness
        return (
            _path("M", x - half - 3, self.corner)
            + _path("C", x - half * 0.9, edge, x - reach, peak, x - bow, peak)
            + _path("Q", x - bow * 0.4, peak, x, dip)
            + _path("Q", x + bow * 0.4, peak, x + bow, peak)
            + _path("C", x + reach, peak, x + half * 0.9, edge, x + half + 3, self.corner)
            + self._upper_edge(3, 1.5).replace("M", "L", 1)
            + "Z"
        )

    def lower_lip(self) -> str:
        """Return the lower lip."""
        x, half, edge = CENTRE[0], self.half, self.bottom + self.lower
        side = self.corner + self._drop * 1.1 + 7 + self.lower * 0.5 * self.fullness
        return (
            _path("M", x + half + 2, self.corner)
            + _path("C", x + half * 0.92, side, x + half * 0.55, edge, x, edge)
            + _path("S", x - half * 0.92, side, x - half - 2, self.corner)
            + self._upper_edge(2, min(self.gap, 1.5)).replace("M", "L", 1)
            + "Z"
        )

    def seam(self) -> str:
        """Return the line at which shut lips meet."""
        return self._upper_edge(4, 0)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """What the lips, their line and their shadow cover."""
        left, right = CENTRE[0] - self.half - 14, CENTRE[0] + self.half + 14
        top = min(self.top - self.upper, self.corner) - 6
        return left, top, right, max(self.bottom + self.lower, self.corner) + 17

    @property
    def _rise(self) -> float:
        return (self.corner - self.top) * self.fullness * 0.6

    @property
    def _drop(self) -> float:
        return (self.bottom - self.corner) * self.fullness * 0.6

    def _upper_edge(self, out: float, down: float) -> str:
        """Return the edge of the upper lip from left to right."""
        x, half, c, top = CENTRE[0], self.half + out, self.corner, self.top + down
        k = self.half * (0.30 + 0.30 * self.fullness)
        return (
            _path("M", x - half, c)
            + _path("C", x - half + 3, c - self._rise, x - k, top, x, top)
            + _path("S", x + half - 3, c - self._rise, x + half, c)
        )

    def _lower_edge(self, out: float, down: float) -> str:
        """Return the edge of the lower lip from right to left."""
        x, half, c, bottom = CENTRE[0], self.half + out, self.corner, self.bottom + down
        k = self.half * (0.30 + 0.30 * self.fullness)
        return _path("C", x + half - 3, c + self._drop, x + k, bottom, x, bottom) + _path(
            "S", x - half + 3, c + self._drop, x - half, c
        )


def _path(command: str, *numbers: float) -> str:
    return command + " ".join(f"{number:.1f}" for number in numbers)


def _shadow(lips: _Lips, skin: SkinTones) -> str:
    y = lips.bottom + lips.lower
    return (
        f'<ellipse cx="{CENTRE[0]}" cy="{y + 9:.1f}" rx="{lips.half * 0.55:.1f}" ry="6"'
        f' fill="{skin.shade}" opacity="0.55"/>'
    )


def _outer(lips: _Lips, skin: SkinTones) -> str:
    x = CENTRE[0]
    lower = mixed(skin.lip, skin.light, 0.22)
    shine = lips.bottom + lips.lower * 0.45
    return (
        f'<path d="{lips.lower_lip()}" fill="{lower}"/>'
        f'<ellipse cx="{x - 8:.1f}" cy="{shine:.1f}" rx="{lips.half * 0.30:.1f}"'
        f' ry="{max(lips.lower * 0.16, 1):.1f}" fill="{lighter(lower, 0.5)}" opacity="0.6"/>'
        f'<path d="{lips.upper_lip()}" fill="{skin.lip}"/>'
    )


def _inside(lips: _Lips, inner: str, shape: Mouth) -> str:
    return (
        f'<clipPath id="inner"><path d="{inner}"/></clipPath>'
        '<linearGradient id="depth" x1="0" y1="0" x2="0" y2="1">'
        '<stop offset="0" stop-color="#2c0a14"/><stop offset="1" stop-color="#6a1c28"/>'
        "</linearGradient>"
        f'<g clip-path="url(#inner)"><path d="{inner}" fill="url(#depth)"/>'
        f"{_tongue(lips, shape)}{_lower_teeth(lips, shape)}{_upper_teeth(lips, shape)}</g>"
    )


def _teeth_edge(shape: Mouth) -> float:
    """Return the lower edge of the upper teeth, which belong to the skull."""
    s = 1 / _STEPS
    return CENTRE[1] + 8 - 12 * shape.round * s + 1.5 * shape.lip_to_teeth * s


def _upper_teeth(lips: _Lips, shape: Mouth) -> str:
    x, edge, half = CENTRE[0], _teeth_edge(shape), lips.half * 0.9
    path = (
        _path("M", x - half, lips.top - 14)
        + _path("H", x + half)
        + _path("V", edge - 9)
        + _path("C", x + half * 0.7, edge - 1, x + half * 0.3, edge, x, edge)
        + _path("S", x - half * 0.7, edge - 1, x - half, edge - 9)
    )
    return (
        '<linearGradient id="enamel" x1="0" y1="0" x2="0" y2="1">'
        '<stop offset="0" stop-color="#cfc3c0"/><stop offset="0.5" stop-color="#fffaf4"/>'
        '<stop offset="1" stop-color="#f6eee7"/></linearGradient>'
        f'<path d="{path}Z" fill="url(#enamel)"/>'
    )


def _lower_teeth(lips: _Lips, shape: Mouth) -> str:
    share = max(shape.spread - shape.round - shape.tongue, 0) / _STEPS
    edge = lips.bottom - 9 * share - 1
    x, half = CENTRE[0], lips.half * 0.68
    return (
        f'<path d="M{x - half:.1f} {lips.bottom + 14:.1f}V{edge + 6:.1f}'
        f'Q{x:.1f} {edge - 4:.1f} {x + half:.1f} {edge + 6:.1f}V{lips.bottom + 14:.1f}Z"'
        ' fill="#e4dad2"/>'
    )


def _tongue(lips: _Lips, shape: Mouth) -> str:
    raised = shape.tongue / _STEPS
    height = max(lips.gap * 0.40, 5.0)
    low, high = lips.bottom + height * 0.35, _teeth_edge(shape) + height * 0.82
    y = low + (min(high, low) - low) * raised
    x, half = CENTRE[0], lips.half * (0.66 - 0.14 * raised)
    return (
        f'<ellipse cx="{x}" cy="{y:.1f}" rx="{half:.1f}" ry="{height:.1f}" fill="#d95f66"/>'
        f'<ellipse cx="{x}" cy="{y - height * 0.35:.1f}" rx="{half * 0.62:.1f}"'
        f' ry="{height * 0.42:.1f}" fill="#ec8684" opacity="0.75"/>'
        f'<path d="M{x} {y - height * 0.7:.1f}V{y + height:.1f}" stroke="#b9434f"'
        ' stroke-width="2.5" stroke-linecap="round" opacity="0.5"/>'
    )


def _line(lips: _Lips, inner: str, skin: SkinTones) -> str:
    """Return the line between shut lips, or the soft edge of an open mouth; and the corners."""
    x, c, half = CENTRE[0], lips.corner, lips.half
    colour = darker(skin.lip, 0.5)
    edge = lips.seam() if lips.gap <= _OPEN else inner
    width = 3.2 if lips.gap <= _OPEN else 2.2
    corners = "".join(
        f'<path d="M{x + side * (half + 1):.1f} {c:.1f}q{side * 4} -1 {side * 6} -4"/>'
        for side in (-1, 1)
    )
    return (
        f'<g fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round"'
        f' stroke-linejoin="round"><path d="{edge}"/><g opacity="0.6">{corners}</g></g>'
    )


def _steps(weight: float, count: int) -> int:
    return round(_unit(weight) * count) * (_STEPS // count)


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)
