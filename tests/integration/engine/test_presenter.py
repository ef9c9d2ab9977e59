"""Presenters: drawn characters that speak, listen, and stand on backgrounds."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from gala.errors import ErrorCode, InvalidRequest
from gala.media import SpokenBy
from tests.fakes.media_files import make
from tests.support import xmp
from tests.support.engine import EngineHarness, Made
from tests.support.media_probe import container_tags, has_audio, read_frames

SIZE = (180, 320, 15)
WIDE = (320, 180, 15)
SPOKEN: dict[str, Any] = {"engine": "espeak", "language": "es", "quality": "draft"}
MUTE: dict[str, Any] = {**SPOKEN, "captions": None}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    harness = EngineHarness(tmp_path_factory.mktemp("presenters"))
    yield harness
    harness.close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of pure green with a tone."""
    path = tmp_path_factory.mktemp("clip") / "green.mp4"
    make(path, "-f", "lavfi", "-i", "color=0x00ff00:s=320x180:r=15:d=1", "-f", "lavfi", "-i",
         "sine=300:d=1", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac",
         "-colorspace", "bt709")  # fmt: skip
    return path


@pytest.fixture(scope="module")
def spoken(engine: EngineHarness) -> Made:
    return engine.make("presenter", {**SPOKEN, "text": "Mamá, hola."}, size=SIZE)


def test_the_video_is_as_long_as_the_voice_and_has_captions_words_and_a_thumbnail(
    spoken: Made,
) -> None:
    times, frames = read_frames(spoken.path("video"))
    words = json.loads(spoken.path("words").read_text())
    assert frames.shape[1:] == (320, 180)
    assert words[-1]["end_ts"] <= len(times) / 15 <= words[-1]["end_ts"] + 1
    assert has_audio(spoken.path("video"))
    assert [word["text"] for word in words] == ["Mamá,", "hola."]
    assert "hola" in spoken.path("captions").read_text()
    with Image.open(spoken.path("thumbnail")) as thumbnail:
        assert thumbnail.size == (180, 320)


def test_the_video_and_the_log_tell_who_spoke(spoken: Made) -> None:
    by = SpokenBy(engine="espeak", voice="es", language="es")
    assert spoken.outputs["video"].speech == (by,)
    assert spoken.outputs["words"].speech == ()
    assert f"spoken by {by}" in spoken.logs


def test_the_mouth_moves_while_the_presenter_speaks(engine: EngineHarness) -> None:
    made = engine.make("presenter", {**MUTE, "text": "Hola, mapa."}, size=SIZE)
    _, frames = read_frames(made.path("video"))
    moved = movement(frames)
    # The mouth of the character is in the middle, below the eyes.
    mouth = moved[120:150, 75:105].max()
    assert mouth > 40
    assert moved[:40].max() < 8


def test_the_same_request_gives_the_same_video(engine: EngineHarness) -> None:
    params = {**MUTE, "text": "Sí.", "presenters": [{"energy": 1.0}], "seed": 5}
    first, second = (engine.make("presenter", params, size=SIZE) for _ in range(2))
    other = engine.make("presenter", {**params, "seed": 6}, size=SIZE)
    assert first.path("video").read_bytes() == second.path("video").read_bytes()
    assert first.path("video").read_bytes() != other.path("video").read_bytes()


def test_in_a_dialogue_the_one_who_speaks_moves_the_lips_and_the_other_listens(
    engine: EngineHarness,
) -> None:
    made = engine.make(
        "presenter",
        {
            **MUTE,
            "presenters": [{"name": "Ann"}, {"name": "Bob", "voice": "es+m3"}],
            "turns": [{"text": "Mamá mapa, mamá."}, {"text": "Papá, pasa papa."}],
        },
        size=WIDE,
    )
    _, frames = read_frames(made.path("video"))
    words = json.loads(made.path("words").read_text())
    change = round(words[2]["end_ts"] * 15)
    assert [word["text"] for word in words[:4]] == ["Mamá", "mapa,", "mamá.", "Papá,"]
    left, right = frames[:, 80:98, 72:88], frames[:, 80:98, 232:248]
    first, second = slice(0, change - 1), slice(change + 4, None)
    assert movement(left[first]).mean() > 1.5 * movement(right[first]).mean()
    assert movement(right[second]).mean() > 1.5 * movement(left[second]).mean()


@pytest.mark.parametrize("form", ["webm", "mov"])
def test_without_a_background_the_video_is_transparent_around_the_presenter(
    engine: EngineHarness, form: str
) -> None:
    params = {**MUTE, "text": "Sí.", "background": "none", "transparent_format": form}
    made = engine.make("presenter", params, size=SIZE)
    assert made.path("video").suffix == f".{form}"
    assert [by.engine for by in made.outputs["video"].speech] == ["espeak"]
    rgba = first_rgba(made.path("video"))
    assert rgba[5, 5, 3] == 0
    assert rgba[300, 90, 3] == 255
    assert has_audio(made.path("video"))
    tags = container_tags(made.path("video"))
    assert tags["comment"].startswith("Synthetic presenter")
    if form == "webm":
        assert tags["digital_source_type"].endswith("/digitalsourcetype/algorithmicMedia")
    else:
        assert xmp.source_type(xmp.box_packet(made.path("video"))) == "algorithmicMedia"
    # A straight edge: what is half transparent has the colour of the person, not of a background.
    edge = rgba[(rgba[..., 3] > 40) & (rgba[..., 3] < 200)]
    assert len(edge)
    assert np.median(edge[:, :3].max(1)) > 50


def test_a_transparent_presenter_as_pictures_is_one_png_a_frame(engine: EngineHarness) -> None:
    params = {**SPOKEN, "text": "Sí.", "background": "none", "transparent_format": "png"}
    made = engine.make("presenter", params, size=SIZE)
    words = json.loads(made.path("words").read_text())
    with zipfile.ZipFile(made.path("video")) as archive:
        names = archive.namelist()
        with archive.open(names[0]) as first, Image.open(first) as picture:
            assert picture.mode == "RGBA"
            assert picture.size == (180, 320)
            assert picture.getpixel((5, 5))[3] == 0
            assert "Synthetic presenter" in xmp.comment(xmp.picture_packet(first))
    assert len(names) >= words[-1]["end_ts"] * 15


def test_a_presenter_in_a_circle_leaves_the_rest_of_the_video_as_it_is(
    engine: EngineHarness, clip: Path
) -> None:
    params = {**MUTE, "text": "Sí.", "inset": {"size": 0.6, "shadow": False}}
    made = engine.make("presenter", params, size=WIDE, background=clip)
    _, frames = read_frames(made.path("video"), form="rgb24")
    frame = frames[3]
    assert is_green(frame[90, 40])
    # The corner of the square around the circle, and its middle.
    assert is_green(frame[66, 206])
    assert not is_green(frame[120, 258])


@pytest.mark.parametrize("kind", ["video", "picture"])
def test_a_background_is_shown_around_the_presenter(
    engine: EngineHarness, clip: Path, tmp_path: Path, kind: str
) -> None:
    background = clip
    if kind == "picture":
        background = tmp_path / "green.png"
        Image.new("RGB", (64, 64), "#00ff00").save(background)
    params = {**MUTE, "text": "Sí.", "background": "replace"}
    made = engine.make("presenter", params, size=WIDE, background=background)
    _, frames = read_frames(made.path("video"), form="rgb24")
    assert is_green(frames[3][20, 20])
    assert not is_green(frames[3][150, 160])


def test_a_recorded_voice_moves_the_mouth_although_nothing_is_known_of_its_words(
    engine: EngineHarness, clip: Path
) -> None:
    made = engine.make("presenter", {"captions": None, "quality": "draft"}, size=SIZE, voice=clip)
    times, frames = read_frames(made.path("video"))
    assert len(times) == 15
    assert movement(frames)[120:150, 75:105].max() > 25


def test_a_logo_lies_on_top(engine: EngineHarness, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (80, 40), "#00ff00").save(logo)
    made = engine.make("presenter", {**MUTE, "text": "Sí."}, size=SIZE, logo=logo)
    _, frames = read_frames(made.path("video"), form="rgb24")
    assert is_green(frames[3][14, 158])


def test_a_preview_shows_the_body_at_rest_and_in_motion(engine: EngineHarness) -> None:
    made = engine.make("presenter_preview", size=(180, 240, 15))
    times, frames = read_frames(made.path("clip"))
    assert len(times) == 30
    assert movement(frames).max() > 40
    assert json.loads(made.path("faces").read_text()) == []
    with Image.open(made.path("neutral")) as neutral:
        assert neutral.size == (180, 240)
    assert "Synthetic presenter" in xmp.comment(xmp.box_packet(made.path("clip")))


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "params.text"),
        ({"text": "a", "presenters": [{"points": {"chin": [0, 0]}}]}, "params.presenters.0.points"),
        ({"text": "a", "presenters": [{"portrait": 1}]}, "params.presenters.0.portrait"),
        ({"turns": [{"text": "a", "presenter": "X"}]}, "params.turns.0.presenter"),
        ({"text": "a", "turns": [{"text": "b"}]}, "params.text"),
        ({"text": "a", "inset": {}, "background": "none"}, "params.inset"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_field(
    engine: EngineHarness, params: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        engine.make("presenter", params, size=SIZE)
    assert refusal.value.code is ErrorCode.VALIDATION_ERROR
    assert field.partition(".")[2] in str(refusal.value)


def test_a_cancelled_presenter_leaves_no_file(engine: EngineHarness) -> None:
    text = "Una frase larga para que dure. " * 10
    folder = engine.cancelled("presenter", {**MUTE, "text": text}, size=SIZE)
    assert not [path for path in folder.rglob("*") if path.is_file()]


def movement(frames: Any) -> Any:
    """Return by how much each pixel changes over time."""
    return frames.max(0).astype(int) - frames.min(0)


def is_green(pixel: Any) -> bool:
    red, green, blue = (int(part) for part in pixel)
    return green > 200 and red < 60 and blue < 60


def first_rgba(path: Path) -> Any:
    decoder = {".webm": "libvpx-vp9"}.get(path.suffix)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if decoder is None:
            return next(container.decode(stream)).to_ndarray(format="rgba")
        context = av.CodecContext.create(decoder, "r")
        for packet in container.demux(stream):
            for frame in context.decode(packet):
                return frame.to_ndarray(format="rgba")
    raise AssertionError("no frame")
