"""Names of voices are checked before a job runs."""

from __future__ import annotations

from typing import Any

import pytest

from gala.errors import InvalidRequest
from gala.render_types import find_type
from gala.render_types.params.language_tags import same_language, within
from gala.render_types.params.voice import SpeechEngineName, VoiceChoice
from gala.render_types.params.voice_names import EngineVoices, check_voice

HERE = {"espeak": EngineVoices(("es", "en-us"), ("f3",))}
"""The voices of a machine without Kokoro."""


def check(engine: str, voice: str, catalogue: dict[str, EngineVoices] | None = None) -> None:
    check_voice(VoiceChoice(SpeechEngineName(engine), voice), catalogue)


def refusal(engine: str, voice: str, catalogue: dict[str, EngineVoices] | None = None) -> str:
    with pytest.raises(InvalidRequest) as caught:
        check(engine, voice, catalogue)
    assert caught.value.details["field"] == "params.voice"
    return caught.value.message


@pytest.mark.parametrize(
    ("engine", "voice"),
    [
        ("kokoro", "af_heart"),
        ("kokoro", "af_heart:0.6+af_bella:0.4"),
        ("auto", "af_bella(2)+af_sky(1)"),
        ("kokoro", "af_mine"),
        ("espeak", "es+f3"),
        ("auto", "EN_us+Mr serious"),
        ("chatterbox", "default"),
        ("openai", "a voice of that server"),
    ],
)
def test_a_voice_that_an_engine_may_have_passes(engine: str, voice: str) -> None:
    check(engine, voice)


@pytest.mark.parametrize(
    ("engine", "voice", "meant"),
    [
        ("kokoro", "heart", "'af_heart'"),
        ("kokoro", "af_heart+bella", "'bella'"),
        ("espeak", "es+f33", "'f3'"),
        ("espeak", "en-uss", "'en-us'"),
        ("auto", "efdora", "'ef_dora'"),
        ("auto", "es+f33", "'f3'"),
        ("auto", "'; DROP TABLE jobs;--", "There are"),
        ("auto", "alloy", "set engine to 'openai'"),
        ("chatterbox", "mine", "default"),
        ("espeak", "af_heart", "voice of kokoro"),
        ("kokoro", "es+f3", "voice of espeak"),
        ("kokoro", "af_heart:0", "must not all be 0"),
        ("kokoro", "+".join(["af_heart"] * 9), "at most 8"),
    ],
)
def test_a_voice_that_no_engine_can_have_is_refused_with_what_was_meant(
    engine: str, voice: str, meant: str
) -> None:
    assert meant in refusal(engine, voice)


def test_with_a_catalogue_every_voice_must_be_in_it() -> None:
    check("auto", "es+f3", HERE)
    check("kokoro", "af_heart", HERE)
    assert "not available here" in refusal("auto", "af_heart", HERE)
    assert "'af_heart'" in refusal("kokoro", "af_haert", HERE)
    own = {**HERE, "kokoro": EngineVoices(("af_heart", "af_mine"))}
    check("auto", "af_mine", own)
    assert "af_mine" in refusal("kokoro", "af_bella", own)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"turns": [{"text": "a"}, {"text": "b", "voice": "nobody"}]}, "params.turns.1.voice"),
        (
            {
                "speakers": {"Ann": {"voice": "nobody"}},
                "turns": [{"text": "a", "speaker": "Ann"}],
            },
            "params.speakers.Ann.voice",
        ),
        (
            {
                "speakers": {"Ann": {"voice": "af_heart"}},
                "turns": [{"text": "a", "speaker": "Ann", "engine": "espeak"}],
            },
            "params.turns.0.engine",
        ),
    ],
)
def test_in_a_dialogue_the_field_that_chose_the_voice_is_named(
    params: dict[str, Any], field: str
) -> None:
    dialogue = find_type("dialogue")
    assert dialogue is not None
    assert dialogue.check is not None
    with pytest.raises(InvalidRequest, match=field.replace(".", r"\.")) as caught:
        dialogue.check(dialogue.params.parse(params), frozenset())
    assert caught.value.details["field"] == field


def test_a_finished_voice_needs_no_other() -> None:
    captioned = find_type("captioned_video")
    assert captioned is not None
    assert captioned.check is not None
    params = captioned.params.parse({"text": "Hello.", "voice": "nobody"})
    captioned.check(params, frozenset({"voice"}))
    with pytest.raises(InvalidRequest, match="nobody"):
        captioned.check(params, frozenset())


def test_varieties_belong_to_their_language() -> None:
    assert within("es-419", "es")
    assert within("en-GB", "en_gb")
    assert within("cmn", "zh")
    assert not within("en-US", "en-GB")
    assert not within("est", "es")
    assert same_language("en-GB", "en-US")
    assert same_language("mul", "fr")
    assert not same_language("es", "en")


@pytest.mark.parametrize(
    ("name", "params", "field"),
    [
        ("tts", {"text": "Hola.", "language": "spanish"}, "language"),
        ("captioned_video", {"text": "Hola.", "language": "Spansh"}, "language"),
        ("presenter", {"text": "Hola.", "language": "Spanish"}, "language"),
        (
            "presenter",
            {"text": "Hola.", "presenters": [{"language": "spanish"}]},
            "presenters.0.language",
        ),
        ("dialogue", {"turns": [{"text": "a", "language": "spanish"}]}, "turns.0.language"),
        (
            "dialogue",
            {
                "speakers": {"Ann": {"language": "spanish"}},
                "turns": [{"text": "a", "speaker": "Ann"}],
            },
            "speakers.Ann.language",
        ),
        (
            "timeline",
            {"scenes": [{"voice": {"text": "a", "language": "spanish"}}]},
            "scenes.0.voice.language",
        ),
    ],
)
def test_the_name_of_a_language_is_refused_with_its_tag_before_a_job_runs(
    name: str, params: dict[str, Any], field: str
) -> None:
    render_type = find_type(name)
    assert render_type is not None
    assert render_type.check is not None
    with pytest.raises(InvalidRequest, match="Did you mean 'es'") as caught:
        render_type.check(render_type.params.parse(params), frozenset())
    assert caught.value.details["field"] == f"params.{field}"


@pytest.mark.parametrize(
    "chosen",
    [
        *({"language": tag} for tag in ("es", "es-MX", "EN_gb", "zh", "cmn", "yue", "fil", "no")),
        {"language": "klingon", "engine": "openai", "voice": "alloy"},
        {"language": "xx", "engine": "chatterbox"},
    ],
)
def test_a_language_that_an_engine_may_speak_passes(chosen: dict[str, str]) -> None:
    spoken = find_type("tts")
    assert spoken is not None
    assert spoken.check is not None
    spoken.check(spoken.params.parse({"text": "a", **chosen}), frozenset())
