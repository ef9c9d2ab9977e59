"""A template of Shotstack is imported, rendered, and compared with what its makers describe:
where each clip is seen, when, and over what."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gala.timeline.exchange.shotstack.edit_reader import read_shotstack
from gala.timeline.reader import read_timeline
from gala.timeline.sources import sources_of
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness, Made
from tests.support.films import Frames, edges, frames_of, is_near, sound_of

RED, GREEN, BLUE, YELLOW = (208, 16, 32), (16, 160, 48), (32, 64, 192), (224, 208, 16)
WIDTH, HEIGHT, RATE = 320, 240, 20
FADE_SECONDS = 1.0
SECONDS = 3.5

TEMPLATE: dict[str, Any] = {
    "name": "Sale",
    "template": {
        "timeline": {
            "background": "#102030",
            "soundtrack": {"src": "{{ SONG }}", "effect": "fadeOut"},
            "tracks": [
                # The first track is the uppermost.
                {"clips": [{
                    "asset": {"type": "text", "text": "{{ PRICE }}", "width": 160, "height": 40,
                              "font": {"family": "Open Sans", "size": 24, "color": "#ffffff"},
                              "background": {"color": "#000000"}},
                    "start": 0.5, "length": 1, "position": "top",
                }]},
                {"clips": [{
                    "asset": {"type": "image", "src": "red"}, "start": 1, "length": 1.5,
                    "fit": "crop", "scale": 0.5, "position": "bottomLeft",
                    "offset": {"x": 0.1, "y": 0.2},
                }]},
                {"clips": [
                    {"asset": {"type": "image", "src": "green"}, "start": 0, "length": 1.5},
                    {"asset": {"type": "video", "src": "halves", "trim": 1, "volume": 0},
                     "start": "auto", "length": 2, "transition": {"out": "fade"}},
                ]},
            ],
        },
        "output": {"format": "mp4", "fps": RATE, "size": {"width": WIDTH, "height": HEIGHT}},
        "merge": [
            {"find": "PRICE", "replace": "HELLO"},
            {"find": "SONG", "replace": "song"},
        ],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def made(engine: EngineHarness, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("shotstack")
    for name, color in (("red", RED), ("green", GREEN)):
        Image.new("RGB", (80, 60), color).save(folder / f"{name}.png")
    source = (
        "color=0x2040c0:s=320x240:r=20:d=1[a];color=0xe0d010:s=320x240:r=20:d=4[b];[a][b]concat"
    )
    video = make(folder / "halves.mp4", "-f", "lavfi", "-i", source, "-c:v", "libx264", "-crf", "5")
    song = make(folder / "song.wav", "-f", "lavfi", "-i", "sine=f=330:r=48000:d=4")
    imported = read_shotstack(json.dumps(TEMPLATE))
    assert [loss.message for loss in imported.losses] == []
    form = imported.format
    assert form is not None
    named = {
        "red": folder / "red.png",
        "green": folder / "green.png",
        "halves": video,
        "song": song,
    }
    files = [named[source] for source in sources_of(read_timeline(imported.composition))]
    params = {**imported.composition, "quality": "production"}
    return engine.make("timeline", params, size=(form.width, form.height, form.fps), media=files)


@pytest.fixture(scope="module")
def frames(made: Made) -> Frames:
    return frames_of(made.path("video"))


def at(frames: Frames, seconds: float) -> Frames:
    return frames[round(seconds * RATE)]


def test_it_is_as_long_as_its_last_clip(frames: Frames) -> None:
    assert frames.shape == (SECONDS * RATE, HEIGHT, WIDTH, 3)


def test_a_scaled_clip_is_at_its_corner_moved_by_its_offset(frames: Frames) -> None:
    # Half of the frame, from the lower left corner a tenth to the right and a fifth up.
    left, top, right, bottom = edges(at(frames, 1.3), RED)
    assert (left, right) == pytest.approx((0.1 * WIDTH, 0.6 * WIDTH), abs=2)
    assert (top, bottom) == pytest.approx((0.3 * HEIGHT, 0.8 * HEIGHT), abs=2)


def test_clips_are_seen_from_their_start_for_their_length(frames: Frames) -> None:
    inside = frames[:, HEIGHT // 2, WIDTH // 4]
    seen = [bool(is_near(pixel, RED, 24)) for pixel in inside]
    assert seen == [False] * RATE + [True] * (3 * RATE // 2) + [False] * RATE


def test_a_clip_with_auto_starts_after_the_one_before_and_its_file_is_trimmed(
    frames: Frames,
) -> None:
    corner = frames[:, HEIGHT - 10, WIDTH - 10]
    assert is_near(corner[round(1.4 * RATE)], GREEN, 16)
    assert is_near(corner[round(1.6 * RATE)], YELLOW, 16)


def test_a_fade_out_takes_the_last_second(frames: Frames) -> None:
    corner = frames[:, HEIGHT - 10, WIDTH - 10].astype(float)
    background = np.array([0x10, 0x20, 0x30])
    half = at(frames, SECONDS - FADE_SECONDS / 2)[HEIGHT - 10, WIDTH - 10]
    assert is_near(corner[round((SECONDS - FADE_SECONDS) * RATE) - 1], YELLOW, 16)
    assert is_near(half, tuple((np.array(YELLOW) + background) // 2), 24)
    assert is_near(corner[-1], tuple(background), 24)


def test_a_text_is_on_its_box_over_the_tracks_below(frames: Frames) -> None:
    left, top, right, bottom = edges(at(frames, 0.8), (0, 0, 0))
    assert (left, right) == pytest.approx((80, 240), abs=2)
    assert (top, bottom) == pytest.approx((0, 40), abs=2)
    box = at(frames, 0.8)[:40, 80:240]
    assert 100 < (box.min(axis=2) > 200).sum() < 3000
    assert not (at(frames, 0.4)[:40].max(axis=2) < 10).any()


def test_the_sound_track_fades_out_at_the_end(made: Made) -> None:
    sound, rate = sound_of(made.path("video"))
    loud, quiet = (
        np.abs(sound[round(first * rate) : round((first + 0.2) * rate)]).max()
        for first in (1.0, SECONDS - 0.25)
    )
    assert loud > 0.02
    assert quiet < loud / 2
