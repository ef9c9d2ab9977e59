"""Films whose sound and picture end apart: what is encoded has both to its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import av
import pytest

from tests.fakes.media_files import make
from tests.support.engine import EngineHarness

PICTURE_SECONDS: Final = 3.0
SOUND_SECONDS: Final = 1.0
FAST: Final = {"quality": "draft"}
WORDS: Final = [{"text": "one", "start_ts": 0.2, "end_ts": 0.6}]
CODECS: Final = {"aac": "mp4", "libmp3lame": "mp4", "flac": "mkv"}


@pytest.fixture(scope="module", params=CODECS)
def brief(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 3 s whose sound ends after 1 s."""
    codec = str(request.param)
    path = tmp_path_factory.mktemp("brief") / f"{codec}.{CODECS[codec]}"
    picture = ("-f", "lavfi", "-i", f"testsrc=s=128x96:r=25:d={PICTURE_SECONDS}")
    sound = ("-f", "lavfi", "-i", f"sine=d={SOUND_SECONDS}")
    return make(path, *picture, *sound, "-c:v", "libx264", "-g", "25", "-c:a", codec)


def lengths(path: Path) -> tuple[float, float]:
    """Return when the last frame and the last sample of a file end, decoded, in seconds."""
    with av.open(str(path)) as media:
        picture = list(media.decode(video=0))
        rate = media.streams.video[0].average_rate
    with av.open(str(path)) as media:
        sound = list(media.decode(audio=0))
    assert rate is not None
    last = sound[-1]
    assert picture[-1].time is not None
    assert last.time is not None
    return picture[-1].time + float(1 / rate), last.time + last.samples / last.sample_rate


WORK: Final[dict[str, tuple[dict[str, Any], float]]] = {
    "reframe": ({"width": 64, "height": 64}, 1.0),
    "speed": ({"factor": 2.0}, 2.0),
    "caption_video": ({"words": WORDS}, 1.0),
    "add_text": ({"text": "Hello"}, 1.0),
    "colorkey_overlay": ({}, 1.0),
    "picture_in_picture": ({}, 1.0),
    "merge": ({}, 1.0),
    "concatenate": ({}, 0.5),
    "trim": ({"start": 0, "end": 2.9}, 3 / 2.9),
    "cut": ({"ranges": [{"start": 0.12, "end": 2.9}]}, 3 / 2.78),
    "loop": ({"duration": 4.5}, 3 / 4.5),
    "reverse": ({}, 1.0),
}


@pytest.mark.parametrize("type_name", WORK)
def test_what_is_encoded_has_silence_to_the_end_of_the_picture(
    engine: EngineHarness, brief: Path, type_name: str
) -> None:
    params, factor = WORK[type_name]
    inputs: dict[str, Any] = {"video": brief}
    match type_name:
        case "merge":
            inputs = {"videos": [brief]}
        case "concatenate":
            inputs = {"clips": [brief, brief]}
        case "trim" | "cut":
            inputs = {"media": brief}
        case "colorkey_overlay":
            inputs["overlay"] = brief
        case "picture_in_picture":
            inputs["inset"] = brief
    made = engine.make(type_name, {**params, **FAST}, **inputs).path("video")
    picture, sound = lengths(made)
    assert picture == pytest.approx(PICTURE_SECONDS / factor, abs=0.05)
    assert sound == pytest.approx(picture, abs=0.05)


def test_a_video_of_one_frame_does_not_decide_the_rate_of_a_film(
    engine: EngineHarness, tmp_path: Path
) -> None:
    sound = ("-f", "lavfi", "-i", "sine=d=1")
    code = ("-c:v", "libx264", "-c:a", "aac")
    still = ("-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=0.04")
    moving = ("-f", "lavfi", "-i", "testsrc=s=64x48:r=24:d=1")
    one = make(tmp_path / "one.mp4", *still, *sound, *code)
    film = make(tmp_path / "film.mp4", *moving, *sound, *code)
    joined = engine.make("merge", FAST, videos=[one, film]).path("video")
    with av.open(str(joined)) as media:
        assert media.streams.video[0].average_rate == 24
