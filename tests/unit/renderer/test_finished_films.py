"""What is said of a finished film that is not what it should be."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from gala_renderer.probe.media import AudioStream, Media, VideoStream
from gala_renderer.timeline.inspection import Wanted, differences

WANTED = Wanted(
    size=(640, 360),
    seconds=4.0,
    rate=Fraction(30),
    has_sound=True,
    lufs=-16.0,
    may_be_black=False,
)
PICTURE = VideoStream(width=640, height=360, fps=30.0)
RIGHT = Media(
    path=Path("film.mp4"),
    demuxer="mp4",
    seconds=4.02,
    picture=PICTURE,
    sound=AudioStream(rate=48000, channels=2),
)


def test_nothing_is_said_of_a_film_that_is_as_it_should_be() -> None:
    assert list(differences(RIGHT, WANTED)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seconds": 3.0}, "the film lasts 3.00 s instead of 4.00 s"),
        ({"sound": None}, "the film has no sound"),
        ({"picture": None}, "the film has no pictures"),
        (
            {"picture": replace(PICTURE, width=320)},
            "the film is 320 x 360 pixels large instead of 640 x 360",
        ),
        (
            {"picture": replace(PICTURE, fps=25.0)},
            "the film has 25 frames per second instead of 30",
        ),
    ],
)
def test_each_difference_is_said(changes: dict[str, Any], said: str) -> None:
    assert list(differences(replace(RIGHT, **changes), WANTED)) == [said]


def test_sound_where_none_was_made_is_said() -> None:
    found = list(differences(RIGHT, replace(WANTED, has_sound=False)))
    assert found == ["the film has sound that is not its"]


def test_a_film_that_cannot_be_read_is_said() -> None:
    assert list(differences(None, WANTED)) == ["the finished film cannot be read"]
