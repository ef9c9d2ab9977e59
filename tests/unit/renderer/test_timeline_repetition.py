"""Which films are encoded once and repeated by copying."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.measurements import Media as Known
from gala.timeline.reader import read_timeline
from gala_renderer.probe.media import AudioStream, Media, VideoStream
from gala_renderer.timeline.repetition import Repetition, cut_to, repetition_of

FRAME = Format(width=160, height=90, fps=30)


def repetition(
    *clips: dict[str, Any], length: float = 10.0, sound: bool = False
) -> Repetition | None:
    """Return how a film of 65 s repeats, each clip on a track of its own."""
    picture = VideoStream(width=160, height=90)
    audio = AudioStream(rate=48_000, channels=2) if sound else None
    media = Media(path=Path("/a.mp4"), demuxer="mp4", seconds=length, picture=picture, sound=audio)
    film = {"duration": 65, "tracks": [{"clips": [clip]} for clip in clips]}
    known = KnownMeasurements({"a.mp4": Known(Fraction(str(length)))})
    return repetition_of(compile_timeline(read_timeline(film), FRAME, known), {"a.mp4": media})


def loop(**fields: Any) -> dict[str, Any]:
    return {"type": "video", "src": "a.mp4", "loop": True, "duration": "end", **fields}


TEXT: dict[str, Any] = {"type": "text", "text": "x", "duration": "end"}


def test_a_looped_video_under_a_text_repeats() -> None:
    assert repetition(loop(), TEXT) == Repetition(300, 6, 150)
    assert repetition(loop(speed=2), TEXT) == Repetition(150, 13, 0)


def test_a_film_in_which_nothing_moves_repeats() -> None:
    assert repetition(TEXT) == Repetition(300, 6, 150)


@pytest.mark.parametrize(
    "clip",
    [
        {**TEXT, "fade_in": 1},
        {**TEXT, "start": 1},
        {**TEXT, "keyframes": [{"time": 0, "opacity": 0}, {"time": 1, "opacity": 1}]},
        {"type": "video", "src": "a.mp4"},
        loop(),
    ],
)
def test_what_moves_otherwise_does_not_repeat(clip: dict[str, Any]) -> None:
    assert repetition(loop(), clip) is None


def test_pictures_do_not_drift_away_from_their_sound() -> None:
    assert repetition(loop(), length=10.01, sound=True) is None
    assert repetition(loop(volume=0), length=10.01, sound=True) is not None
    assert repetition(loop(), length=10.0, sound=True) is not None


def test_the_first_round_is_a_film_of_its_own() -> None:
    film = read_timeline({"duration": 65, "tracks": [{"clips": [TEXT]}]})
    once = cut_to(compile_timeline(film, FRAME, KnownMeasurements()), 300)
    assert (once.frames, once.length) == (300, 10)
    assert [(layer.first_frame, layer.end_frame, layer.end) for layer in once.layers] == [
        (0, 300, 10)
    ]
