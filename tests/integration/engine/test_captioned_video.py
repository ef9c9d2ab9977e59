"""Spoken, captioned videos: measured on their sound and on their frames."""

from __future__ import annotations

import itertools
import json
import re
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.support.engine import EngineHarness, Made
from tests.support.media_probe import read_frames, read_samples

SMALL = (160, 284, 30)
SPANISH = ["Gato", "playa", "tigre", "barco"]
ENGLISH = ["Garden", "table", "doctor", "coffee"]
SETTINGS: dict[str, Any] = {"engine": "espeak", "captions": {"style": "word", "font_size": 30}}
CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n(.+)")


def cues(vtt: Path) -> list[tuple[float, float, str]]:
    """Start, end and text of each."""
    found = []
    for match in CUE.finditer(vtt.read_text()):
        h1, m1, s1, h2, m2, s2, text = match.groups()
        start = int(h1) * 3600 + int(m1) * 60 + float(s1)
        found.append((start, int(h2) * 3600 + int(m2) * 60 + float(s2), text))
    return found


def onsets(path: Path, *, pause: float = 0.15) -> list[float]:
    """Return where sound begins after at least ``pause`` seconds of silence."""
    rate, samples = read_samples(path)
    step = rate // 200
    sound = np.abs(samples[0])
    levels = sound[: len(sound) // step * step].reshape(-1, step).max(axis=1)
    loud = levels > 0.02 * levels.max()
    found, quiet = [], pause
    for at, is_loud in enumerate(loud):
        if is_loud and quiet >= pause:
            found.append(at * step / rate)
        quiet = 0.0 if is_loud else quiet + step / rate
    return found


def apart(words: list[str]) -> str:
    return " [pause 400ms] ".join(words)


@pytest.mark.parametrize(("language", "words"), [("es", SPANISH), ("en-us", ENGLISH)])
def test_every_word_is_shown_when_it_is_spoken(
    engine: EngineHarness, language: str, words: list[str]
) -> None:
    params = {"text": apart(words), "language": language, **SETTINGS}
    made = engine.make("captioned_video", params, size=SMALL)
    captions = cues(made.path("captions"))
    assert [text for _, _, text in captions] == words
    spoken = onsets(made.path("video"))
    assert len(spoken) == len(words)
    for (start, _, text), onset in zip(captions, spoken, strict=True):
        assert abs(start - onset) < 0.06, f"{text}: shown at {start}, spoken at {onset}"
    appear = appearances(made)
    for onset in spoken:
        nearest = min(appear, key=lambda at: abs(at - onset))
        assert abs(nearest - onset) < 0.06, f"spoken at {onset}, drawn at {nearest}"


def appearances(made: Made) -> list[float]:
    """Return when the picture changes on a plain background: a caption appears or changes."""
    times, frames = read_frames(made.path("video"))
    changes = np.abs(np.diff(frames.astype(int), axis=0)).max(axis=(1, 2)) > 60
    begun = [0.0] if frames[0].max() > 100 else []
    return begun + [float(times[at + 1]) for at in np.flatnonzero(changes)]


def test_the_video_is_as_long_as_its_voice(engine: EngineHarness) -> None:
    made = engine.make("captioned_video", {"text": "One two three.", **SETTINGS}, size=SMALL)
    words = json.loads(made.path("words").read_text())
    times, frames = read_frames(made.path("video"))
    rate, samples = read_samples(made.path("video"))
    assert len(frames) / 30 == pytest.approx(samples.shape[1] / rate, abs=0.05)
    assert words[-1]["end_ts"] <= len(frames) / 30
    assert [float(b - a) for a, b in itertools.pairwise(times)] == pytest.approx(
        [1 / 30] * (len(times) - 1), abs=1e-3
    )


def test_a_finished_voice_is_laid_out_with_its_text(engine: EngineHarness, tmp_path: Path) -> None:
    text = "The garden is green. The table is round."
    spoken = engine.make("tts", {"text": text, "engine": "espeak", "language": "en-us"})
    voice = tmp_path / "voice.wav"
    voice.write_bytes(spoken.path("audio").read_bytes())
    made = engine.make(
        "captioned_video", {"text": text, "language": "en-us"}, size=SMALL, voice=voice
    )
    told = json.loads(spoken.path("words").read_text())
    found = json.loads(made.path("words").read_text())
    assert [word["text"] for word in found] == [word["text"] for word in told]
    off = [abs(a["start_ts"] - b["start_ts"]) for a, b in zip(found, told, strict=True)]
    assert float(np.median(off)) < 0.06
    with wave.open(str(voice)) as file:
        assert len(read_frames(made.path("video"))[1]) == pytest.approx(
            30 * file.getnframes() / file.getframerate(), abs=1
        )


def test_the_captions_of_a_file_are_shown_instead_of_the_words(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    made = engine.make(
        "captioned_video",
        {"text": "Something else entirely is spoken here.", "engine": "espeak"},
        size=SMALL,
        subtitles=samples("subtitles"),
        background=samples("video"),
        music=samples("song"),
    )
    assert [text for _, _, text in cues(made.path("captions"))] == ["Hello there", "Second line"]


@pytest.mark.parametrize("captions", [None, SETTINGS["captions"]])
def test_players_can_seek_every_two_seconds_in_a_video_that_stands_still(
    engine: EngineHarness, captions: dict[str, Any] | None
) -> None:
    params = {"text": "One. [pause 5s] Two.", "engine": "espeak", "captions": captions}
    made = engine.make("captioned_video", params, size=SMALL)
    with av.open(str(made.path("video"))) as video:
        frames = [(frame.time, frame.key_frame) for frame in video.decode(video=0)]
    assert len(frames) > 5 * 30
    keys = [time for time, is_key in frames if is_key]
    assert keys == pytest.approx([2.0 * number for number in range(len(keys))], abs=1e-3)
    assert frames[-1][0] - keys[-1] < 2


def test_a_still_video_shorter_than_its_thumbnails_time_has_a_thumbnail(
    engine: EngineHarness,
) -> None:
    made = engine.make("captioned_video", {"text": "Go.", **SETTINGS}, size=SMALL)
    with av.open(str(made.path("thumbnail"))) as picture:
        (frame,) = picture.decode(video=0)
    assert (frame.width, frame.height) == SMALL[:2]


def test_music_falls_while_somebody_speaks(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    params = {
        "text": "[pause 1500ms] Seventeen. [pause 2500ms] Two.",
        "music_volume_db": -6,
        "music_ducking_db": 12,
        **SETTINGS,
    }
    made = engine.make("captioned_video", params, size=SMALL, music=samples("song"))
    rate, sound = read_samples(made.path("video"))
    words = json.loads(made.path("words").read_text())
    tone = _tone_level(sound[0], rate)
    between = (words[0]["end_ts"] + words[1]["start_ts"]) / 2
    speaking = (words[0]["start_ts"] + words[0]["end_ts"]) / 2
    assert tone(between + 0.2) - tone(speaking) == pytest.approx(12, abs=3)
    assert np.abs(sound).max() < 1


def _tone_level(samples: Any, rate: int) -> Callable[[float], float]:
    """Return the level of the song's 220 Hz around a time, in decibels."""

    def level(at: float) -> float:
        length = rate // 5
        start = max(0, round(at * rate) - length // 2)
        part = samples[start : start + length] * np.hanning(length)
        wave_ = np.exp(-2j * np.pi * 220 * np.arange(length) / rate)
        return float(20 * np.log10(abs(np.sum(part * wave_)) + 1e-12))

    return level


def test_without_text_and_voice_there_is_nothing_to_say(engine: EngineHarness) -> None:
    error = engine.refusal("captioned_video", {}, size=SMALL)
    assert error.details["field"] == "params.text"
    assert "inputs.voice_asset_id" in error.message


def test_a_font_that_is_not_there_is_refused_with_those_that_are(engine: EngineHarness) -> None:
    params = {"text": "hi", "engine": "espeak", "captions": {"font": "Comic Neue"}}
    made = engine.make("captioned_video", params, size=SMALL)
    assert "Noto Sans" in str(made.error.hint)
    assert "params.captions.font" in made.error.message


@pytest.mark.parametrize("type_name", ["captioned_video", "presenter"])
@pytest.mark.parametrize("fit", ["cover", "contain", "blur"])
def test_a_background_of_another_shape_is_cropped_or_seen_whole(
    engine: EngineHarness, tmp_path: Path, type_name: str, fit: str
) -> None:
    slide = Image.new("RGB", (320, 180), "#00ff00")
    slide.paste("#ff0000", (0, 0, 40, 180))
    slide.save(tmp_path / "slide.png")
    params = {"text": "Sí.", "engine": "espeak", "captions": None, "background_fit": fit,
              "background_color": "#0000ff", "quality": "draft"}  # fmt: skip
    if type_name == "presenter":
        params |= {"inset": {"position": "bottom", "size": 0.1, "margin": 0}}
    made = engine.make(type_name, params, size=(180, 320, 10), background=tmp_path / "slide.png")
    _, frames = read_frames(made.path("video"), form="rgb24")
    edge, above = frames[1][160, 8].astype(int), frames[1][40, 90].astype(int)
    if fit == "cover":
        assert edge[1] > 230 > 40 > edge[0]
        assert above[1] > 230
    else:
        assert edge[0] > 230 > 40 > edge[1]
        assert above[2] > 230 if fit == "contain" else above[1] > 150 > above[2]
