"""Drawing of eyes: gaze and lids, in the picture at rest.

An eye is drawn into the picture before that is warped, and only when it changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, rounded
from gala_renderer.avatars.portrait.blending import mixed
from gala_renderer.avatars.portrait.drawn_line import drawn_line
from gala_renderer.avatars.portrait.eye_shape import EyeShape, Surroundings
from gala_renderer.avatars.portrait.eyeball import Eyeball
from gala_renderer.avatars.portrait.fields import smooth
from gala_renderer.avatars.portrait.lid_lines import with_lids
from gala_renderer.avatars.portrait.lid_skin import LidTones, like_skin, membrane
from gala_renderer.avatars.portrait.warp import NO_MAP

_WHITE: Final = 235
_GRAIN: Final = 12.0
"""The limit for the grain of skin; much larger differences are lines."""
_TEXTURE: Final = (0.003, 0.005)
_FLAT: Final = 0.25
"""Grain from which a picture has depth, as a share of its skin's light, and how much of it flat
drawings have."""
_PLATE: Final = (0.1, 0.75)
"""The part of an open lid, from its fold to its edge, whose light a closed lid has."""
_MODELLING: Final = (0.75, 1.25)
_OF_LID: Final = 0.8
"""The least and the most of it, relative to its mean, and how far it is followed."""
_SHADOW: Final = 0.85
"""Light of lashes and shadows around an eye, as a share of its skin's."""
_HALO: Final = 0.03
"""How far around what is dark at the corners skin is in its shadow, in widths of the eye."""
_CORNERS: Final = 0.8
"""Where the corners begin, from the middle (0) to the ends of the lids (1)."""
_FOREIGN: Final = (28.0, 56.0)
"""Differences from the skin by which the parts of an open eye are known."""
_OF_CORNER: Final = 0.10
"""The same at its corners, as a share of the skin's light, where lines of lashes end: on dark skin
they are little darker, and around them shadows remain; twice as much is surely foreign."""
_OF_GRAIN: Final = 3.5
"""How many times stronger than the grain of the skin it is at least."""
_CORNER_HEIGHT: Final = 0.12
"""How far above and below a corner, in widths of the eye."""
_ALONG: Final = np.linspace(0.15, 0.85, 21, dtype=np.float32)
_ACROSS: Final = np.linspace(-0.06, 0.02, 9, dtype=np.float32)
"""Where lashes of the open eye are looked for: along the lid, and from above to below its edge."""
_DARKNESS: Final = (0.4, 0.8)
"""The least and the most that the line of lashes takes from the light of the skin."""
_LEVELS: Final = 24
"""Steps of a blink, and of each direction of the gaze, that are distinguished."""
_LID_AHEAD: Final = 0.25
"""Closing of the lid that goes with eyes that look down."""


EyeState = tuple[int, int, int]
"""What decides how an eye looks, in steps: its lid, and its gaze across and down."""


def eye_state(blink: float, gaze_x: float, gaze_y: float) -> EyeState:
    """Return the state of an eye; the lid follows a gaze that goes down."""
    lid = np.clip(blink + _LID_AHEAD * max(gaze_y, 0) * (1 - blink), 0, 1)
    across, down = np.clip((gaze_x, gaze_y), -1, 1) * _LEVELS
    return round(float(lid) * _LEVELS), round(float(across)), round(float(down))


class Eye:
    """One eye of a picture, of whose surroundings it is made."""

    def __init__(self, shape: EyeShape, picture: Bytes, at: Array) -> None:
        self._around = around = Surroundings.of(shape, picture, at)
        self._shape = shape = with_lids(shape, around)
        self._picture, self._pixel = around.picture, around.pixel
        self._u, self._v = around.u, around.v
        self._ball = Eyeball(shape, around)
        hidden, skin = self._hidden()
        self._line = drawn_line(shape, around, skin)
        grain, strength = self._grain()
        self._synthetic = self._skin(hidden, skin, grain, strength)
        self._lowest = _without_bends(shape.lower)
        self._lashes = self._dark_of_lashes(skin)
        self._opened = self._parts_of_eye(skin, strength)
        self._lids: dict[int, tuple[Bytes, Bytes]] = {}
        self.box = self._changing()
        """The rows and columns that change, all even."""
        self._rest = picture[self.box].copy()
        self._narrow()

    def drawn(self, state: EyeState) -> Bytes:
        """Return the eye, in its box, in a state of :func:`eye_state`."""
        lid, across, down = state
        found = self._rest
        if (across or down) and lid < _LEVELS:
            ball = self._ball.looking(across / _LEVELS, down / _LEVELS, self.box)
            found = mixed(ball, found, self._seen)
        if lid:
            colour, share = self._lid(lid)
            found = mixed(colour, found, share)
        return found

    def _changing(self) -> tuple[slice, slice]:
        """Return the smallest even box around all that ever changes."""
        shape, margin = self._shape, 0.06 * self._shape.width
        crease = shape.at(shape.crease, self._u)
        lower = shape.at(np.maximum(shape.lower, self._lowest), self._u)
        lid = (self._v > crease) & (self._v < lower + margin)
        lid &= (self._u > -0.04) & (self._u < 1.04)
        area = lid | (self._ball.seen > 0) | (self._opened > 0)
        left, top, width, height = cv2.boundingRect(area.astype(np.uint8))
        right, bottom = (left + width + 1) // 2 * 2, (top + height + 1) // 2 * 2
        return slice(top // 2 * 2, bottom), slice(left // 2 * 2, right)

    def _narrow(self) -> None:
        """Keep of the fields what lies in the box."""
        self._seen = rounded(255 * self._ball.seen[self.box])
        self._u, self._v, self._synthetic, self._opened = (
            each[self.box].copy() for each in (self._u, self._v, self._synthetic, self._opened)
        )
        # Outside of the box, the axes of the surroundings are not needed any more.
        self._around = replace(self._around, u=self._u, v=self._v)
        self._ball.narrow(self._around, self.box)

    def _sample(self, x: Array, y: Array, image: Array | None = None) -> Array:
        image = self._picture if image is None else image
        at = self._around.index(x, y)
        mode = cv2.BORDER_REFLECT_101
        return f32(cv2.remap(image, at, NO_MAP, cv2.INTER_LINEAR, borderMode=mode))

    def _skin(self, hidden: NDArray[np.bool_], skin: Array, grain: Array, strength: float) -> Array:
        """Return the skin of a closed lid: colours from around the eye, smoothly, and its grain."""
        shape = self._shape
        down = self._progress(shape.crease, shape.lower)
        lid = (down > 0) & (down < 1) & (self._u > 0) & (self._u < 1)
        near = smooth(-0.1, 0.1, self._u) * smooth(-0.1, 0.1, 1 - self._u)
        found = membrane(self._picture, hidden)
        tones = LidTones.of(shape, self._around, skin)
        colour = found + (like_skin(found, lid, skin, tones) - found) * near[..., None]
        texture = smooth(*_TEXTURE, f32(strength / max(float(skin[0]) - 16, 1.0)))
        depth = _FLAT + (1 - _FLAT) * texture
        form = (1 + depth * self._form(down, colour)) * (1 + depth * self._modelling(down))
        colour[..., 0] = 16 + (colour[..., 0] - 16) * form
        return f32(colour + 0.9 * grain)

    def _modelling(self, down: Array) -> Array:
        """Return the light of the open lid, stretched over the closed one, relative to its mean."""
        shape, u = self._shape, self._u
        crease, upper = shape.at(shape.crease, u), shape.at(shape.upper, u)
        soft = cv2.GaussianBlur(self._picture, (0, 0), max(0.03 * shape.width / self._pixel, 0.6))
        first, last = _PLATE
        at = shape.pixels(
            np.clip(u, 0.1, 0.9), crease + (first + (last - first) * down) * (upper - crease)
        )
        light = self._sample(*at, f32(soft))[..., 0] - 16
        lid = (down > 0) & (down < 1) & (u > 0.1) & (u < 0.9)
        mean = max(float(light[lid].mean()) if lid.any() else 1.0, 1.0)
        outside = np.maximum(self._v - shape.at(shape.lower, u), crease - self._v)
        near = 1 - smooth(0.0, 0.08 * shape.width, outside)
        near *= smooth(-0.1, 0.1, u) * smooth(-0.1, 0.1, 1 - u)
        return f32(_OF_LID * (np.clip(light / mean, *_MODELLING) - 1) * near)

    def _form(self, down: Array, colour: Array) -> Array:
        """Return how light falls on a lid over the ball of the eye, relative to its light."""
        shape, u = self._shape, self._u
        ends = smooth(0.0, 0.25, u) * smooth(0.0, 0.25, 1 - u)
        under = self._v - shape.at(shape.lower, u) - 0.03 * shape.width
        outside = np.maximum(under, shape.at(shape.crease, u) - self._v)
        ends *= 1 - smooth(0.0, 0.04 * shape.width, outside)
        light = 0.08 * np.clip((_WHITE - colour[..., 0]) / 100, 0, 1)
        shadow = 0.16 * np.clip(np.abs(2 * u - 1), 0, 1) ** 3
        shadow += 0.12 * smooth(0.6, 1.0, down) + 0.10 * (1 - smooth(0.0, 0.25, down))
        return f32(ends * (light * np.sin(np.pi * np.clip(down, 0, 1) ** 0.8) - shadow))

    def _hidden(self) -> tuple[NDArray[np.bool_], Array]:
        """Return where no skin is seen, and the typical colour of the skin around it.

        Hidden are the eye, and around it lashes and folds in shadow.
        """
        shape = self._shape
        margin = 0.12 * shape.width
        upper, lower = shape.at(shape.upper, self._u), shape.at(shape.lower, self._u)
        crease, above = shape.at(shape.crease, self._u), shape.at(shape.above, self._u)
        top = np.minimum(0.5 * (above + crease), upper - margin)
        inside = (self._v > top) & (self._v < lower + margin)
        inside &= (self._u > -0.14) & (self._u < 1.14)
        near = (self._v > top - margin) & (self._v < lower + 2 * margin)
        near &= (self._u > -0.4) & (self._u < 1.4)
        around = self._picture[near & ~inside]
        if not len(around):
            return inside, f32(self._picture.mean((0, 1)))
        enough = 16 + _SHADOW * float(np.median(around[:, 0]) - 16)
        skin = np.median(around[around[:, 0] >= enough], 0)
        dark = near & (self._picture[..., 0] < enough)
        reach = round(_HALO * shape.width / self._pixel) * 2 + 1
        wide = cv2.dilate(dark.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
        corners = np.abs(2 * self._u - 1) > _CORNERS
        return inside | dark | (near & corners & wide), f32(skin)

    def _parts_of_eye(self, skin: Array, strength: float) -> Array:
        """Return what is seen of the open eye beyond its lids as found: lashes, round corners."""
        shape = self._shape
        margin = 0.22 * shape.width
        away = np.abs(self._picture - self._synthetic).max(-1)
        reach = round(0.03 * shape.width / self._pixel) * 2 + 1
        wide = cv2.dilate(f32(away), np.ones((reach, reach), np.uint8))
        wide = f32(cv2.GaussianBlur(wide, (0, 0), max(0.2 * reach, 0.5)))
        corner = smooth(_CORNERS, 1.0, np.abs(2 * self._u - 1))
        corner *= 1 - smooth(1.0, 1.5, np.abs(self._v) / (_CORNER_HEIGHT * shape.width))
        least = max(_OF_CORNER * (float(skin[0]) - 16), _OF_GRAIN * strength, 4.0)
        faint = smooth(least, 2 * least, wide) * corner
        seen = np.maximum(smooth(*_FOREIGN, wide), faint)
        room = margin * (0.4 + 0.6 * np.clip(2 * self._u - 1, -1, 1) ** 2)
        above = smooth(0, 0.2 * margin, self._v - shape.at(shape.upper, self._u) + room)
        below = smooth(0, 0.2 * margin, shape.at(shape.lower, self._u) + margin - self._v)
        sides = smooth(-0.22, -0.12, self._u) * smooth(-0.22, -0.12, 1 - self._u)
        return f32(seen * above * below * sides)

    def _dark_of_lashes(self, skin: Array) -> float:
        """Return how dark the line of the upper lashes is, 0 to 1: as that of the open lid."""
        u, down = np.meshgrid(_ALONG, _ACROSS, indexing="ij")
        v = self._shape.at(self._shape.upper, f32(u)) + f32(down * self._shape.width)
        light = self._sample(*self._shape.pixels(f32(u), f32(v)))[..., 0].min(1)
        share = (float(np.median(light)) - 16) / max(float(skin[0]) - 16, 1.0)
        return float(np.clip(1 - share, *_DARKNESS))

    def _progress(self, start: Array, end: Array) -> Array:
        """Return 0 at one line, 1 at another one below it."""
        first = self._shape.at(start, self._u)
        last = self._shape.at(end, self._u)
        return f32(np.clip((self._v - first) / np.maximum(last - first, self._pixel), 0, 1))

    def _grain(self) -> tuple[Array, float]:
        """Return the fine structure of the skin below the eye, but for lines, and its strength."""
        shape = self._shape
        fine = self._picture - cv2.GaussianBlur(
            self._picture, (0, 0), max(0.03 * shape.width / self._pixel, 0.6)
        )
        # Moved as a whole: along the curve of the lid, threads of canvas would become contours.
        low = float(shape.lower.max()) + 0.16 * shape.width
        height = 0.35 * shape.width
        up = np.abs((self._v - low) / height % 2 - 1)  # reflected, so that it has no seam
        x, y = shape.pixels(self._u, (low + up * height).astype(np.float32))
        reach = round(0.06 * shape.width / self._pixel) * 2 + 1
        strength = f32(np.abs(fine).max(-1))
        lines = cv2.dilate(strength, np.ones((reach, reach), np.uint8))
        typical = float(np.median(strength))
        usual = _GRAIN + 6 * typical  # that of craquelure is high
        fine *= 1 - smooth(usual, 2 * usual, lines)[..., None]
        return self._sample(x, y, f32(np.clip(fine, -_GRAIN, _GRAIN))), typical

    def _lid(self, level: int) -> tuple[Bytes, Bytes]:
        """Return the colour of the upper lid, closed by some levels, and where it covers."""
        if level not in self._lids:
            self._lids[level] = self._closed(level / _LEVELS)
        return self._lids[level]

    def _level(self, line: Array) -> Array:
        """Return 1 where a line is level, 0 where it is too steep for the edge of a lid."""
        slope = np.abs(np.gradient(line)) * (len(line) - 1) / self._shape.width
        return self._shape.at(1 - smooth(0.6, 1.2, slope), self._u)

    def _closed(self, closing: float) -> tuple[Bytes, Bytes]:
        shape = self._shape
        upper, crease = shape.at(shape.upper, self._u), shape.at(shape.crease, self._u)
        lower = shape.at(self._lowest, self._u) + 0.03 * shape.width
        edge = upper + (lower - upper) * closing
        height = np.maximum(upper - crease, 0.05 * shape.width)
        over = edge - self._v
        # What is seen of the eye right below the lid does not go down with it.
        lowest = (0.12 * min(2 * closing, 1) - 0.1) * shape.width
        near = np.clip(over, lowest, height)
        plate = self._sample(*shape.pixels(self._u, upper - near))
        skin = self._synthetic
        mix = smooth(0.25, 1.0, over / height) * float(smooth(0.0, 0.35, closing))
        colour = plate + (skin - plate) * mix[..., None]
        lash = 0.022 * shape.width
        line = np.exp(-(((over - 0.4 * lash) / lash) ** 2)) * float(np.clip(2 * closing, 0, 1))
        line *= np.clip(4 * self._u * (1 - self._u), 0, 1) ** 0.7 * self._level(shape.lower)
        colour[..., 0] = np.minimum(
            colour[..., 0], 16 + (skin[..., 0] - 16) * (1 - self._lashes * line)
        )
        soft = max(self._pixel, 0.015 * shape.width)
        if self._line is not None:
            drawn = self._line.share(over, self._u, 0.5 * soft) * min(2 * closing, 1)
            colour += (self._line.colour - colour) * drawn[..., None]
        covered = smooth(-soft, soft, over + 0.5 * soft)
        # At the lid's own edge it covers, or white would be seen through it at the corners.
        soft_fold = np.minimum(0.8 * (upper - crease), 0.16 * shape.width)
        fold = smooth(0.0, 1.0, (self._v - crease) / soft_fold)
        ends = smooth(-0.08, 0.0, self._u) * smooth(-0.08, 0.0, 1 - self._u)
        share = covered * fold * ends
        # Below the lid the eye is seen until it is shut.
        passed = smooth(0.0, 0.06, over / shape.width) * float(smooth(0.0, 0.25, closing))
        rest = self._opened * (1 - share) * np.maximum(passed, smooth(0.85, 1.0, f32(closing)))
        colour += (skin - colour) * (rest / np.maximum(share + rest, 1e-3))[..., None]
        return rounded(colour), rounded(255 * (share + rest))


def _without_bends(line: Array) -> Array:
    """Return a line as a curve of the third degree, as that of lids that touch."""
    u = np.linspace(-1, 1, len(line))
    return f32(np.polynomial.Polynomial.fit(u, line, 3)(u))
