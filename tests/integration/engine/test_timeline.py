"""Films of compositions: what is seen and heard is where and when the composition says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gala.errors import ErrorCode, InvalidRequest
from gala.timeline.problems import InvalidTimeline
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.films import Frames, edges, frames_of, is_near, made, shape, sound_of


@pytest.fixture(scope="module")
def placed(engine: EngineHarness, samples: Callable[[str], Path]) -> Frames:
    """A film of 3 s: shapes, a text, and a video in a corner."""
    inset = {
        "type": "video",
        "src": "film",
        "trim": {"start": 1, "end": 2},
        "start": 0.5,
        "width": "50%",
        "position": "bottom-right",
    }
    params = {
        "background": "#204060",
        "duration": 3,
        "tracks": [
            {"clips": [shape("#e01020", x="25%", y="40%", width="30%", height="20%", start=1,
                             duration=1)]},
            {"clips": [inset]},
            {"clips": [shape("white", start=2, duration=0.5),
                       shape("black", duration=0.75,
                             transition={"type": "fade", "duration": 0.25})]},
            {"clips": [{"type": "text", "text": "GALA", "position": "top-left", "duration": 1,
                        "font_size": "20%", "fade_out": 0.5}]},
        ],
    }  # fmt: skip
    return frames_of(made(engine, params, samples("video")).path("video"))


def test_the_film_is_as_long_as_the_composition_says(placed: Frames) -> None:
    assert placed.shape == (60, 120, 160, 3)


def test_a_shape_is_in_its_place_from_its_first_to_its_last_frame(placed: Frames) -> None:
    red = (0xE0, 0x10, 0x20)
    assert [is_near(placed[at][48, 40], red) for at in (19, 20, 39, 40)] == [
        False,
        True,
        True,
        False,
    ]
    # 30 % of 160 wide and 20 % of 120 high, around 25 %, 40 %.
    box = edges(placed[30][:, :80], red)
    assert np.abs(np.asarray(box) - (16, 36, 64, 60)).max() <= 2


def test_an_inset_shows_the_frames_of_its_part_of_the_file(
    placed: Frames, samples: Callable[[str], Path]
) -> None:
    source = frames_of(samples("video"))
    assert is_near(placed[9][110, 150], (0x20, 0x40, 0x60))
    assert is_near(placed[31][110, 150], (0x20, 0x40, 0x60))
    # 80x45 pixels become 80x44 or 46, in the corner.
    inset = placed[10][76:, 80:].astype(int)
    small = source[30][::4, ::4][:44].astype(int)
    assert np.abs(inset.mean(axis=(0, 1)) - small.mean(axis=(0, 1))).max() < 12
    first, last = source[30], source[58]
    for at, wanted in ((10, first), (29, last)):
        seen = placed[at][76:, 80:].astype(int)
        other = last if wanted is first else first
        near, far = (
            np.abs(seen - one[::4, ::4][1:45].astype(int)).mean() for one in (wanted, other)
        )
        assert near < far


def test_a_transition_shows_both_clips(placed: Frames) -> None:
    levels = [int(placed[at][60, 80].mean()) for at in (42, 47, 52)]
    assert levels[0] > 245
    assert 60 < levels[1] < 200
    assert levels[2] < 12


def test_a_text_is_in_its_corner_and_fades_out(placed: Frames) -> None:
    white = [int((frame[:40, :80] > 200).all(axis=2).sum()) for frame in placed[[5, 21]]]
    assert white[0] > 50
    assert white[1] == 0
    # The safe area is 5 % of 120 pixels.
    left, top, *_ = edges(placed[5], (255, 255, 255))
    assert 4 <= left <= 12
    assert 4 <= top <= 16
    assert placed[18][:40, :80].max() < placed[12][:40, :80].max() < 250


def test_one_recording_is_heard_as_often_as_it_is_used(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    beep = {"type": "audio", "src": "song", "trim": {"start": 0, "end": 0.5}}
    clips = [{**beep, "start": start} for start in (0, 1, 2)]
    params = {"duration": 3, "tracks": [{"clips": [shape("navy")]}, {"clips": clips}]}
    sound, rate = sound_of(made(engine, params, samples("song")).path("video"))
    halves = np.abs(sound[: 3 * rate]).reshape(6, -1)[:, rate // 8 : -rate // 8].max(axis=1)
    assert (halves[::2] > 20 * halves[1::2]).all()


def test_music_gives_way_to_a_voice_by_6_db_or_more(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    params = {
        "voice": {"engine": "espeak", "voice": "en-us"},
        "tracks": [
            {"clips": [shape("navy")]},
            {"clips": [{"type": "voice", "text": "One two three four five six.", "start": 1.5,
                        "volume": 0.3}]},
            {"clips": [{"type": "audio", "src": "song", "duration": "end", "loop": True}]},
        ],
    }  # fmt: skip
    film = made(engine, params, samples("song"))
    sound, rate = sound_of(film.path("video"))
    seconds = len(sound) / rate
    assert 2.5 < seconds < 5

    def tone(start: float) -> float:
        """Return the level of the music's 220 Hz in half a second, in decibels."""
        part = sound[round(start * rate) : round((start + 0.5) * rate)]
        wave = np.exp(-2j * np.pi * 220 * np.arange(len(part)) / rate)
        return float(20 * np.log10(abs((part * wave).mean()) + 1e-9))

    assert tone(0.3) - tone(2.0) >= 6
    assert not [line for line in film.logs if "warning" in line.lower()]


def test_scenes_are_as_long_as_their_voices(engine: EngineHarness) -> None:
    params = {
        "voice": {"engine": "espeak", "voice": "en-us"},
        "scenes": [
            {"voice": "A.", "background": "#ff0000"},
            {"voice": "A much longer one follows.", "background": "#0000ff"},
        ],
    }
    frames = frames_of(made(engine, params).path("video"))
    reds = [is_near(frame[60, 80], (255, 0, 0), 20) for frame in frames]
    assert reds[0]
    assert not reds[-1]
    assert sum(reds) < len(frames) / 2
    assert is_near(frames[-1][60, 80], (0, 0, 255), 20)


def test_a_model_that_no_server_has_replaced_is_refused_with_its_place(
    engine: EngineHarness,
) -> None:
    speaker = {"type": "presenter", "model": f"mdl_{'0' * 26}", "text": "Hi"}
    with pytest.raises(InvalidTimeline) as caught:
        made(engine, {"tracks": [{"clips": [speaker]}]})
    assert [problem.pointer for problem in caught.value.problems] == ["/tracks/0/clips/0/model"]


def test_a_font_that_is_not_installed_is_refused_with_its_place(engine: EngineHarness) -> None:
    runs = {"type": "text", "text": [{"text": "a"}, {"text": "b", "font": "Nope"}], "duration": 1}
    group = {"type": "group", "elements": [runs]}
    error = made(engine, {"tracks": [{"clips": [group]}]}).error
    place = "/tracks/0/clips/0/elements/0/text/1/font"
    assert (error.code, error.field) == (ErrorCode.VALIDATION_ERROR, place)
    assert "Unknown font 'Nope'" in error.message


def test_the_files_have_to_be_those_of_the_composition(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    picture = {"type": "image", "src": "a.png"}
    with pytest.raises(InvalidRequest, match="media_asset_ids"):
        made(engine, {"tracks": [{"clips": [picture]}]})
    failed = made(engine, {"tracks": [{"clips": [picture]}]}, samples("picture"), samples("song"))
    assert "names 1 files; there are 2" in failed.error.message


def test_sounds_give_way_to_a_voice_each_by_its_own_decibels(
    engine: EngineHarness, tmp_path: Path
) -> None:
    tones = {6000: 24.0, 9000: 6.0}
    files = [
        make(tmp_path / f"{hertz}.wav", "-f", "lavfi", "-i", f"sine=f={hertz}:r=48000:d=4")
        for hertz in tones
    ]
    speaking = {"type": "voice", "text": "Mama mia, papa wow.", "volume": 0.2}
    sounds = [
        {"type": "audio", "src": str(hertz), "duck_db": db, "duration": 4}
        for hertz, db in tones.items()
    ]
    params = {
        "voice": {"engine": "espeak", "voice": "en-us"},
        "loudness_lufs": None,
        "tracks": [{"clips": [one]} for one in (speaking, *sounds)],
    }
    sound, rate = sound_of(made(engine, params, *files).path("video"))
    for hertz, db in tones.items():
        spoken, later = (_level_at(hertz, sound[round(at * rate) :], rate) for at in (0.5, 3.3))
        assert later - spoken == pytest.approx(db, abs=2)


def _level_at(hertz: int, sound: NDArray[np.float64], rate: int) -> float:
    """Return the level of a tone in the next half second, in decibels."""
    spectrum = np.abs(np.fft.rfft(sound[: rate // 2] * np.hanning(rate // 2)))
    return float(20 * np.log10(spectrum[hertz // 2 - 4 : hertz // 2 + 5].max()))
