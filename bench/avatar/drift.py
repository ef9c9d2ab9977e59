"""Ten minutes of speech: whether mouth and sound stay together, and end together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from bench.avatar.setup import Bench, painted_portrait
from bench.platform.report import Figure, Section
from gala_renderer.avatars.faces import FaceFinder
from gala_renderer.speech.words import Phoneme
from tests.support.film_face import FilmFace, best_lag, vowel_track
from tests.support.lip_proof import phonemes_of

_SIZE: Final = (256, 320, 30)
_PART_SECONDS: Final = 60.0
_METHOD: Final = (
    "A film of {seconds:.0f} s at {size[0]}x{size[1]}, {size[2]} fps. The lag is the shift at which"
    " the opening of the mouth on the film fits the vowels best, in the first and the last minute."
)


def section(bench: Bench, seconds: float, weights: Path) -> Section:
    """Measure a long film."""
    text = bench.spoken(seconds)
    params = {"text": text, "language": "es", "engine": "espeak"}
    said = bench.harness.make("tts", {**params, "phonemes": True}, seconds=600)
    made = bench.harness.make(
        "presenter",
        {**params, "captions": None},
        size=_SIZE,
        seconds=1800,
        portrait=painted_portrait(),
    )
    path, phonemes = made.path("video"), phonemes_of(said)
    picture, sound = _lengths(path)
    part = min(_PART_SECONDS, picture / 2)
    finder = FaceFinder.installed(weights)
    first = _lag(_followed(path, finder, 0.0, part), phonemes)
    last = _lag(_followed(path, finder, picture - part, picture), phonemes)
    frames = _SIZE[2]
    return Section(
        title="Drift of a long film",
        method=_METHOD.format(seconds=picture, size=_SIZE),
        figures=[
            Figure(what="lag in the first minute", unit="frames", ours=first),
            Figure(what="lag in the last minute", unit="frames", ours=last),
            Figure(what="drift", unit="frames", ours=abs(last - first), below=1.0),
            Figure(
                what="sound and picture differ in length",
                unit="frames",
                ours=abs(sound - picture) * frames,
                below=2.0,
            ),
        ],
    )


def _lag(film: FilmFace, phonemes: Sequence[Phoneme]) -> float:
    begin, end = float(film.times[0]), float(film.times[-1])
    heard = [
        Phoneme(one.symbol, one.start - begin, one.end - begin)
        for one in phonemes
        if one.end > begin and one.start < end
    ]
    moved = replace(film, times=film.times - begin)
    return best_lag(moved.opening, vowel_track(heard, moved.times))[1]


def _followed(path: Path, finder: FaceFinder, start: float, end: float) -> FilmFace:
    """Follow the face in a part of a film, frame by frame, without keeping the frames."""
    times, faces, found = [], [], None
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            time = float(frame.pts * frame.time_base)
            if not start <= time < end:
                continue
            picture: NDArray[np.uint8] = frame.to_ndarray(format="rgb24")
            found = finder.find(picture)[0] if found is None else finder.follow(picture, found)
            times.append(time)
            faces.append(found)
    return FilmFace(np.array(times) + 0.5 / _SIZE[2], tuple(faces))


def _lengths(path: Path) -> tuple[float, float]:
    """Return the seconds of the picture and of the sound, without the encoder's priming."""
    with av.open(str(path)) as container:
        found = [
            float(stream.duration * stream.time_base)
            for stream in (container.streams.video[0], container.streams.audio[0])
            if stream.duration is not None and stream.time_base is not None
        ]
    return found[0], found[1]
