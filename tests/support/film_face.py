"""The face of a rendered film, as the model that finds faces sees it, frame by frame."""

# ruff: noqa: RUF001 - the IPA's own letters

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces import Face, FaceFinder
from gala_renderer.avatars.faces import points as named
from gala_renderer.speech.words import Phoneme
from tests.support.media_probe import read_frames

Values = NDArray[np.float64]


@dataclass(frozen=True)
class FilmFace:
    """The faces of a film, one a frame."""

    times: Values
    """Middles of the frames in seconds."""
    faces: tuple[Face, ...]

    @property
    def opening(self) -> Values:
        """Distance between the lips, in heights of the face at the start."""
        return np.array([self._gap(face) for face in self.faces])

    @property
    def lids(self) -> Values:
        """Distance between the lids in widths of the eye, the mean of both."""
        return np.array([(_lids(face, "left") + _lids(face, "right")) / 2 for face in self.faces])

    def during(self, start: float, end: float, values: Values) -> Values:
        """Return the values in a span of time."""
        return values[(self.times >= start) & (self.times <= end)]

    def _gap(self, face: Face) -> float:
        upper = face.contour(*named.LIPS_INNER_UPPER[3:8])
        lower = face.contour(*named.LIPS_INNER_LOWER[3:8])
        return float(np.hypot(*(lower - upper).T).mean()) / self.faces[0].height


def face_of_film(path: Path, finder: FaceFinder) -> FilmFace:
    """Find the face in the first frame, and follow it."""
    times, frames = read_frames(path, form="rgb24")
    (found, *_) = finder.find(frames[0])
    faces = []
    for frame in frames:
        found = finder.follow(frame, found)
        faces.append(found)
    moments = np.array([float(time) for time in times])
    return FilmFace(moments + 0.5 * (moments[1] - moments[0]), tuple(faces))


def _lids(face: Face, side: str) -> float:
    left = side == "left"
    upper = face.contour(*(named.LEFT_EYE_UPPER if left else named.RIGHT_EYE_UPPER))
    lower = face.contour(*(named.LEFT_EYE_LOWER if left else named.RIGHT_EYE_LOWER))
    width = float(np.hypot(*(upper[-1] - upper[0])))
    return float(np.hypot(*(lower - upper)[2:-2].T).mean()) / width


_OPENINGS = {
    **dict.fromkeys("aæɑɐäʌɒɶ", 1.0),
    **dict.fromkeys("ɛɔœɜəɘɵɞ", 0.6),
    **dict.fromkeys("eoø", 0.55),
    **dict.fromkeys("iɪyʏɨʉuʊɯ", 0.3),
    **dict.fromkeys("mbp", 0.0),
}
"""How far sounds of the IPA open the mouth."""
_OTHERS = 0.15
_BLENDED = 0.03
"""Seconds over which neighbouring sounds blend (a standard deviation)."""


def vowel_track(phonemes: Sequence[Phoneme], times: Values) -> Values:
    """Return how far a mouth opens at these times for these sounds, 0 to 1."""
    fine = np.arange(0.0, float(times[-1]) + 1.0, 0.005)
    track = np.zeros_like(fine)
    for one in phonemes:
        opened = max((_OPENINGS[sign] for sign in one.symbol if sign in _OPENINGS), default=_OTHERS)
        track[(fine >= one.start) & (fine < one.end)] = opened
    kernel = np.exp(-0.5 * (np.arange(-40, 41) * 0.005 / _BLENDED) ** 2)
    smooth = np.convolve(track, kernel / kernel.sum(), "same")
    return np.asarray(np.interp(times, fine, smooth), np.float64)


def best_lag(seen: Values, expected: Values, most: int = 6) -> tuple[float, float]:
    """Return the correlation of two series at the best lag, and by how many frames ``seen`` lags.

    Lags are tried in tenths of a frame.
    """
    at = np.arange(most, len(seen) - most, 0.1)
    frames = np.arange(len(seen))
    known = np.interp(at, frames, expected)

    def alike(lag: float) -> float:
        return float(np.corrcoef(np.interp(at + lag, frames, seen), known)[0, 1])

    lags = np.arange(-most, most + 0.05, 0.1)
    best = max(lags, key=alike)
    return alike(best), float(best)
