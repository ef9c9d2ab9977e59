"""Null in received JSON: as good as an absent field wherever the field has a default."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any, Self

import pytest
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic import model_validator as validates

from gala.json_model import JsonModel
from gala.render_types import all_types
from gala.render_types.dialogue import DialogueParams


class Pace(StrEnum):
    SLOW = "slow"
    FAST = "fast"


class Voice(JsonModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    pace: Pace = Pace.SLOW
    pitches: tuple[int, ...] = (1, 2)


class Order(JsonModel):
    model_config = ConfigDict(extra="allow", strict=True)

    text: str
    voice: Voice = Voice()
    voices: list[Voice] = Field(default=[])
    tags: list[str] = Field(default_factory=list, max_length=3)
    size: float = Field(default=1.5, ge=1)
    parent: Order | None = None
    hint: str | None = "usual"
    anything: Any = 5
    color: Annotated[str, AfterValidator(str.upper)] = Field(default="red", validate_default=True)

    @validates(mode="after")
    def _checked(self) -> Self:
        assert self.size >= 1
        return self


class Special(Order):
    size: float = 2.5
    label: Annotated[str, BeforeValidator(lambda value: value)] = "none"


DEFAULTS = ("voice", "voices", "tags", "size", "color")


@pytest.mark.parametrize("name", DEFAULTS)
def test_null_is_the_default_and_counts_as_not_given(name: str) -> None:
    made, usual = Order.model_validate({"text": "a", name: None}), Order(text="a")
    assert getattr(made, name) == getattr(usual, name)
    if name != "color":  # its default is validated, which makes it a given one
        assert made.model_fields_set == {"text"}


def test_null_deep_inside_is_the_default_too() -> None:
    parent = {"text": "b", "voice": {"pace": None}, "voices": [{"pitches": None}], "tags": None}
    made = Order.model_validate_json(json.dumps({"text": "a", "parent": parent, "more": None}))
    assert made.parent == Order(text="b", voices=[Voice()])
    assert made.model_extra == {"more": None}


def test_null_stays_null_where_it_is_a_value() -> None:
    made = Order.model_validate({"text": "a", "hint": None, "anything": None, "parent": None})
    assert (made.hint, made.anything, made.parent) == (None, None, None)
    assert made.model_fields_set == {"text", "hint", "anything", "parent"}
    assert [Order.has_null(name) for name in ("hint", "anything", "size", "text")] == [
        *(True, True),
        *(False, False),
    ]


def test_a_required_field_does_not_take_null() -> None:
    with pytest.raises(ValidationError, match="text"):
        Order.model_validate({"text": None})


def test_strict_json_is_read_as_before() -> None:
    made = Voice.model_validate_json('{"pace": "fast", "pitches": [3]}')
    assert made == Voice(pace=Pace.FAST, pitches=(3,))
    with pytest.raises(ValidationError) as caught:
        Order.model_validate_json('{"text": "a", "voice": {"pitches": ["x"]}, "size": 0.5}')
    assert [one["loc"] for one in caught.value.errors()] == [("voice", "pitches", 0), ("size",)]


def test_subclasses_and_rebuilt_models_take_null() -> None:
    Special.model_rebuild(force=True)
    made = Special.model_validate({"text": "a", "size": None, "label": None, "voice": None})
    assert (made.size, made.label, made.voice) == (2.5, "none", Voice())


def test_defaults_are_not_shared_between_models() -> None:
    one, other = (Order.model_validate({"text": "a", "voices": None}) for _ in range(2))
    one.voices.append(Voice())
    assert other.voices == []


def test_the_schema_tells_of_null_and_the_declared_one_does_not() -> None:
    full, declared = Voice.model_json_schema(), Voice.declared_schema()
    assert {"type": "null"} in full["properties"]["pitches"]["anyOf"]
    assert declared["properties"]["pitches"] == {
        "default": [1, 2],
        "items": {"type": "integer"},
        "title": "Pitches",
        "type": "array",
    }
    hint = Order.declared_schema()["$defs"]["Order"]["properties"]["hint"]
    assert {"type": "null"} in hint["anyOf"]


@pytest.mark.parametrize("render_type", all_types().values(), ids=all_types().keys())
def test_every_optional_param_of_every_type_takes_null(render_type: Any) -> None:
    fields = render_type.params.model_fields
    nulls = {name: None for name, info in fields.items() if not info.is_required()}
    made = render_type.params.parse({**nulls, **render_type.example})
    usual = render_type.params.parse(render_type.example)
    # For a few, null is another value than the default: no captions, sound left as loud as it is.
    itself = {name for name in nulls if fields[name].default is not None and made.has_null(name)}
    assert itself <= {"captions", "loudness_lufs"}
    assert made.model_dump(exclude=itself) == usual.model_dump(exclude=itself)


def test_a_turn_of_a_dialogue_that_says_null_has_its_speakers_voice() -> None:
    turn = {"text": "Hi.", "speaker": "Ann", "speed": None, "voice": None, "engine": None}
    speakers = {"Ann": {"voice": "bf_emma", "speed": 1.25}}
    (voice,) = DialogueParams.parse({"turns": [turn], "speakers": speakers}).voices()
    assert (voice.voice, voice.speed) == ("bf_emma", 1.25)
