"""How drawn presenters move: in drawings that are held, and in gestures with rests between."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from gala_renderer.avatars.motion.limited_animation import in_drawings
from gala_renderer.avatars.motion.tracks import speech_motion
from gala_renderer.avatars.pose import CURVES, MotionTrack
from gala_renderer.speech.words import Word

HEAD = ("yaw", "pitch", "roll", "sway_x", "sway_y", "breath")


def track(fps: int = 30, frames: int = 60, **curves: NDArray[np.floating]) -> MotionTrack:
    found = MotionTrack.still(frames, Fraction(fps))
    for name, values in curves.items():
        found.values[:, CURVES.index(name)] = values
    return found


def lengths(values: NDArray[np.float32]) -> list[int]:
    """Return for how many frames each value is shown."""
    changes = np.flatnonzero(np.diff(values)) + 1
    return np.diff([0, *changes.tolist(), len(values)]).tolist()


@pytest.mark.parametrize(("fps", "held"), [(12, 1), (24, 2), (30, 2), (60, 4)])
def test_drawings_are_held_so_that_there_are_12_to_15_a_second(fps: int, held: int) -> None:
    moving = np.linspace(0, 5, 60)
    drawn = in_drawings(track(fps, yaw=moving)).curve("yaw")
    assert lengths(drawn) == [held] * (60 // held)
    assert np.abs(drawn - moving).max() <= (held - 1) / 2 * moving[1] + 1e-6


def test_lips_and_lids_shut_and_open_at_their_own_frames() -> None:
    shut = np.zeros(60)
    shut[11:14] = shut[31] = 1.0
    lids = np.zeros(60)
    lids[45:48] = 1.0
    speaking = track(jaw=np.full(60, 0.5), shut=shut, blink_left=lids, blink_right=lids)
    drawn = in_drawings(speaking)
    assert drawn.curve("shut").tolist() == shut.tolist()
    assert drawn.curve("blink_left").tolist() == lids.tolist()


def test_heads_rest_between_gestures_and_drawn_ones_longer() -> None:
    words = [
        Word("one." if number % 5 == 4 else "one", 0.5 * number, 0.5 * number + 0.4)
        for number in range(60)
    ]
    resting = {
        drawn: speech_motion(words, seconds=30.0, fps=Fraction(30), seed=2, drawn=drawn)
        for drawn in (False, True)
    }
    still = {drawn: _still(motion) for drawn, motion in resting.items()}
    assert 0.25 < still[False] < still[True] - 0.1
    for motion in resting.values():
        assert np.ptp(motion.curve("yaw")) > 2


def test_a_silent_presenter_shifts_and_breathes_now_and_then() -> None:
    silent = speech_motion([], seconds=30.0, fps=Fraction(30), seed=2)
    assert np.ptp(silent.curve("yaw")) > 0.5
    assert np.ptp(silent.curve("breath")) > 0.3


def _still(motion: MotionTrack) -> float:
    """Return the fraction of the frames, by pairs, in which the head does not move."""
    head = np.stack([motion.curve(name) for name in HEAD])[:, ::2]
    return float((np.abs(np.diff(head, axis=1)).max(axis=0) < 1e-6).mean())
