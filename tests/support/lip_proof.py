"""What the model that finds faces sees on a rendered film of a portrait, beside what it should."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces import Face, FaceFinder
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.pose import MotionTrack
from gala_renderer.speech.words import Phoneme
from tests.support.engine import EngineHarness, Made
from tests.support.film_face import FilmFace, Values, best_lag, face_of_film, vowel_track
from tests.support.kept_step import KeepingFFmpeg
from tests.support.media_probe import read_frames

SHUT: Final = 0.02
"""Distance between lips, in heights of the face, below which they are shut: that is 6 % of the
mouth's width. The model sees up to 0.012 between rounded lips that touch."""
_PAUSE: Final = 0.25
_SETTLED: Final = 0.1
"""Seconds at the ends of a silence in which the lips may still move."""
_CLOSED: Final = 0.45
"""Distance between the lids of a closed eye, at most, as a share of that of open ones."""
_GRAIN: Final = 1.0
"""Standard deviation in pixels of the blur that takes grain away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Measurements of one film."""

    closures: int
    """Sounds m, b, p."""
    shut: int
    """Those during which the lips are shut."""
    silent_frames: int
    shut_silent_frames: int
    correlation: float
    """Of the mouth's opening with the jaw of the motion."""
    lag: float
    """By how many frames the mouth lags the engine's times of the sounds."""
    blinks: int
    closed_blinks: int
    unrest: float
    """The mean difference of pixels without a person from their median, 0 to 255."""
    sharpness: float
    """Around the mouth while it is shut, as a share of the picture's."""


class Stage:
    """An engine that renders films of a portrait and keeps how they move."""

    def __init__(self, folder: Path, weights: Path):
        self.harness = EngineHarness(folder / "engine", gala_weights_dir=weights)
        self._keeping = KeepingFFmpeg(self.harness.engine.ffmpeg, folder / "kept")
        self.harness.engine.ffmpeg = self._keeping
        self._finder = FaceFinder.installed(weights)

    def prove(
        self,
        spoken: Mapping[str, Any],
        portrait: Path,
        size: tuple[int, int, int],
        *,
        recorded: bool = False,
    ) -> Proof:
        """Render a film in which the portrait speaks, and look at it.

        ``recorded`` uses the speech as a finished voice, whose words are aligned.
        """
        speech = {name: spoken[name] for name in ("engine", "language", "text")}
        said = self.harness.make("tts", {**speech, "phonemes": True}, seconds=600)
        params: dict[str, Any] = {**spoken, "captions": None}
        inputs = {"portrait": portrait}
        if recorded:
            del params["engine"]
            inputs["voice"] = said.path("audio")
        made = self.harness.make("presenter", params, size=size, seconds=600, **inputs)
        assert made.outputs, made.events
        assert self._keeping.kept is not None
        (track,) = self._keeping.kept.motion()
        return self._proof(made, track, phonemes_of(said), portrait)

    def close(self) -> None:
        """End the engine."""
        self.harness.close()

    def _proof(
        self, made: Made, track: MotionTrack, phonemes: Sequence[Phoneme], portrait: Path
    ) -> Proof:
        film = face_of_film(made.path("video"), self._finder)
        opening = film.opening
        frame = float(film.times[1] - film.times[0])
        lips = [one for one in phonemes if set(one.symbol) & set("mbp")]
        narrowest = [film.during(p.start - frame, p.end + frame, opening).min() for p in lips]
        silent = np.concatenate([
            film.during(start + _SETTLED, end - _SETTLED, opening)
            for start, end in _silences(phonemes, float(film.times[-1]))
        ])  # fmt: skip
        wanted = (1 - track.curve("shut")) * track.curve("jaw")
        shown = min(len(wanted), len(opening))
        closed, blinks = _blinks(film, track, shown)
        picture = _read(portrait)
        (reference, *_) = self._finder.find(picture)
        _, frames = read_frames(made.path("video"), form="rgb24")
        return Proof(
            closures=len(lips),
            shut=int((np.array(narrowest) < SHUT).sum()),
            silent_frames=len(silent),
            shut_silent_frames=int((silent < SHUT).sum()),
            correlation=float(np.corrcoef(opening[:shown], wanted[:shown])[0, 1]),
            lag=best_lag(opening, vowel_track(phonemes, film.times))[1],
            blinks=blinks,
            closed_blinks=closed,
            unrest=self._unrest(frames, film),
            sharpness=_sharpness(frames, film, picture, reference),
        )

    def _unrest(self, frames: Any, film: FilmFace) -> float:
        person = self._finder.person_mask(frames[0], film.faces[0])
        reach = round(0.12 * film.faces[0].height) | 1
        near = cv2.dilate((person > 0.02).astype(np.uint8), np.ones((reach, reach), np.uint8))
        still = frames[:, near == 0].astype(np.float32)
        return float(np.abs(still - np.median(still, axis=0)).mean())


def phonemes_of(made: Made) -> list[Phoneme]:
    """Return the phonemes that a job ``tts`` wrote."""
    words = json.loads(made.path("words").read_text())
    return [
        Phoneme(one["symbol"], one["start_ts"], one["end_ts"])
        for word in (words["words"] if isinstance(words, dict) else words)
        for one in word.get("phonemes", [])
    ]


def _silences(phonemes: Sequence[Phoneme], end: float) -> list[tuple[float, float]]:
    edges = [0.0, *(edge for one in phonemes for edge in (one.start, one.end)), end]
    gaps = list(pairwise(edges))[::2]
    return [gap for gap in gaps if gap[1] - gap[0] >= _PAUSE] or [(0.0, 0.0)]


def _blinks(film: FilmFace, track: MotionTrack, shown: int) -> tuple[int, int]:
    """Return how many blinks close the eyes, and how many there are."""
    blink = track.curve("blink_left")[:shown]
    open_lids = float(np.median(film.lids[:shown][blink < 0.05]))
    edges = np.diff(np.concatenate([[0], blink > 0.9, [0]]).astype(int))
    spans = list(
        zip(np.flatnonzero(edges > 0).tolist(), np.flatnonzero(edges < 0).tolist(), strict=True)
    )
    shut = (bool(film.lids[a:b].min() < _CLOSED * open_lids) for a, b in spans)
    return sum(shut), len(spans)


def _sharpness(frames: Any, film: FilmFace, picture: NDArray[np.uint8], face: Face) -> float:
    """Return the sharpness of the frames with shut lips, as a share of the picture's."""
    scale = film.faces[0].height / face.height
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    smaller = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    before = _laplacian(smaller, face.scaled(scale))
    shut = [number for number, gap in enumerate(film.opening) if gap < SHUT]
    return float(np.median([_laplacian(frames[at], film.faces[at]) for at in shut])) / before


def _laplacian(picture: NDArray[np.uint8], face: Face) -> float:
    """Return the variance of the Laplacian around the mouth, without the line between the lips.

    Neither does the grain of single pixels count, which any encoder takes.
    """
    middle, width = face.points[[13, 14], :2].mean(0), face.mouth_width
    reach = np.array([0.8, 0.6]) * width
    left, top = np.maximum(np.rint(middle - reach).astype(int), 0)
    right, bottom = np.rint(middle + reach).astype(int)
    lips = face.contour(*named.LIPS_INNER_UPPER, *named.LIPS_INNER_LOWER[::-1])
    between = np.zeros(picture.shape[:2], np.uint8)
    cv2.polylines(between, [np.rint(lips).astype(np.int32)], True, 1, round(0.12 * width) + 1)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    found = np.asarray(cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), _GRAIN), cv2.CV_32F))
    return float(found[top:bottom, left:right][between[top:bottom, left:right] == 0].var())


def _read(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)


__all__ = ["SHUT", "Proof", "Stage", "Values", "phonemes_of"]
