"""The compositions that docs/timeline.md shows are accepted, also by the published schema."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

from gala.media import Format
from gala.render_types.params.pronunciations import Pronunciation
from gala.render_types.timeline import TimelineJobParams
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.document.elements import ELEMENTS
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.plan import timeline_schema
from gala.timeline.reader import read_timeline

PAGE = (Path(__file__).parents[3] / "docs" / "timeline.md").read_text()
COMPOSITIONS = [
    json.loads(block)
    for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
]


def planned(number: int) -> CompiledTimeline:
    composition = read_timeline(COMPOSITIONS[number])
    return compile_timeline(composition, Format(width=720, height=720, fps=30), KnownMeasurements())


@pytest.mark.parametrize("number", range(len(COMPOSITIONS)))
def test_a_composition_of_the_page_is_compiled(number: int) -> None:
    plan = planned(number)
    assert plan.layers
    assert {warning.code for warning in plan.warnings} <= {"unknown_length", "gap", "not_rendered"}


@pytest.mark.parametrize("number", range(len(COMPOSITIONS)))
def test_what_a_job_keeps_of_a_composition_is_the_same_composition(number: int) -> None:
    params = TimelineJobParams.parse(COMPOSITIONS[number])
    kept = params.model_dump(mode="json", exclude_unset=True)
    assert TimelineJobParams.parse(json.loads(json.dumps(kept))) == params
    jsonschema_rs.validate(timeline_schema(), kept)


def test_the_voices_of_a_composition_are_checked_at_their_places() -> None:
    params = TimelineJobParams.parse(
        {
            "voice": {"voice": "a"},
            "scenes": [{"voice": {"text": "x", "voice": "b"}}, {"voice": "y"}],
        }
    )
    assert [(one.voice, one.field) for one in params.voice_choices(frozenset())] == [
        ("a", "params.voice.voice"),
        ("b", "params.scenes.0.voice.voice"),
    ]
    spoken = params.with_pronunciations([Pronunciation(text="GALA", say="galla")])
    assert [one.say for one in spoken.voice.pronunciations] == ["galla"]


@pytest.mark.parametrize("number", range(len(COMPOSITIONS)))
def test_a_composition_of_the_page_is_valid_by_the_schema(number: int) -> None:
    jsonschema_rs.validate(timeline_schema(), COMPOSITIONS[number])


def test_the_schema_refuses_what_is_refused() -> None:
    schema = jsonschema_rs.validator_for(timeline_schema())
    text = {"type": "text", "text": "Hello"}
    for wrong in ({"x": 50}, {"length": 3}, {"opacity": 2}, {"fit": "crop"}, {"start": []}):
        assert not schema.is_valid({"tracks": [{"clips": [{**text, **wrong}]}]}), wrong


def test_the_page_shows_every_element() -> None:
    shown = {layer.element.type for number in range(len(COMPOSITIONS)) for layer in
             planned(number).layers}  # fmt: skip
    assert shown | {"group"} == set(ELEMENTS)
    assert len(COMPOSITIONS) >= 7
