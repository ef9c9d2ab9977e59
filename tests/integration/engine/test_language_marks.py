"""Parts of a text in another language: spoken by its voice, as loud, with their words."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np

from gala_renderer.speech import pcm_track
from tests.support.engine import EngineHarness, Made

TEXT = "Me gusta el [lang en]machine learning from 1999[/lang], y mucho."


def _words(made: Made) -> list[dict[str, Any]]:
    words: list[dict[str, Any]] = json.loads(made.path("words").read_text())
    return words


def _symbols(words: list[dict[str, Any]]) -> str:
    return "".join(one["symbol"] for word in words for one in word["phonemes"])


def _say(engine: EngineHarness, text: str, **params: Any) -> Made:
    return engine.make("tts", {"text": text, "engine": "espeak", "phonemes": True, **params})


def test_a_marked_part_is_spoken_in_its_language_and_shown_without_marks(
    engine: EngineHarness,
) -> None:
    words = _words(_say(engine, TEXT, voice="es+f3"))
    shown = "Me gusta el machine learning from 1999, y mucho."
    assert " ".join(word["text"] for word in words) == shown
    english = _words(_say(engine, "machine learning from 1999,", voice="en-us+f3"))
    assert _symbols(words[3:7]) == _symbols(english)
    assert all(one["end_ts"] <= two["start_ts"] + 1e-3 for one, two in pairwise(words))
    assert all(0 <= two["start_ts"] - one["end_ts"] < 0.35 for one, two in pairwise(words))


def test_a_marked_part_is_as_loud_and_joined_without_a_click(engine: EngineHarness) -> None:
    made = _say(engine, TEXT, voice="es+f3", loudness_lufs=None)
    words = _words(made)
    rate, samples = pcm_track.read_wav(made.path("audio"))

    def level(first: int, last: int) -> float:
        part = samples[round(words[first]["start_ts"] * rate) : round(words[last]["end_ts"] * rate)]
        return float(10 * np.log10(np.mean(part.astype(float) ** 2)))

    assert abs(level(0, 2) - level(3, 6)) < 2.5
    for one, two in ((2, 3), (6, 7)):
        middle = (words[one]["end_ts"] + words[two]["start_ts"]) / 2
        joint = samples[round((middle - 0.01) * rate) : round((middle + 0.01) * rate)]
        assert np.max(np.abs(np.diff(joint))) < 0.05


def test_a_language_that_no_engine_speaks_is_refused_with_its_field(engine: EngineHarness) -> None:
    turns = [{"text": "Hello"}, {"text": "a [lang za]b[/lang]"}]
    made = engine.make("dialogue", {"turns": [{**turn, "engine": "espeak"} for turn in turns]})
    assert made.error.message.startswith(
        "params.turns.1.text: No speech engine here speaks [lang za]"
    )


def test_captions_of_a_text_show_no_marks(engine: EngineHarness) -> None:
    params = {"text": "Hola [lang en]world[/lang].", "end": 2.0}
    made = engine.make("captions", params)
    assert "Hola world." in made.path("srt").read_text(encoding="utf-8")
