"""Exported compositions: the document, and media that look as in the film."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gala.errors import InvalidRequest
from gala.timeline.exchange.otio_reader import read_otio
from gala.timeline.reader import read_timeline
from tests.support.engine import EngineHarness
from tests.support.films import SIZE, frames_of, is_near, shape, sound_of

FILM: dict[str, Any] = {
    "quality": "draft",
    "tracks": [
        {"clips": [{"type": "video", "src": "v", "trim": {"start": 0.5}, "duration": 1}]},
        {
            "clips": [
                shape("#e01020", width="50%", height="50%", duration=0.5),
                shape("#e01020", width="50%", height="50%", duration=0.5, fade_in=0.4),
            ]
        },
        {"clips": [{"type": "svg", "src": "d", "width": "10%", "duration": 0.5}]},
        {"clips": [{"type": "waveform", "of": "song", "style": "progress", "duration": 0.5}]},
        {
            "clips": [
                {"type": "audio", "src": "s", "name": "song", "volume": 0.25, "duration": "end"}
            ]
        },
    ],
}


@pytest.fixture(scope="module")
def project(
    engine: EngineHarness, samples: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    drawing = tmp_path_factory.mktemp("drawing") / "drawing.svg"
    drawing.write_text("<svg viewBox='0 0 9 9'><circle cx='4' cy='4' r='4' fill='lime'/></svg>")
    files = [samples("video"), drawing, samples("song")]
    made = engine.make("timeline_export", FILM, size=SIZE, media=files)
    folder = tmp_path_factory.mktemp("project")
    with zipfile.ZipFile(made.path("project")) as archive:
        archive.extractall(folder)
    assert any("rendered picture" in line for line in made.logs)
    return folder


def test_the_document_names_the_media_beside_it(project: Path) -> None:
    text = (project / "film.otio").read_text()
    assert read_timeline(read_otio(text).composition) == read_timeline(FILM)
    names = sorted(path.name for path in (project / "media").iterdir())
    assert [name.partition("-")[2] for name in names] == [
        "v.mp4",
        "shape.png",
        "shape.mov",
        "svg.png",
        "waveform.mov",
        "song-sound.wav",
    ]
    assert all(f"media/{name}" in text for name in names)


def test_rendered_media_are_transparent_and_look_as_in_the_film(project: Path) -> None:
    (still,) = project.glob("media/*shape.png")
    with Image.open(still) as picture:
        pixels = np.asarray(picture.convert("RGBA"))
    assert pixels.shape == (SIZE[1], SIZE[0], 4)
    assert pixels[5, 5, 3] == 0
    assert is_near(pixels[60, 80, :3], (0xE0, 0x10, 0x20))
    (moving,) = project.glob("media/*shape.mov")
    frames = frames_of(moving)
    assert len(frames) == 10


def test_a_waveform_shows_the_sound_that_it_is_of(project: Path) -> None:
    (moving,) = project.glob("media/*waveform.mov")
    assert frames_of(moving)[-1].max(axis=-1).max() > 100


def test_rendered_sound_has_the_volume_of_the_film(
    project: Path, samples: Callable[[str], Path]
) -> None:
    (path,) = project.glob("media/*.wav")
    interleaved, rate = sound_of(path)
    sound = interleaved[::2]
    source, _ = sound_of(samples("song"))
    assert abs(len(sound) / rate - 1) < 0.01
    ratio = np.abs(sound[rate // 4 : rate // 2]).max() / 32768 / np.abs(source).max()
    assert 0.2 < ratio < 0.3


def test_a_rate_that_does_not_exist_is_refused(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    params = {**FILM, "to": "edl", "rate": 25.0, "drop_frame": True}
    files = [samples("video"), samples("song")]
    made = engine.make("timeline_export", params, size=SIZE, media=files)
    assert made.error.code == InvalidRequest.code
    assert "no drop-frame timecode" in made.error.message
