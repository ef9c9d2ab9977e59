"""Speech output: word times, loudness, pauses, joins, effects, hostile texts."""

# ruff: noqa: RUF001 - texts in many scripts

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from gala.errors import InvalidRequest, UnprocessableMedia
from gala.ids import Prefix, new_id
from gala.render_protocol import Progress, RenderRequest, attempt_folder
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.speech import outputs, pcm_track
from gala_renderer.speech.espeak.engine import EspeakEngine
from gala_renderer.speech.protocol import Speech, SpeechEngine, Utterance
from gala_renderer.speech.registry import SpeechEngines
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness, Made
from tests.support.processes import started_since
from tests.unit.renderer.spoken_form import test_english, test_spanish

_EN = "Today, we begin. Two dogs, three cats, and a parrot; they sleep. Which one? Maybe, perhaps."
_ES = "Hoy, empezamos. Dos perros, tres gatos, y un loro; duermen. ¿Cuál? Quizás, tal vez, nunca."


@pytest.fixture(scope="module")
def espeak() -> EspeakEngine:
    return EspeakEngine(Sandbox(ProcessLimits()))


def _speak(engine: EspeakEngine, folder: Path, text: str, **how: Any) -> Speech:
    target = folder / "speech.wav"
    work = engine.speak(
        Utterance(text=text, **how), target=target, scratch=folder, report=lambda _: None
    )
    return asyncio.run(work)


def _say(engine: EngineHarness, text: str, **params: Any) -> Made:
    return engine.make("tts", {"text": text, "engine": "espeak", **params})


def _words(made: Made) -> list[dict[str, Any]]:
    words: list[dict[str, Any]] = json.loads(made.path("words").read_text())
    return words


def _envelope(samples: pcm_track.Samples, rate: int) -> Any:
    """Return the level around each sample, over 5 ms."""
    window = round(0.005 * rate)
    return np.sqrt(np.convolve(samples.astype(float) ** 2, np.ones(window) / window, "same"))


def _onset_errors(
    words: list[tuple[float, float]], rate: int, samples: pcm_track.Samples
) -> list[float]:
    """Return the errors in seconds of the starts of words after a pause."""
    level = _envelope(samples, rate)
    errors = []
    for (_, before), (start, _) in pairwise(words):
        if start - before < 0.06:
            continue
        first, told, last = (round(moment * rate) for moment in (before, start, start + 0.2))
        quietest = first + int(np.argmin(level[first : told + 1]))
        heard = quietest + int(np.argmax(level[quietest:last] > 0.02 * level.max()))
        errors.append(start - heard / rate)
    return errors


def _loudness(path: Path, start: float = 0.0, end: float = 1e4) -> tuple[float, float]:
    """Return LUFS and dBTP of the part between two times."""
    part = ["-ss", f"{start:.3f}", "-to", f"{end:.3f}"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostats", *part, "-i", str(path)]
    measure = ["-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    said = subprocess.run([*command, *measure], check=True, capture_output=True, text=True).stderr
    lufs = re.findall(r"^\s+I:\s+(\S+) LUFS$", said, re.MULTILINE)[-1]
    return float(lufs), float(re.findall(r"^\s+Peak:\s+(\S+) dBFS$", said, re.MULTILINE)[-1])


@pytest.mark.parametrize("speed", [0.6, 1.0, 1.6])
@pytest.mark.parametrize(("text", "language"), [(_EN, "en"), (_ES, "es")])
def test_words_are_heard_where_they_are_told(
    espeak: EspeakEngine, tmp_path: Path, text: str, language: str, speed: float
) -> None:
    speech = _speak(espeak, tmp_path, text, language=language, speed=speed)
    rate, samples = pcm_track.read_wav(speech.path)
    assert [word.text for word in speech.words] == text.split()
    errors = _onset_errors([(word.start, word.end) for word in speech.words], rate, samples)
    assert len(errors) >= 6
    assert max(map(abs, errors)) <= 0.06


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The end of the story, with the cat. For the dog, in the house.", "en-GB"),
        ("In 1995 it cost $12.50 or 3.5 %, said Dr. Smith.", "en"),
        ("Il y a 5 000 € de plus, n'est-ce pas ?", "fr"),
        ("مرحبا بالعالم، كيف حالك اليوم؟", "ar"),
        ("שלום עולם, מה שלומך?", "he"),
        ("नमस्ते, आप कैसे हैं?", "hi"),
        ("안녕하세요, 오늘 날씨가 좋네요.", "ko"),
        ("你好，世界。今天天气很好，我有12本书。", "zh"),
        ("こんにちは、きょうはいいてんきですね。", "ja"),
        ("สวัสดีครับวันนี้อากาศดีมาก", "th"),
        ("I ❤️ “quotes” — and 🎉 parties…", "en"),
    ],
)
def test_every_written_word_has_its_own_time(
    espeak: EspeakEngine, tmp_path: Path, text: str, language: str
) -> None:
    speech = _speak(espeak, tmp_path, text, language=language)
    assert "".join("".join(word.text for word in speech.words).split()) == "".join(text.split())
    assert all(word.start < word.end for word in speech.words)
    assert all(one.end <= two.start + 1e-9 for one, two in pairwise(speech.words))
    assert speech.words[-1].end <= speech.seconds
    assert all(
        word.start <= phoneme.start <= phoneme.end <= word.end + 1e-9
        for word in speech.words
        for phoneme in word.phonemes
    )


def test_every_language_that_is_listed_speaks(espeak: EspeakEngine) -> None:
    catalogue = asyncio.run(espeak.catalogue())
    assert len(catalogue.voices) >= 100
    assert {"en-us", "es-419", "cmn", "ar", "hi"} <= catalogue.voices.keys()
    assert catalogue.voices["pt-br"].language == "pt-BR"
    assert "f3" in catalogue.variants


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("0", "nuli"),
        ("Nal. 10:05, 0,5 % 2026", "nal tinulifɛm nulikommafɛm pəsɛnt totusənʌsɛɣsʌtyw"),
        ("007 1.000", "nulinulisyw edtusən"),
    ],
)
def test_zeros_are_spoken_in_greenlandic_where_the_library_crashes_on_them(
    espeak: EspeakEngine, tmp_path: Path, text: str, phonemes: str
) -> None:
    speech = _speak(espeak, tmp_path, text, language="kl")
    assert [word.text for word in speech.words] == text.split()
    heard = ("".join(sound.symbol for sound in word.phonemes) for word in speech.words)
    assert " ".join(heard).translate(dict.fromkeys(map(ord, "ˈˌ"))) == phonemes


@pytest.mark.parametrize(
    ("language", "voice"),
    [("en", "en-us"), ("EN_gb", "en-gb"), ("es-MX", "es-419"), ("es-AR", "es"), ("fr", "fr-fr"),
     ("zh-TW", "cmn"), ("zh-HK", "yue"), ("no", "nb"), ("pt-PT", "pt")],
)  # fmt: skip
def test_a_language_is_spoken_by_the_nearest_voice(
    espeak: EspeakEngine, tmp_path: Path, language: str, voice: str
) -> None:
    _speak(espeak, tmp_path, "1 2 3", language=language)
    one = (tmp_path / "speech.wav").read_bytes()
    _speak(espeak, tmp_path, "1 2 3", voice=voice)
    assert (tmp_path / "speech.wav").read_bytes() == one


def test_a_slip_in_voice_or_language_is_answered_with_what_was_meant(
    espeak: EspeakEngine, tmp_path: Path
) -> None:
    for how, field, told in [
        ({"voice": "nobody"}, "params.voice", "such as"),
        ({"voice": "en-uss"}, "params.voice", "Did you mean 'en-us'?"),
        ({"voice": "es+f33"}, "params.voice", "Did you mean 'f3'?"),
        ({"voice": "../../etc/passwd"}, "params.voice", "such as"),
        ({"language": "qq"}, "params.language", "such as"),
        ({"language": "spanish"}, "params.language", "Did you mean 'es'?"),
    ]:
        with pytest.raises(InvalidRequest, match=field) as refused:
            _speak(espeak, tmp_path, "a", **how)
        assert refused.value.details["field"] == field
        assert told in refused.value.message
        assert len(refused.value.message) < 250


def test_twice_the_speed_takes_half_the_time(espeak: EspeakEngine, tmp_path: Path) -> None:
    slow, usual, fast = (
        _speak(espeak, tmp_path, f"{_EN} {_EN}", speed=speed).seconds for speed in (0.5, 1.0, 2.0)
    )
    assert slow / usual == pytest.approx(2.0, rel=0.12)
    assert usual / fast == pytest.approx(2.0, rel=0.15)


@pytest.mark.parametrize(
    "text",
    [
        '<speak><mark name="x"/><break time="20s"/><b>hello</b></speak>',
        "[[h@l'oU]] world",
        "&lt;voice name='x'&gt; \\n %s $(id) `id` ' \" ;",
        "\u202eright to left\u202c zero\u200bwidth \ufeffmark",
        "a" * 3000,
        "é" + "\u0301" * 500,
        "!?!?!?… well",
        "กขค ४५६ 世界 " * 60,
    ],
)
def test_hostile_text_is_read_out_and_never_obeyed(
    espeak: EspeakEngine, tmp_path: Path, text: str
) -> None:
    speech = _speak(espeak, tmp_path, text, language="en")
    assert 0.15 < speech.seconds < 2000
    assert [word.text for word in speech.words]
    rate, samples = pcm_track.read_wav(speech.path)
    level = _envelope(samples, rate)
    quiet = np.flatnonzero(level > 0.02 * level.max())
    # A drift over twenty seconds would be audible.
    assert np.max(np.diff(quiet), initial=0) < 2 * rate


def test_punctuation_alone_is_spoken_as_no_word(espeak: EspeakEngine, tmp_path: Path) -> None:
    assert [_speak(espeak, tmp_path, text).words for text in ("।", "…", " ")] == [(), (), ()]


def test_tags_and_phonemes_in_brackets_are_spoken(espeak: EspeakEngine, tmp_path: Path) -> None:
    for marked, plain in [("<b>hello</b>", "hello"), ("[[h@l'oU]]", "hello")]:
        with_marks = _speak(espeak, tmp_path, marked, language="en").seconds
        assert with_marks > 1.4 * _speak(espeak, tmp_path, plain, language="en").seconds


def test_speech_is_as_loud_as_asked_and_never_clips(engine: EngineHarness) -> None:
    for text, lufs in [(_EN, -16.0), (_EN, -23.0), ("Hello there, this is it. Bye.", -14.0)]:
        made = _say(engine, text, loudness_lufs=lufs)
        reached, peak = _loudness(made.path("audio"))
        assert reached == pytest.approx(lufs, abs=0.35)
        assert peak <= -0.9


def test_a_very_short_word_is_as_loud_as_a_long_text(engine: EngineHarness, tmp_path: Path) -> None:
    rate, short = pcm_track.read_wav(_say(engine, "Hi").path("audio"))
    _, long = pcm_track.read_wav(_say(engine, _EN).path("audio"))
    loudest = [np.max(_envelope(sound, rate)) for sound in (short, long)]
    assert 20 * np.log10(loudest[0] / loudest[1]) == pytest.approx(0, abs=6)


def test_a_pause_is_as_long_as_its_mark_says(engine: EngineHarness) -> None:
    made = _say(engine, "One [pause 700ms] two.[pause 1.5s] Three")
    words = _words(made)
    assert [word["text"] for word in words] == ["One", "two.", "Three"]
    gaps = [two["start_ts"] - one["end_ts"] for one, two in pairwise(words)]
    assert gaps == pytest.approx([0.7, 1.5], abs=0.06)
    rate, samples = pcm_track.read_wav(made.path("audio"))
    times = [(word["start_ts"], word["end_ts"]) for word in words]
    assert max(map(abs, _onset_errors(times, rate, samples))) <= 0.06


@pytest.mark.parametrize("speed", [1.0, 1.5])
def test_a_blank_line_is_a_longer_pause_than_a_full_stop(
    engine: EngineHarness, speed: float
) -> None:
    made = _say(engine, "Two dogs. Papa.\n\nPapa can.\r\n \r\n\r\nPapa.", speed=speed)
    rate, samples = pcm_track.read_wav(made.path("audio"))
    words = _words(made)
    assert [word["text"] for word in words] == ["Two", "dogs.", "Papa.", "Papa", "can.", "Papa."]
    gaps = [two["start_ts"] - one["end_ts"] for one, two in pairwise(words)]
    sentence, paragraphs = gaps[1], [gaps[2], gaps[4]]
    assert [gap - sentence for gap in paragraphs] == pytest.approx([0.6, 0.6], abs=0.1)
    times = [(word["start_ts"], word["end_ts"]) for word in words]
    assert max(map(abs, _onset_errors(times, rate, samples))) <= 0.06
    jumps = np.abs(np.diff(samples))
    for word in (words[2], words[4]):
        around = round(word["end_ts"] * rate)
        inside = jumps[round(word["start_ts"] * rate) : around].max()
        assert jumps[around : around + round(0.7 * rate)].max() <= inside


def test_the_turns_of_a_dialogue_pause_at_blank_lines_too(engine: EngineHarness) -> None:
    turns = [
        {"text": "\n\nPapa.\n\nPapa.\n\n", "engine": "espeak", "voice": "en-us"},
        {"text": "Papa.", "engine": "espeak", "voice": "es"},
    ]
    words = _words(engine.make("dialogue", {"turns": turns, "pause_ms": 200}))
    gaps = [two["start_ts"] - one["end_ts"] for one, two in pairwise(words)]
    assert gaps == pytest.approx([0.95, 0.2], abs=0.1)


def test_twenty_joins_neither_click_nor_drift(engine: EngineHarness) -> None:
    made = _say(engine, " [pause 50ms] ".join(["Papa."] * 21))
    rate, samples = pcm_track.read_wav(made.path("audio"))
    words = _words(made)
    assert len(words) == 21
    steps = {round(two["start_ts"] - one["start_ts"], 3) for one, two in pairwise(words)}
    assert max(steps) - min(steps) <= 0.002
    # The last word's time is as exact as the first word's.
    times = [(word["start_ts"], word["end_ts"]) for word in words]
    errors = _onset_errors(times, rate, samples)
    assert max(errors) - min(errors) <= 0.005
    # No step at a join is larger than the steps in the sound around it.
    jumps = np.abs(np.diff(samples))
    for word in words[:-1]:
        around = round(word["end_ts"] * rate)
        inside = jumps[round(word["start_ts"] * rate) : around].max()
        assert jumps[around : around + round(0.06 * rate)].max() <= inside


def test_long_text_is_spoken_in_chunks_without_drift(engine: EngineHarness) -> None:
    text = " ".join(f"{_EN} {_ES}" for _ in range(30))
    made = _say(engine, text, language="es", speed=2.0)
    rate, samples = pcm_track.read_wav(made.path("audio"))
    words = _words(made)
    assert [word["text"] for word in words] == text.split()
    last = [(word["start_ts"], word["end_ts"]) for word in words[-30:]]
    errors = _onset_errors(last, rate, samples)
    assert len(errors) >= 3
    assert max(map(abs, errors)) <= 0.06
    fractions = made.fractions
    assert fractions == sorted(fractions)
    assert len([one for one in fractions if 0.1 < one < 0.9]) >= 5


def _pitch(made: Made) -> float:
    """Return the most frequent fundamental frequency, in hertz."""
    rate, samples = pcm_track.read_wav(made.path("audio"))
    found = []
    for start in range(0, len(samples) - 2048, 1024):
        frame = samples[start : start + 2048].astype(float)
        if np.sqrt(np.mean(frame**2)) < 0.05:
            continue
        matched = np.correlate(frame, frame, "full")[2047:]
        lowest, highest = rate // 400, rate // 60
        found.append(rate / (lowest + int(np.argmax(matched[lowest:highest]))))
    return float(np.median(found))


def test_pitch_is_shifted_by_semitones_and_the_length_stays(engine: EngineHarness) -> None:
    text = "My mama ran away, a long way away."
    plain, high = _say(engine, text), _say(engine, text, effects={"pitch": 5})
    assert _pitch(high) / _pitch(plain) == pytest.approx(2 ** (5 / 12), rel=0.05)
    assert _words(high) == _words(plain)
    lengths = [len(pcm_track.read_wav(made.path("audio"))[1]) for made in (plain, high)]
    assert lengths[0] == lengths[1]


def test_tempo_moves_the_words_exactly_and_keeps_the_pitch(engine: EngineHarness) -> None:
    plain, fast = _say(engine, _EN), _say(engine, _EN, effects={"tempo": 1.5})
    assert _pitch(fast) == pytest.approx(_pitch(plain), rel=0.05)
    for one, two in zip(_words(plain), _words(fast), strict=True):
        assert two["start_ts"] == pytest.approx(one["start_ts"] / 1.5, abs=0.0011)
    rate, samples = pcm_track.read_wav(fast.path("audio"))
    times = [(word["start_ts"], word["end_ts"]) for word in _words(fast)]
    assert max(map(abs, _onset_errors(times, rate, samples))) <= 0.06


def test_a_telephone_has_no_bass_and_no_treble(engine: EngineHarness) -> None:
    rate, samples = pcm_track.read_wav(_say(engine, _EN, effects={"telephone": True}).path("audio"))
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    band = power[(hertz > 300) & (hertz < 3400)].sum()
    assert power[hertz < 150].sum() < band / 1000
    assert power[hertz > 5000].sum() < band / 1000


def test_a_room_answers_after_the_voice_and_a_hall_longer(engine: EngineHarness) -> None:
    seconds = []
    for reverb in ("none", "room", "hall"):
        made = _say(engine, "Hello.", effects={"reverb": reverb})
        rate, samples = pcm_track.read_wav(made.path("audio"))
        level = _envelope(samples, rate)
        seconds.append(float(np.flatnonzero(level > 0.01 * level.max())[-1]) / rate)
        assert _words(made)[0]["start_ts"] < 0.05
    assert seconds[0] + 0.1 < seconds[1]
    assert seconds[1] + 0.3 < seconds[2]


@pytest.mark.parametrize("form", ["mp3", "m4a", "ogg", "flac"])
def test_speech_comes_in_the_format_asked_for(engine: EngineHarness, form: str) -> None:
    made = _say(engine, "Hello there.", audio_format=form)
    assert made.path("audio").suffix == f".{form}"
    assert _loudness(made.path("audio"))[0] == pytest.approx(-16, abs=1.0)


def test_phonemes_come_when_they_are_asked_for(engine: EngineHarness) -> None:
    (word,) = _words(_say(engine, "Hello", phonemes=True))
    assert "".join(one["symbol"] for one in word["phonemes"]) == "həlˈoʊ"
    assert word["phonemes"][-1]["end_ts"] == word["end_ts"]


@pytest.mark.parametrize(
    ("language", "cases"), [("es", test_spanish.CASES), ("en", test_english.CASES)]
)
def test_every_written_form_is_heard_as_it_is_said_and_shown_as_written(
    engine: EngineHarness, language: str, cases: dict[str, str]
) -> None:
    assert len(cases) >= 60
    written, said = ";\n".join(cases), ";\n".join(cases.values())
    quickly = {"language": language, "phonemes": True, "speed": 2.0, "loudness_lufs": None}
    words = _words(_say(engine, written, **quickly))
    spelled_out = _words(_say(engine, said, **quickly, normalize_text=False))
    assert " ".join(word["text"] for word in words) == " ".join(written.split())
    assert all(one["end_ts"] <= two["start_ts"] + 1e-3 for one, two in pairwise(words))
    assert _symbols(words) == _symbols(spelled_out)


def _symbols(words: list[dict[str, Any]]) -> str:
    return "".join(one["symbol"] for word in words for one in word["phonemes"])


def test_a_pronunciation_is_heard_and_the_word_is_shown_as_written(engine: EngineHarness) -> None:
    listed = [{"text": "nginx", "say": "engine x"}]
    words = _words(_say(engine, "Use nginx.", language="en", pronunciations=listed, phonemes=True))
    spelled_out = _words(_say(engine, "Use engine x.", language="en", phonemes=True))
    assert [word["text"] for word in words] == ["Use", "nginx."]
    assert _symbols(words) == _symbols(spelled_out)


def test_text_is_left_to_the_engine_if_that_is_asked_for(engine: EngineHarness) -> None:
    how = {"language": "es", "phonemes": True}
    plain = _words(_say(engine, "10 km/h", normalize_text=False, **how))
    assert _symbols(plain) != _symbols(_words(_say(engine, "10 km/h", **how)))


def test_a_dialogue_is_equally_loud_and_pauses_between_turns(engine: EngineHarness) -> None:
    made = engine.make(
        "dialogue",
        {
            "speakers": {
                "Ann": {"engine": "espeak", "voice": "en-us+klatt"},
                "Bob": {"engine": "espeak", "voice": "en-us+steph3"},
            },
            "turns": [
                {"speaker": "Ann", "text": _EN, "pause_after_ms": 900},
                {"speaker": "Bob", "text": _EN},
                {"speaker": "Ann", "text": "Bye."},
            ],
            "pause_ms": 400,
        },
    )
    words = _words(made)
    parts = [words[at:until] for at, until in ((0, 16), (16, 32), (32, 33))]
    assert [{word["speaker"] for word in part} for part in parts] == [{"Ann"}, {"Bob"}, {"Ann"}]
    gaps = [two[0]["start_ts"] - one[-1]["end_ts"] for one, two in pairwise(parts)]
    assert gaps == pytest.approx([0.9, 0.4], abs=0.08)
    loud = [
        _loudness(made.path("audio"), part[0]["start_ts"], part[-1]["end_ts"])[0]
        for part in parts[:2]
    ]
    assert loud == pytest.approx([-16, -16], abs=1.0)


@pytest.mark.parametrize(
    ("speakers", "voices"),
    [
        pytest.param({"Ann": {}, "Bob": {}}, ["es", "es+f3"], id="nothing"),
        pytest.param({"Ann": {}, "Bob": {"gender": "male"}}, ["es+f3", "es"], id="one-gender"),
        pytest.param(
            {"Ann": {"gender": "female"}, "Bob": {"gender": "female"}},
            ["es+f3", "es+f5"],
            id="same-gender",
        ),
        pytest.param({"Ann": {}, "Bob": {"voice": "es"}}, ["es+f3", "es"], id="one-voice"),
        pytest.param({"Ann": {"voice": "es"}, "Bob": {"voice": "es"}}, ["es"], id="same-voice"),
    ],
)
def test_speakers_without_a_voice_have_different_ones_of_their_gender(
    engine: EngineHarness, speakers: dict[str, dict[str, str]], voices: list[str]
) -> None:
    turns = [{"speaker": name, "text": "Hola."} for name in ("Ann", "Bob", "Ann")]
    how = {name: {"engine": "espeak", "language": "es", **own} for name, own in speakers.items()}
    made = engine.make("dialogue", {"speakers": how, "turns": turns})
    assert [by.voice for by in made.outputs["audio"].speech] == voices


def test_more_speakers_than_voices_share_them(engine: EngineHarness) -> None:
    names = [str(number) for number in range(7)]
    turns = [{"speaker": name, "engine": "espeak", "text": "Sí."} for name in names]
    voices = [by.voice for by in engine.make("dialogue", {"turns": turns}).outputs["audio"].speech]
    assert len(voices) == len(set(voices)) == 5


@pytest.mark.parametrize(("gender", "voice"), [("female", "fr-fr+f3"), ("male", "fr-fr")])
def test_a_gender_chooses_a_voice_of_the_language(
    engine: EngineHarness, gender: str, voice: str
) -> None:
    how = {"text": "Bonjour.", "language": "fr", "engine": "espeak", "gender": gender}
    (by,) = engine.make("tts", how).outputs["audio"].speech
    assert (by.voice, by.language) == (voice, "fr-FR")


def test_the_turn_that_cannot_be_spoken_is_named(engine: EngineHarness) -> None:
    turns = [{"engine": "espeak", "text": "a"}, {"engine": "espeak", "text": "b", "voice": "zz"}]
    with pytest.raises(InvalidRequest, match=r"params\.turns\.1\.voice: espeak has no voice 'zz'"):
        engine.make("dialogue", {"turns": turns})
    turns = [{"engine": "espeak", "text": "a"}, {"engine": "openai", "text": "b"}]
    made = engine.make("dialogue", {"turns": turns})
    assert made.error.message.startswith("params.turns.1.engine: No OpenAI-compatible")


def test_the_log_says_once_how_to_get_a_better_voice(engine: EngineHarness) -> None:
    spanish = {"text": "Hola.", "language": "es"}
    made = engine.make("dialogue", {"turns": [spanish, spanish]})
    assert made.logs.count("spoken by espeak es es") == 1
    (hint,) = [line for line in made.logs if "gala weights pull" in line]
    assert hint.startswith("espeak-ng speaks es here.")


class _Wordless(EspeakEngine):
    """espeak-ng without word times, like the engines behind HTTP."""

    name = "openai"

    async def speak(self, *args: Any, **how: Any) -> Speech:
        return replace(await super().speak(*args, **how), words=())


def test_words_of_an_engine_that_tells_none_are_found_in_its_sound(tmp_path: Path) -> None:
    harness = EngineHarness(tmp_path, renderer_cache_bytes=0)
    told = _words(_say(harness, _EN, voice="en-us"))
    exact = harness.engine.services.speech.find("espeak")
    # Registered under another name, because alignment still needs the real engine.
    wordless: SpeechEngine = _Wordless(harness.engine.ffmpeg.sandbox)
    harness.engine.services.speech = SpeechEngines([exact, wordless])
    made = harness.make(
        "tts", {"text": _EN, "engine": "openai", "voice": "en-us", "language": "en"}
    )
    found = _words(made)
    harness.close()
    assert [word["text"] for word in found] == [word["text"] for word in told]
    errors = [abs(one["start_ts"] - two["start_ts"]) for one, two in zip(told, found, strict=True)]
    assert np.median(errors) <= 0.06


def test_a_loudness_that_cannot_be_reached_is_told(engine: EngineHarness) -> None:
    made = _say(engine, _EN, loudness_lufs=-5)
    assert any("LUFS, not -5.0" in line for line in made.logs)
    assert _loudness(made.path("audio"))[1] <= -0.9


def test_kanji_that_espeak_cannot_read_are_told(engine: EngineHarness) -> None:
    said = [_say(engine, text, language="ja").logs for text in ("世界です", "せかいです")]
    assert ["kanji" in " ".join(lines) for lines in said] == [True, False]


def test_a_sample_of_a_voice_is_brought_to_mono_and_a_minute_at_most(
    tmp_path: Path, samples: Callable[[str], Path]
) -> None:
    harness = EngineHarness(tmp_path)
    context = RenderContext(
        ffmpeg=harness.engine.ffmpeg,
        services=harness.engine.services,
        scratch=tmp_path,
        part=lambda name: tmp_path / name,
        threads=1,
    )
    long = make(tmp_path / "long.mp3", "-f", "lavfi", "-i", "sine=d=70:r=44100", "-ac", "2")
    short = make(tmp_path / "short.wav", "-f", "lavfi", "-i", "sine=d=0.3")

    def sampled(path: Path) -> tuple[int, float]:
        if path.parent != tmp_path:
            path = Path(shutil.copy(path, tmp_path))  # nothing else is seen
        file = InputFile(path, "audio/wav", "inputs.sample_asset_id")
        rate, sound = pcm_track.read_wav(asyncio.run(outputs.voice_sample(context, file)))
        return rate, len(sound) / rate

    assert sampled(long) == (24_000, 60.0)
    assert sampled(samples("video"))[1] == pytest.approx(3, abs=0.1)
    with pytest.raises(InvalidRequest, match=r"inputs\.sample_asset_id: .* a second"):
        sampled(short)
    with pytest.raises(UnprocessableMedia, match="no sound"):
        sampled(samples("picture"))
    harness.close()


@pytest.mark.parametrize("voice", ["en-us", "en-us+f5"])
def test_the_same_text_gives_the_same_bytes(tmp_path: Path, voice: str) -> None:
    harness = EngineHarness(tmp_path, renderer_cache_bytes=0)
    effects = {"reverb": "room", "pitch": 2}
    one, two = (
        _say(harness, _EN, voice=voice, effects=effects).outputs["audio"].sha256 for _ in range(2)
    )
    harness.close()
    assert one == two


def test_a_cancelled_speech_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    harness = EngineHarness(tmp_path, renderer_cache_bytes=0)
    text = "This sentence is spoken again and again. " * 400
    job_id = new_id(Prefix.JOB)
    (tmp_path / attempt_folder(job_id, 1) / "in").mkdir(parents=True)
    request = RenderRequest(
        job_id=job_id, attempt=1, type="tts", params={"text": text, "engine": "espeak"},
        deadline_seconds=100,
    )  # fmt: skip

    started = started_since()

    async def cancel_midway() -> None:
        events, is_speaking = harness.engine.render(request), False
        async for event in events:
            # Between two chunks of the text no process runs.
            is_speaking = isinstance(event, Progress) and event.fraction > 0.1 and bool(started())
            if is_speaking:
                break
        assert is_speaking
        await events.aclose()

    asyncio.run(cancel_midway())
    assert started() == []
    assert [path for path in (tmp_path / "jobs").rglob("*") if path.is_file()] == []
    harness.close()


def test_ten_speeches_at_once_do_not_disturb_each_other(
    espeak: EspeakEngine, tmp_path: Path
) -> None:
    texts = [f"Number {index}. {_EN}" for index in range(10)]
    alone = [_speak(espeak, tmp_path, text).words for text in texts]

    async def speak(index: int) -> Speech:
        return await espeak.speak(
            Utterance(text=texts[index]),
            target=tmp_path / f"{index}.wav",
            scratch=tmp_path,
            report=lambda _: None,
        )

    async def together() -> list[Speech]:
        return await asyncio.gather(*map(speak, range(10)))

    assert [speech.words for speech in asyncio.run(together())] == alone
