"""The outline of a person: where a network is in doubt, the colours around decide."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces.square import Picture

Field = NDArray[np.float32]
Area = NDArray[np.bool_]

_SURE: Final = 0.92
"""From this probability on, and below its opposite, the network is trusted."""
_AGREED: Final = 0.8
"""The same for what colours and neighbours have said."""
_BAND: Final = 0.006
"""How far from doubts it is not, as a fraction of the longer side."""
_WIDE: Final = 0.016
"""Half the width from which on a doubt is more than an edge, as a fraction of the longer side."""
_CELLS: Final = 10
"""Cells along the longer side; colours count in their own cell and in the next ones."""
_LEVELS: Final = 16
"""Levels of lightness, and of each axis of colour."""
_TINT: Final = 6.0
"""The width of a level of an axis of colour, in steps of CIELAB in 8 bits."""
_EVERYWHERE: Final = 0.3
"""The weight of the whole picture's colours, beside those of the cells around."""
_PRIOR: Final = (0.003, 0.0002)
"""The weight of the network at edges, which it knows well, and in wide doubts, by pixels."""
_LEAST: Final = 0.05
"""The weight of a pixel whose colour says nothing."""
_REACH: Final = 0.02
"""How far pixels of one colour agree, as a fraction of the longer side."""
_STEP: Final = 2.25
"""A step between neighbours, in CIELAB in 8 bits, that separates as a pixel between them would."""
_PASSES: Final = 2
_SCRAP: Final = 0.003
"""Parts and holes smaller than this share of the picture are none."""
_SOFTNESS: Final = 1.2
"""Standard deviation of the blur of the outline, in pixels, before it is made narrower by half."""


def refined(picture: Picture, probability: Field) -> Field:
    """Return where people are, 0 to 1 with a narrow edge, of the size of ``probability``.

    That is a network's, and it is trusted where it is sure. Elsewhere, colours that are frequent in
    its person but not in its background, in the cells around, belong to the person (as in
    "GrabCut", Rother et al., 2004, with histograms for the models of colour). Then neighbours of
    one colour agree, and scraps and small holes go.
    """
    size = probability.shape[1], probability.shape[0]
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    colours = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.uint8)
    trusted = _trusted(probability)
    wide = _wide(~trusted)
    found = _heard(colours, probability, trusted, wide)
    if wide.any():
        # What has become clear tells more of the colours.
        clear = trusted | (np.maximum(found, 1 - found) > _AGREED)
        found = _heard(colours, found, clear, wide)
    return _tidied(found)


def _heard(colours: Picture, probability: Field, trusted: Area, wide: Area) -> Field:
    by_colour = _by_colour(colours, probability, trusted, wide)
    wanted = np.where(trusted, probability, by_colour)
    weight = np.where(trusted, 1, _LEAST + (2 * by_colour - 1) ** 2)
    return _agreed(colours, np.asarray(wanted, np.float32), np.asarray(weight, np.float32))


def _trusted(probability: Field) -> Area:
    disc = _disc(_BAND * max(probability.shape))
    least, most = cv2.erode(probability, disc), cv2.dilate(probability, disc)
    return np.asarray((least > _SURE) | (most < 1 - _SURE))


def _wide(doubt: Area) -> Area:
    """Return the doubts that are wider than an edge, and what is near to them."""
    radius = _WIDE * max(doubt.shape)
    core = cv2.erode(doubt.astype(np.uint8), _disc(radius))
    return np.asarray(cv2.dilate(core, _disc(2 * radius)) > 0)


def _by_colour(colours: Picture, probability: Field, trusted: Area, wide: Area) -> Field:
    """Return how probable a person is by the colours of the trusted pixels around."""
    at, shape = _bins(colours)
    counts = []
    for side in (probability > 0.5, probability <= 0.5):
        count = np.bincount(at[trusted & side], minlength=int(np.prod(shape)))
        near = _spread(np.asarray(count.reshape(shape), np.float32))
        near += np.float32(_EVERYWHERE) * near.mean((0, 1), keepdims=True)
        counts.append(near.ravel()[at])
    person, behind = counts
    cell = (max(colours.shape) / _CELLS) ** 2
    prior = np.where(wide, np.float32(_PRIOR[1] * cell), np.float32(_PRIOR[0] * cell))
    return np.asarray((person + prior * probability) / (person + behind + prior), np.float32)


def _bins(colours: Picture) -> tuple[NDArray[np.intp], tuple[int, ...]]:
    """Return the number of each pixel's bin of place and colour, and the shape of all bins."""
    cell = max(colours.shape) / _CELLS
    rows, columns = ((np.arange(side) / cell).astype(np.intp) for side in colours.shape[:2])
    light = colours[..., 0].astype(np.intp) * _LEVELS // 256
    tints = (colours[..., 1:].astype(np.float32) - 128) / _TINT + _LEVELS / 2
    red, yellow = np.moveaxis(np.clip(tints, 0, _LEVELS - 1).astype(np.intp), -1, 0)
    shape = int(rows[-1]) + 1, int(columns[-1]) + 1, _LEVELS, _LEVELS, _LEVELS
    at = np.ravel_multi_index((rows[:, None], columns[None], light, red, yellow), shape)
    return np.asarray(at, np.intp), shape


def _spread(counts: Field) -> Field:
    """Return counts that reach into the next bins along each axis."""
    for axis in range(counts.ndim):
        along = counts.swapaxes(0, axis)
        wider = 2 * along
        wider[1:] += along[:-1]
        wider[:-1] += along[1:]
        counts = wider.swapaxes(0, axis) / np.float32(4)
    return counts


def _agreed(colours: Picture, wanted: Field, weight: Field) -> Field:
    """Return weighted averages over areas of one colour.

    By the recursive filter of Gastal and Oliveira, "Domain Transform for Edge-Aware Image and Video
    Processing", 2011.
    """
    down, across = (_distances(colours, axis) for axis in (0, 1))
    data = np.stack([wanted * weight, weight], -1)
    sigma = _REACH * max(wanted.shape)
    for number in range(_PASSES):
        own = sigma * 3**0.5 * 2 ** (_PASSES - number - 1) / (4**_PASSES - 1) ** 0.5
        kept = np.float32(np.exp(-(2**0.5) / own))
        data = _swept(data, kept**down)
        data = _swept(data.swapaxes(0, 1), (kept**across).T).swapaxes(0, 1)
    return np.asarray(data[..., 0] / data[..., 1], np.float32)


def _distances(colours: Picture, axis: int) -> Field:
    step = np.abs(np.diff(colours.astype(np.float32), axis=axis)).sum(-1)
    return np.asarray(1 + step / np.float32(_STEP), np.float32)


def _swept(data: Field, kept: Field) -> Field:
    """Return rows that keep a share of the row before, downwards and upwards."""
    found = np.array(data, order="C")
    shares = np.ascontiguousarray(kept)[..., None]
    for row in range(1, len(found)):
        found[row] += shares[row - 1] * (found[row - 1] - found[row])
    for row in range(len(found) - 2, -1, -1):
        found[row] += shares[row] * (found[row + 1] - found[row])
    return found


def _tidied(found: Field) -> Field:
    """Return 0 or 1 with a narrow edge: an outline without spikes, scraps and small holes."""
    reach = _BAND * max(found.shape)
    person = (found > 0.5).astype(np.uint8)
    person = np.asarray(cv2.morphologyEx(person, cv2.MORPH_CLOSE, _disc(reach)), np.uint8)
    person = np.asarray(cv2.morphologyEx(person, cv2.MORPH_OPEN, _disc(reach / 3)), np.uint8)
    whole = _without_small(_without_small(person > 0), kept=False)
    soft = cv2.GaussianBlur(whole.astype(np.float32), (0, 0), _SOFTNESS)
    return np.asarray(np.clip(1.5 * soft - 0.25, 0, 1), np.float32)


def _without_small(area: Area, *, kept: bool = True) -> Area:
    """Return an area without its small parts, or without its small holes."""
    _, labels, numbers, _ = cv2.connectedComponentsWithStats((area == kept).astype(np.uint8))
    small = numbers[:, cv2.CC_STAT_AREA] < _SCRAP * area.size
    small[0] = False
    return np.asarray(np.where(small[labels], not kept, area))


def _disc(radius: float) -> NDArray[np.uint8]:
    size = 2 * max(round(radius), 1) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
