"""Weights of a portrait's fields for a pose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gala_renderer.avatars.portrait.arrays import Array
from gala_renderer.avatars.portrait.fields import JAW_DROP
from gala_renderer.avatars.pose import Pose

HEAD: Final = ("yaw", "pitch", "roll", "sway_x", "sway_y", "breath")
"""Fields that move head and shoulders."""
FACE: Final = (
    *("jaw", "gap", "spread", "round", "shut", "press", "lip_to_teeth", "smile"),
    *("brow_left", "brow_right"),
)
"""Fields that move the face."""
MOUTH: Final = FACE.index("brow_left")
"""The number of those that differ between the skull and the jaw; they come first."""
_SHUT_ROUND: Final = 0.5
"""How much of their rounding shut lips keep: fully rounded ones do not look shut."""
_ROUND_OPENS: Final = 0.10
"""Opening of rounded lips, which never touch, as a share of the jaw's."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the fields, and what is drawn otherwise."""

    head: Array
    face: Array
    jaw: float
    """Opening of the jaw behind open lips."""
    tongue: float
    rounded: float
    opened: float
    """How far the mouth opens, in widths of the mouth; 0 if it is shut."""


def weights_of(pose: Pose, own_gap: float) -> Weights:
    """Return the weights for a pose.

    ``own_gap`` is the distance between the lips in the picture, in widths of the mouth: it is the
    first part of an opening, and shut lips close it.
    """
    loose = 1 - float(np.clip(pose.shut, 0, 1))
    rounding = pose.round * (_SHUT_ROUND + (1 - _SHUT_ROUND) * loose)
    jaw = float(np.clip(pose.jaw, 0, 1))
    opening = JAW_DROP * (jaw + _ROUND_OPENS * pose.round) * loose
    kept = min(own_gap, opening)
    shut = 1 - kept / own_gap if own_gap > 0 else 1 - loose
    drop = max(jaw * (0.45 + 0.55 * loose) - 0.5 * kept / JAW_DROP, 0)
    face = (
        *(drop, (opening - kept) / JAW_DROP, pose.spread, rounding, shut, pose.press),
        *(pose.lip_to_teeth * loose, pose.smile, pose.brow_left, pose.brow_right),
    )
    head = (pose.yaw, pose.pitch, pose.roll, pose.sway_x, pose.sway_y, pose.breath)
    return Weights(
        head=np.array(head, np.float32),
        face=np.array(face, np.float32),
        jaw=jaw * loose,
        tongue=float(np.clip(pose.tongue, 0, 1)),
        rounded=float(np.clip(pose.round, 0, 1)),
        opened=opening + 0.1 * (pose.lip_to_teeth + 0.3 * pose.spread) * loose,
    )
