"""Films of one picture that a camera comes nearer to, most of whose frames are motion vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from tests.support.engine import EngineHarness, Made
from tests.support.films import Frames, frames_of, shape, sound_of

SIZE = (320, 192, 20)
SECONDS = 3
NEARER = {"type": "zoom-in", "amount": "3%"}


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture with detail of every size."""
    random = np.random.default_rng(1)
    whole = np.zeros((288, 480, 3), np.float32)
    for size in (4, 8, 16, 32, 64):
        noise = random.standard_normal((288 // size + 1, 480 // size + 1, 3)).astype(np.float32)
        whole += cv2.resize(noise, (480, 288), interpolation=cv2.INTER_CUBIC) * size**0.5
    path = tmp_path_factory.mktemp("camera") / "picture.png"
    scaled = (whole - whole.min()) / (whole.max() - whole.min())
    Image.fromarray((255 * scaled).astype(np.uint8)).save(path)
    return path


def clip_of(picture: Path, **fields: Any) -> dict[str, Any]:
    return {"type": "image", "src": picture.name, "duration": SECONDS, "motion": NEARER, **fields}


def film(engine: EngineHarness, picture: Path, *others: Path, **params: Any) -> Made:
    clip = clip_of(picture)
    whole = {"quality": "preview", "tracks": [{"clips": [clip]}], **params}
    return engine.make("timeline", whole, size=SIZE, media=(picture, *others))


def is_predicted(path: Path) -> bool:
    """Return True if no frame is stored out of order, as x264 does for other films."""
    with av.open(path) as opened:
        stamps = [(packet.pts, packet.dts) for packet in opened.demux(video=0) if packet.size]
    return all(seen == decoded for seen, decoded in stamps)


def difference(one: Frames, other: Frames) -> float:
    """Return the largest mean difference of a frame of two films."""
    return float(np.abs(one.astype(int) - other).mean(axis=(1, 2, 3)).max())


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"filters": {"sepia": 1}},
        {"motion": None, "keyframes": [{"time": 0, "scale": 1}, {"time": 3, "scale": 1.03}]},
    ],
    ids=["motion", "filters", "keyframes"],
)
def test_frames_between_key_frames_look_as_if_each_was_drawn(
    engine: EngineHarness, picture: Path, fields: dict[str, Any]
) -> None:
    tracks = [{"clips": [clip_of(picture, **fields)]}]
    made = film(engine, picture, tracks=tracks)
    drawn = film(engine, picture, tracks=tracks, quality="production")
    shown, wanted = frames_of(made.path("video")), frames_of(drawn.path("video"))
    assert is_predicted(made.path("video"))
    assert not is_predicted(drawn.path("video"))
    assert len(shown) == len(wanted) == SECONDS * SIZE[2]
    assert difference(shown, wanted) < 4
    # A film that stood still would differ by far more.
    assert np.abs(wanted[0].astype(int) - wanted[-1]).mean() > 5


def test_players_can_seek_to_every_other_second(engine: EngineHarness, picture: Path) -> None:
    with av.open(film(engine, picture).path("video")) as opened:
        video = opened.streams.video[0]
        packets = [packet for packet in opened.demux(video) if packet.size]
        assert video.average_rate == SIZE[2]
    lengths = {packet.duration * packet.time_base * SIZE[2] for packet in packets}
    assert lengths == {1}
    starts = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert starts == list(range(0, SECONDS * SIZE[2], 2 * SIZE[2]))


def test_sound_and_pictures_beside_the_film_are_those_of_any_film(
    engine: EngineHarness, picture: Path, song: Path
) -> None:
    tracks = [
        {"clips": [clip_of(picture)]},
        {"clips": [{"type": "audio", "src": song.name, "duration": SECONDS}]},
    ]
    made = film(engine, picture, song, tracks=tracks, poster=1.0, contact_sheet=True)
    assert is_predicted(made.path("video"))
    sound, rate = sound_of(made.path("video"))
    assert len(sound) / rate == pytest.approx(SECONDS, abs=0.05)
    assert np.abs(sound).max() > 0.05
    poster = np.asarray(Image.open(made.path("poster")).convert("RGB"))
    frames = frames_of(made.path("video"))
    assert np.abs(poster.astype(int) - frames[SIZE[2]]).mean() < 4
    assert made.path("contact_sheet").stat().st_size > 1000


@pytest.fixture
def song(samples: Any) -> Path:
    return Path(samples("song"))


TEXT = {"type": "text", "text": "Hola", "start": 1, "duration": 1}
BOX = shape("#ff0000", width="20%", height="20%", start=1, duration=1)


@pytest.mark.parametrize(
    ("changes", "above"),
    [
        ({"motion": {"type": "zoom-out", "amount": "6%"}}, None),
        ({"motion": {"type": "pan-right", "amount": "20%"}}, None),
        ({"motion": {"type": "zoom-in", "amount": "60%"}}, None),
        ({"fade_in": 0.5}, None),
        ({"opacity": 0.5}, None),
        ({"radius": "10%"}, None),
        ({"width": "50%"}, None),
        ({"duration": 2, "start": 1}, None),
        ({}, TEXT),
        ({}, BOX),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, dict) else None,
)
def test_films_that_show_more_than_a_nearing_picture_are_encoded_as_usual(
    engine: EngineHarness, picture: Path, changes: dict[str, Any], above: dict[str, Any] | None
) -> None:
    tracks = [{"clips": [clip_of(picture, **changes)]}, *([{"clips": [above]}] if above else [])]
    assert not is_predicted(film(engine, picture, tracks=tracks).path("video"))


@pytest.mark.parametrize(
    "params",
    [{"max_bit_rate_kbps": 300}, {"file_format": "mov"}, {"codec": "hevc"}],
    ids=["limit", "mov", "hevc"],
)
def test_other_formats_and_limits_of_the_bit_rate_are_encoded_as_usual(
    engine: EngineHarness, picture: Path, params: dict[str, Any]
) -> None:
    assert not is_predicted(film(engine, picture, **params).path("video"))
