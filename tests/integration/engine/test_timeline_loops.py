"""Films whose pictures repeat are encoded once, and repeated by copying."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from gala.render_protocol import Progress
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness, Made
from tests.support.films import frames_of, made, shape


def ambient(**video: Any) -> dict[str, Any]:
    clip = {"type": "video", "src": "clip", "loop": True, "volume": 0, "duration": "end"}
    return {
        "duration": 6.5,
        "tracks": [
            {"clips": [{**clip, **video}]},
            {"clips": [shape("#e01020", width="20%", height="20%", position="top-left")]},
            {"clips": [{"type": "audio", "src": "song", "loop": True, "duration": "end"}]},
        ],
    }


def steps(film: Made) -> set[str]:
    return {event.step for event in film.events if isinstance(event, Progress)}


@pytest.fixture(scope="module")
def files(samples: Callable[[str], Path]) -> list[Path]:
    """A video of 2 s, and a song that is shorter than the film."""
    return [samples("video"), samples("song")]


def test_a_looped_video_is_encoded_once_and_copied(
    engine: EngineHarness, files: list[Path]
) -> None:
    film = made(engine, ambient(), *files)
    assert "repeating" in steps(film)
    with av.open(files[0]) as clip:
        once = round(float(clip.duration or 0) / av.time_base * 20)
    frames = frames_of(film.path("video"))
    assert len(frames) == 130
    for later in (once, 2 * once):
        assert np.array_equal(frames[5], frames[5 + later])
    assert not np.array_equal(frames[5], frames[15])
    assert np.abs(frames[-1][5, 5].astype(int) - (0xE0, 0x10, 0x20)).max() < 12
    with av.open(film.path("video")) as video:
        sound = video.streams.audio[0]
        assert abs(float((sound.duration or 0) * (sound.time_base or 0)) - 6.5) < 0.05
        times = [packet.pts for packet in video.demux(video=0) if packet.pts is not None]
    apart = np.diff(sorted(times))
    assert (apart == apart[0]).all()


def test_the_last_frame_is_held_in_each_round_until_the_sound_ends(
    engine: EngineHarness, tmp_path: Path
) -> None:
    film = make(
        tmp_path / "film.mp4",
        *("-f", "lavfi", "-i", "testsrc2=s=160x120:r=20:d=0.3"),
        *("-f", "lavfi", "-i", "sine=d=0.8", "-c:v", "libx264", "-pix_fmt", "yuv420p"),
    )
    clip = {"type": "video", "src": "film", "loop": True, "duration": 1.6}
    frames = frames_of(made(engine, {"tracks": [{"clips": [clip]}]}, film).path("video"))
    assert len(frames) == 32
    expected = 2 * [*range(6), *([5] * 10)]
    apart = [np.abs(frames[at].astype(int) - frames[:6]).mean(axis=(1, 2, 3)) for at in range(32)]
    assert [int(one.argmin()) for one in apart] == expected
