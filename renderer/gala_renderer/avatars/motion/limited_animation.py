"""Limited animation: drawn characters show each drawing for some frames, as in cartoons.

Animators call 12 to 15 drawings a second "on twos". What a viewer would miss comes at its own
frame: lips that shut or open, and lids.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.pose import MotionTrack

_DRAWINGS: Final = 15.0
"""Drawings per second."""
_OPEN: Final = 0.04
"""Lips less apart than this look shut."""
_LIDS_SHUT: Final = 0.85


def in_drawings(track: MotionTrack) -> MotionTrack:
    """Return the track with poses that are held: each is the mean of the frames that show it."""
    starts = _starts(_events(track), max(1, round(float(track.fps) / _DRAWINGS)))
    lengths = np.diff([*starts, len(track)])
    means = np.add.reduceat(track.values.astype(np.float64), starts, axis=0) / lengths[:, None]
    return MotionTrack(track.fps, np.repeat(means.astype(np.float32), lengths, axis=0))


def _events(track: MotionTrack) -> NDArray[np.bool_]:
    """Return for each frame whether lips or lids shut or open in it."""
    opening = (1 - track.curve("shut")) * (0.12 + 0.88 * track.curve("jaw"))
    lids = (track.curve("blink_left") + track.curve("blink_right")) / 2
    states = np.stack([opening < _OPEN, lids >= _LIDS_SHUT])
    changed = np.diff(states, axis=1, prepend=states[:, :1])
    return np.asarray(changed.any(axis=0))


def _starts(events: NDArray[np.bool_], hold: int) -> list[int]:
    """Return the frames at which another drawing is shown."""
    starts = [0]
    for frame, event in enumerate(events.tolist()):
        if event or frame - starts[-1] >= hold:
            starts.append(frame)
    return starts
