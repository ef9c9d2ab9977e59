"""Films with presenters, and with captions of what somebody says in a recording."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gala.errors import ErrorCode
from tests.support.drawn_sprites import BODY_COLOR, draw_sprites, save_sprites
from tests.support.engine import EngineHarness
from tests.support.films import Frames, frames_of, is_near, made, sound_of

ESPEAK = {"engine": "espeak", "voice": "en-us"}


@pytest.fixture(scope="module")
def path(engine: EngineHarness) -> Path:
    """Half a second of a plain colour, then a presenter; captions are aligned to a recording."""
    said = engine.make("tts", {"text": "Mama mia.", **ESPEAK}).path("audio")
    params = {
        "background": "#204080",
        "voice": ESPEAK,
        "tracks": [
            {"clips": [{"type": "presenter", "character": {"name": "leo"}, "text": "Papa, wow.",
                        "start": 0.5, "height": "80%", "position": "bottom-left"}]},
            {"clips": [{"type": "voice", "src": "said.wav", "text": "Mama mia.", "name": "said",
                        "language": "en"}]},
            {"clips": [{"type": "caption", "of": "said", "style": "boxed", "position": "top",
                        "font_size": "10%"}]},
        ],
    }  # fmt: skip
    return made(engine, params, said).path("video")


@pytest.fixture(scope="module")
def film(path: Path) -> Frames:
    return frames_of(path)


def test_a_presenter_is_heard(path: Path) -> None:
    sound, rate = sound_of(path)
    assert np.abs(sound[round(0.6 * rate) : round(0.9 * rate)]).max() > 0.05


def test_a_presenter_is_cut_out_in_its_box_while_it_speaks(film: Frames) -> None:
    background = np.abs(film.astype(int) - (0x20, 0x40, 0x80)).max(axis=3) < 16
    # 96 pixels high and as wide, in the lower left corner, from frame 10 on.
    box = ~background[:, 44:, :96]
    assert box[5].mean() < 0.02
    assert 0.25 < box[14].mean() < 0.8
    assert background[14][26:36, :20].mean() > 0.9
    assert background[14][60:, 100:].mean() > 0.98


def test_a_presenter_moves_its_lips(film: Frames) -> None:
    faces = film[10:25, 60:80, 34:58].astype(int)
    changed = np.abs(np.diff(faces, axis=0)).max(axis=3) > 40
    assert changed.any(axis=0).sum() > 5


def test_a_portrait_that_cannot_speak_is_refused_before_its_text_is_spoken(
    tmp_path: Path,
) -> None:
    Image.new("RGB", (64, 64), "navy").save(tmp_path / "photo.png")
    clip = {"type": "presenter", "src": "photo", "text": "Mama mia, wow. " * 3000}
    harness = EngineHarness(tmp_path / "data", renderer_cache_bytes=1 << 20)
    try:
        wanted = {"voice": ESPEAK, "tracks": [{"clips": [clip]}]}
        error = made(harness, wanted, tmp_path / "photo.png").error
        assert error.code is ErrorCode.ENGINE_MISSING
        assert "weights `faces`" in error.message
        assert not list(harness.engine.services.spoken.root.glob("*/*"))
    finally:
        harness.close()


def test_a_presenter_moves_and_grows_with_its_group(engine: EngineHarness) -> None:
    speaker = {"type": "presenter", "character": {"name": "leo"}, "text": "Wow.", "rotation": 20}
    keys = [{"time": 0, "scale": 0.5, "x": "25%"}, {"time": "100%", "scale": 1, "x": "60%"}]
    group = {"type": "group", "width": "60%", "height": "80%", "elements": [speaker],
             "keyframes": keys}  # fmt: skip
    params = {"background": "#204080", "voice": ESPEAK, "tracks": [{"clips": [group]}]}
    frames = frames_of(made(engine, params).path("video"))
    seen = np.abs(frames.astype(int) - (0x20, 0x40, 0x80)).max(axis=3) > 24
    sizes, middles = seen.mean(axis=(1, 2)), [np.nonzero(one)[1].mean() for one in seen]
    assert 0.03 < sizes[0] < 0.3
    assert sizes[-1] / sizes[0] == pytest.approx(4, rel=0.2)
    # It is turned to the right about its feet.
    assert (middles[0], middles[-1]) == pytest.approx((45, 107), abs=6)
    # Cut out: no box around it.
    assert not seen[:, :4, :20].any()


def test_captions_show_the_words_of_a_recording(film: Frames) -> None:
    white = (film[:, 4:44] > 215).all(axis=3).sum(axis=(1, 2))
    assert white[4:10].min() > 40


def sprites_of(folder: Path, **layout: object) -> tuple[dict[str, object], list[Path]]:
    paths = save_sprites(draw_sprites(), folder)
    return {"pictures": {name: f"{name}.png" for name in paths}, **layout}, list(paths.values())


def test_sprites_and_a_character_present_side_by_side(
    engine: EngineHarness, tmp_path: Path
) -> None:
    sprites, files = sprites_of(tmp_path)
    halves = {"type": "presenter", "height": "100%", "width": "50%"}
    params = {
        "background": "#204080",
        "voice": ESPEAK,
        "tracks": [
            {"clips": [{**halves, "text": "Papa, wow.", "sprites": sprites, "framing": "full",
                        "position": "bottom-left"}]},
            {"clips": [{**halves, "text": "Papa, wow.", "character": {"name": "leo"},
                        "position": "bottom-right", "background": "replace",
                        "background_color": "#c02040"}]},
        ],
    }  # fmt: skip
    film = frames_of(made(engine, params, *files).path("video"))
    # The sprites are cut out: the film's background beside the head, the body's colour below it.
    assert is_near(film[5][10, 6], (0x20, 0x40, 0x80))
    assert is_near(film[5][112, 40], BODY_COLOR, 20)
    assert is_near(film[5][6, 154], (0xC0, 0x20, 0x40), 20)
    mouths = film[:, 45:70, 25:55].astype(int)
    assert (np.abs(np.diff(mouths, axis=0)).max(axis=3) > 40).any(axis=0).sum() > 20


@pytest.mark.parametrize(
    ("size", "reason"),
    [((50, 20), "50 by 20 pixels, but base has"), ((5000, 8), "5000 by 8 pixels; at most 4096")],
)
def test_a_sprite_that_does_not_fit_is_named_by_its_json_pointer(
    engine: EngineHarness, tmp_path: Path, size: tuple[int, int], reason: str
) -> None:
    sprites, files = sprites_of(tmp_path)
    Image.new("RGBA", size, (9, 9, 9, 128)).save(tmp_path / "mouth_d.png")
    clip = {"type": "presenter", "text": "Wow.", "sprites": sprites}
    error = made(engine, {"voice": ESPEAK, "tracks": [{"clips": [clip]}]}, *files).error
    place = "/tracks/0/clips/0/sprites/pictures/mouth_d"
    assert error.field == place
    assert error.message.startswith(f"{place}: {reason}")


@pytest.fixture
def without_whisper(tmp_path: Path) -> Iterator[EngineHarness]:
    harness = EngineHarness(tmp_path / "engine", gala_weights_dir=tmp_path / "none")
    yield harness
    harness.close()


def test_without_whisper_lips_follow_the_loudness_of_a_recording_but_captions_are_refused(
    engine: EngineHarness, without_whisper: EngineHarness
) -> None:
    said = engine.make("tts", {"text": "Papa, wow. [pause 1s] Wow.", **ESPEAK}).path("audio")
    voice = {"type": "voice", "src": "said.wav", "name": "said"}
    speaker = {"type": "presenter", "of": "said", "character": {"name": "leo"}, "framing": "face"}
    params = {"tracks": [{"clips": [voice]}, {"clips": [speaker]}]}
    film = frames_of(made(without_whisper, params, said).path("video"))
    mouths = film[:, 70:110, 50:110].astype(int)
    changed = np.abs(np.diff(mouths, axis=0)).max(axis=3) > 40
    assert changed[:10].any(axis=0).sum() > 50
    captions = {"clips": [{"type": "caption", "of": "said"}]}
    error = made(without_whisper, {"tracks": [*params["tracks"], captions]}, said).error
    assert error.code is ErrorCode.ENGINE_MISSING


def test_a_presenter_as_large_as_the_film_is_where_it_is_placed(engine: EngineHarness) -> None:
    clip = {"type": "presenter", "text": "Wow.", "character": {"name": "leo"}, "y": "30%",
            "background": "replace", "background_color": "#c02020"}  # fmt: skip
    params = {"background": "#204080", "voice": ESPEAK, "tracks": [{"clips": [clip]}]}
    frames = frames_of(made(engine, params).path("video"))
    # It ends at 80 % of the height.
    assert is_near(frames[2][4, 4], (0xC0, 0x20, 0x20))
    assert is_near(frames[2][112, 80], (0x20, 0x40, 0x80))
