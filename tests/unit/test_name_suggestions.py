"""A slip in a name is answered with the name that was meant, never with all names there are."""

from __future__ import annotations

import typing
from typing import Annotated

import pytest
from pydantic import BaseModel, Field, ValidationError

from gala.errors import InvalidRequest
from gala.factory import ImageWorkflow, MediaFactoryRegistry, VideoWorkflow, VoiceWorkflow
from gala.media_server.render_orders import speech_order
from gala.media_server.voice_config import parse_voice_config
from gala.name_suggestions import language_suggestion, suggestion
from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.colors import parse_color
from gala.render_types.params.kokoro_voices import VOICES, default_voice
from gala.render_types.params.spoken_languages import check_language
from gala.render_types.params.transcription import WHISPER_LANGUAGES, whisper_language
from gala.render_types.params.voice import VoiceParams
from gala.timeline.problems import InvalidTimeline
from gala.timeline.reader import read_timeline
from gala.validation import invalid_request


@pytest.mark.parametrize(
    ("word", "meant"),
    [("af_hart", "af_heart"), ("AF_HEART", "af_heart"), (" bm_jorge", "bm_george")],
)
def test_a_misspelt_voice_is_answered_with_the_nearest(word: str, meant: str) -> None:
    assert suggestion(word, VOICES) == f"Did you mean {meant!r}?"


@pytest.mark.parametrize("word", ["", "zzzz", "x" * 100_000, "\x00"])
def test_a_name_that_is_near_to_none_is_answered_in_short(word: str) -> None:
    told = suggestion(word, VOICES, listing="`gala voices` lists all")
    assert told.startswith("There are 54, such as af_heart, ")
    assert told.endswith("; `gala voices` lists all.")
    assert len(told) < 200
    assert suggestion(word, ["a1", "b1"]) == "There are: a1, b1."
    assert suggestion(word, []) == "There are: none."


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *(("spanish", "es"), ("Spansh", "es"), ("español", "es"), ("deutsch", "de")),
        *(("Brazilian", "pt"), ("mandarin", "zh"), ("日本語", "ja"), ("english", "en")),
    ],
)
def test_the_name_of_a_language_is_answered_with_its_tag(word: str, meant: str) -> None:
    assert language_suggestion(word, sorted(WHISPER_LANGUAGES)) == f"Did you mean {meant!r}?"
    with pytest.raises(ValueError, match=f"Did you mean '{meant}'"):
        whisper_language(word)


class _Choices(BaseModel):
    captions: CaptionParams | None = None
    voice: VoiceParams | None = None
    size: Annotated[typing.Literal["small", "large"], Field()] = "small"


@pytest.mark.parametrize(
    ("body", "field", "meant"),
    [
        ({"captions": {"style": "karoake"}}, "captions.style", "karaoke"),
        ({"voice": {"engine": "Kokorro"}}, "voice.engine", "kokoro"),
        ({"voice": {"effects": {"reverb": "rom"}}}, "voice.effects.reverb", "room"),
        ({"voice": {"language": "Español (México)"}}, "voice.language", "es"),
        ({"voice": {"language": "日本語"}}, "voice.language", "ja"),
        ({"size": "lagre"}, "size", "large"),
    ],
)
def test_a_misspelt_choice_is_answered_with_the_nearest(
    body: dict[str, object], field: str, meant: str
) -> None:
    with pytest.raises(ValidationError) as invalid:
        _Choices.model_validate(body)
    error = invalid_request(invalid.value)
    assert error.details["field"] == field
    assert error.message.lower().endswith(f" did you mean {meant!r}?")


@pytest.mark.parametrize("value", ["zzzz", 7, None, ["large"]])
def test_a_choice_that_is_near_to_none_is_not_guessed(value: object) -> None:
    with pytest.raises(ValidationError) as invalid:
        _Choices.model_validate({"size": value})
    assert "did you mean" not in invalid_request(invalid.value).message


def test_the_library_knows_the_language_of_a_voice_config() -> None:
    spanish = speech_order("Hola.", parse_voice_config({"engine": "kokoro", "language": "es"}))
    assert spanish.params["language"] == "es"
    assert "voice" not in spanish.params
    both = {"engine": "espeak", "language": "es", "voice": "es-419"}
    assert speech_order("Hola.", parse_voice_config(both)).params["voice"] == "es-419"
    assert (default_voice("es-MX"), default_voice("en-GB")) == ("ef_dora", "bf_emma")
    assert default_voice("de") is None


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"language": "spanish"}, "kokoro does not speak 'spanish'. Did you mean 'es'?"),
        ({"language": "de"}, "kokoro does not speak 'de'. There are: en, es"),
        ({"language": "es", "engine": "chatterbox"}, "chatterbox does not speak 'es'"),
        ({"language": "not a tag"}, "must be a language tag such as es or en-GB."),
        ({"engine": "espek"}, "did you mean 'espeak'?"),
    ],
)
def test_a_slip_in_a_voice_config_names_the_field(config: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_voice_config(config)
    assert message in refused.value.message
    assert refused.value.message.startswith("voice_config.")


def test_the_type_of_a_workflow_follows_its_media_type() -> None:
    returned = [
        typing.get_type_hints(one, localns=_WORKFLOWS)["return"]
        for one in typing.get_overloads(MediaFactoryRegistry.get_workflow)
    ]
    assert returned[:3] == [ImageWorkflow, VideoWorkflow, VoiceWorkflow]


_WORKFLOWS = {
    "ImageWorkflow": ImageWorkflow,
    "VideoWorkflow": VideoWorkflow,
    "VoiceWorkflow": VoiceWorkflow,
}


@pytest.mark.parametrize(
    ("country", "meant"),
    [("jp", "ja"), ("JP", "ja"), ("cn", "zh"), ("ua", "uk"), ("gr", "el"), ("us", "en")],
)
def test_the_code_of_a_country_is_answered_with_the_language_that_is_meant(
    country: str, meant: str
) -> None:
    with pytest.raises(ValueError, match=f"Did you mean '{meant}'"):
        whisper_language(country)
    with pytest.raises(InvalidRequest, match=f"Did you mean '{meant}'"):
        check_language(VoiceParams(language=country))


@pytest.mark.parametrize(
    ("word", "meant"),
    [("yelow", "yellow"), ("light blue", "lightblue"), ("Blak", "black"), ("grren", "green")],
)
def test_a_misspelt_color_is_answered_with_the_nearest(word: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean '{meant}'\\?"):
        parse_color(word)
    with pytest.raises(InvalidTimeline, match=f'is not a color. Write "{meant}"'):
        read_timeline({"background": word, "scenes": [{"duration": 1, "elements": []}]})


@pytest.mark.parametrize("word", ["rojo", "none", "#ggg", "fffff", "rgb(1,2,3)", "transparent"])
def test_what_is_like_no_color_is_answered_with_the_forms_of_colors(word: str) -> None:
    with pytest.raises(ValueError, match=r"such as white$"):
        parse_color(word)
