"""A render that is asked to describes its media files: length, size, frame rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gala.media import MediaFacts
from gala.render_protocol import Inspected
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness, Made

SIZE = (96, 64, 10)


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    """An engine that remembers its results."""
    harness = EngineHarness(tmp_path_factory.mktemp("cached"), renderer_cache_bytes=1 << 26)
    yield harness
    harness.close()


def facts(made: Made) -> dict[str, MediaFacts | None]:
    return {role: output.media for role, output in made.outputs.items()}


def told_of_inputs(made: Made) -> dict[str, MediaFacts]:
    return {event.path: event.media for event in made.events if isinstance(event, Inspected)}


def test_outputs_and_inspected_inputs_are_described(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    made = engine.make("trim", {"start": 0.5, "end": 2}, describe=True, media=samples("video"))
    (video,) = [media for role, media in facts(made).items() if role == "video"]
    assert video is not None
    assert (video.width, video.height, video.fps) == (320, 180, 30.0)
    assert video.duration_ms == pytest.approx(1500, abs=20)
    (source,) = told_of_inputs(made).values()
    assert source.duration_ms == pytest.approx(3000, abs=50)
    assert (source.width, source.height) == (320, 180)


def test_a_result_from_the_cache_is_described_too(
    cached: EngineHarness, samples: Callable[[str], Path]
) -> None:
    source = samples("video")
    first = cached.make("thumbnail", video=source)
    assert set(facts(first).values()) == {None}
    for _ in range(2):
        again = cached.make("thumbnail", video=source, describe=True)
        assert any("cache" in line for line in again.logs)
        (media,) = facts(again).values()
        assert media is not None
        assert media.width


@pytest.mark.parametrize(("fps", "duration_ms"), [(10, 500), (30, 1010), (25, 1)])
def test_what_a_plan_decides_is_what_an_inspection_finds(
    engine: EngineHarness, fps: int, duration_ms: int
) -> None:
    size = (*SIZE[:2], fps)
    text = {"text": "described"}
    made = engine.make("hello_render", text, size=size, duration_ms=duration_ms, describe=True)
    for role, decided in facts(made).items():
        (found,) = told_of_inputs(
            engine.make("probe", describe=True, media=made.path(role))
        ).values()
        assert decided == found


def test_a_sound_has_a_length_and_a_text_has_nothing(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    sound = engine.make("audio_extract", describe=True, video=samples("video"))
    (media,) = facts(sound).values()
    assert media is not None
    assert media.duration_ms == pytest.approx(3000, abs=100)
    assert (media.width, media.height, media.fps) == (None, None, None)
    described = engine.make("probe", describe=True, media=samples("picture"))
    assert facts(described) == {"info": None}
    assert set(told_of_inputs(described).values()) == {MediaFacts(width=640, height=480)}


def test_the_cover_of_a_song_is_not_its_picture(
    engine: EngineHarness, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    song = make(
        tmp_path / "cover.mp3",
        *("-i", str(samples("song")), "-i", str(samples("picture"))),
        *("-map", "0:a", "-map", "1:v", "-c:v", "mjpeg", "-disposition:v", "attached_pic"),
    )
    (media,) = told_of_inputs(engine.make("probe", describe=True, media=song)).values()
    assert media.duration_ms
    assert (media.width, media.height, media.fps) == (None, None, None)


def test_a_turned_video_has_the_size_that_is_shown(engine: EngineHarness, tmp_path: Path) -> None:
    flat = make(tmp_path / "flat.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.5")
    turned = make(tmp_path / "turned.mp4", "-display_rotation", "90", "-i", str(flat), "-c", "copy")
    (media,) = told_of_inputs(engine.make("probe", describe=True, media=turned)).values()
    assert (media.width, media.height) == (48, 64)
