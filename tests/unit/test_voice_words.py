"""Params of speech: pauses in the text, and the checks at submission."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.render_types.dialogue import TYPE as DIALOGUE
from gala.render_types.dialogue import DialogueParams
from gala.render_types.params.voice import split_pauses
from gala.render_types.tts import TYPE as TTS
from gala.render_types.tts import TtsParams


def test_pause_marks_are_pauses_and_other_brackets_are_text() -> None:
    text = "a [pause 0.5s] b [PAUSE 250 ms][x] [pause 1] [pause -1s] c"
    assert split_pauses(text) == ("a ", 0.5, " b ", 0.25, "[x] [pause 1] [pause -1s] c")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"text": ""}, "text"),
        ({"text": "[pause 1s]"}, "something to speak"),
        ({"text": "… — !"}, "something to speak"),
        ({"text": "a [pause 61s]"}, "60 seconds"),
        ({"text": "a" + "[pause 60s]" * 61}, "all pauses"),
        ({"text": "a" * 100_001}, "100000"),
        ({"text": "a\x01b"}, "pattern"),
        ({"text": "a", "speed": 2.1}, "speed"),
        ({"text": "a", "engine": "nobody"}, "engine"),
        ({"text": "a", "voice": "x\ny"}, "voice"),
        ({"text": "a", "language": "en; rm"}, "language"),
        ({"text": "a", "effects": {"pitch": 13}}, "pitch"),
        ({"text": "a", "effects": {"tempo": 0.4}}, "tempo"),
        ({"text": "a", "loudness_lufs": 0}, "loudness_lufs"),
        ({"text": "a", "speeed": 1}, "speeed"),
    ],
)
def test_wrong_params_are_refused_by_name(params: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        TtsParams.parse(params)


def test_loudness_may_be_left_alone() -> None:
    assert TtsParams.parse({"text": "a", "loudness_lufs": None}).loudness_lufs is None


def test_a_sample_is_for_chatterbox_only() -> None:
    assert TTS.check is not None
    with pytest.raises(InvalidRequest, match=r"params\.engine"):
        TTS.check(TtsParams.parse({"text": "a"}), frozenset({"sample"}))
    TTS.check(TtsParams.parse({"text": "a", "engine": "chatterbox"}), frozenset({"sample"}))


def test_a_turn_has_its_speakers_voice_but_for_what_it_says_itself() -> None:
    params = DialogueParams.parse(
        {
            "speakers": {"A": {"engine": "espeak", "voice": "es+f3", "speed": 1.2}},
            "turns": [
                {"speaker": "A", "text": "hola"},
                {"speaker": "A", "text": "¡adiós!", "speed": 0.8},
                {"text": "bye"},
            ],
        }
    )
    voices = list(params.voices())
    assert [voice.voice for voice in voices] == ["es+f3", "es+f3", None]
    assert [voice.speed for voice in voices] == [1.2, 0.8, 1.0]


def test_a_speaker_who_is_not_there_is_told() -> None:
    with pytest.raises(
        ValidationError, match=r"turns\.0\.speaker: not defined in speakers; defined are: A"
    ):
        DialogueParams.parse({"speakers": {"A": {}}, "turns": [{"speaker": "B", "text": "x"}]})


def test_a_turn_with_a_sample_needs_chatterbox_and_the_file() -> None:
    assert DIALOGUE.check is not None
    plain = DialogueParams.parse({"turns": [{"text": "x", "sample": 1}]})
    with pytest.raises(
        InvalidRequest, match=r"params\.turns\.0\.sample: only the engine chatterbox"
    ):
        DIALOGUE.check(plain, frozenset({"sample"}))
    cloning = DialogueParams.parse({"turns": [{"text": "x", "sample": 1, "engine": "chatterbox"}]})
    with pytest.raises(InvalidRequest, match="has no file with this number"):
        DIALOGUE.check(cloning, frozenset())


def test_all_turns_together_are_bounded() -> None:
    with pytest.raises(ValidationError, match="100000 characters"):
        DialogueParams.parse({"turns": [{"text": "a" * 60_000}, {"text": "b" * 60_000}]})
