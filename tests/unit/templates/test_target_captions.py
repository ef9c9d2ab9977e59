"""Captions of compositions are where the player of a target does not cover them."""

from __future__ import annotations

from typing import Any

import pytest

from gala.brand_kits import BrandKit
from gala.cli.rendering.targets import for_target
from gala.targets import TARGETS, TargetName
from gala.templates.filling import Composition, Setting, fill
from gala.templates.target_captions import with_captions_for
from gala.templates.target_fit import target_warnings
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import PlanWarning
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.reader import read_timeline

REEL, TIKTOK = TARGETS[TargetName.REEL], TARGETS[TargetName.TIKTOK]
SPOKEN: dict[str, Any] = {"captions": True, "scenes": [{"voice": "Hello there."}]}


def warnings(target: TargetName, **captions: Any) -> list[PlanWarning]:
    place = TARGETS[target]
    document = {**SPOKEN, "captions": captions or True}
    timeline = read_timeline(with_captions_for(place, document), 30)
    film = compile_timeline(timeline, place.format, KnownMeasurements({}))
    return [one for one in target_warnings(film, place) if one.code == "target_safe_area"]


@pytest.mark.parametrize("name", TargetName)
def test_captions_without_a_place_are_where_the_target_leaves_the_frame_free(
    name: TargetName,
) -> None:
    assert not warnings(name)
    assert not warnings(name, style="karaoke", position="bottom")


def test_captions_of_an_upright_target_are_above_its_controls_and_beside_its_buttons() -> None:
    assert with_captions_for(REEL, SPOKEN)["captions"] == {"position": "59%", "width": "88%"}
    found = with_captions_for(TIKTOK, {**SPOKEN, "captions": {"style": "word"}})["captions"]
    assert found == {"style": "word", "position": "71%", "x": "46%", "width": "80%"}
    youtube = with_captions_for(TARGETS[TargetName.YOUTUBE], SPOKEN)
    assert youtube == SPOKEN


def test_captions_of_scenes_and_caption_elements_are_placed_and_own_places_are_kept() -> None:
    caption = {"type": "caption", "of": "v"}
    document = {
        "captions": False,
        "scenes": [{"voice": "a", "captions": {"position": "30%", "x": "50%"}}, {"voice": "b"}],
        "tracks": [{"clips": [caption, {"type": "group", "elements": [caption]}]}],
    }
    found = with_captions_for(REEL, document)
    assert found["captions"] is False
    assert found["scenes"][0]["captions"] == {"position": "30%", "x": "50%", "width": "88%"}
    assert found["scenes"][1] == {"voice": "b"}
    first, group = found["tracks"][0]["clips"]
    assert first["position"] == group["elements"][0]["position"] == "59%"


def test_captions_that_are_placed_under_the_controls_of_a_target_are_warned_about() -> None:
    (found,) = warnings(TargetName.REEL, position="80%")
    assert found.pointer == "/scenes/0/captions"
    assert "Leave their position out, or write one between 20% and 59%." in found.message
    assert warnings(TargetName.REEL, position="10%")
    assert not warnings(TargetName.REEL, position="50%")


def test_a_text_under_the_controls_of_a_target_is_answered_with_what_is_free() -> None:
    text = {"type": "text", "text": "Hello", "position": "bottom"}
    timeline = read_timeline({"scenes": [{"elements": [text]}]}, 30)
    film = compile_timeline(timeline, REEL.format, KnownMeasurements({}))
    (found,) = target_warnings(film, REEL)
    free = "between 14% and 65% of the height, and 6% and 94% of the width."
    assert found.message.endswith(free)


def test_films_of_the_command_line_and_of_brands_have_their_captions_placed() -> None:
    made = for_target(SPOKEN, TargetName.REEL, None, "timeline")
    assert made["captions"]["position"] == "59%"
    kit = BrandKit.parse({"captions": {"style": "boxed"}})
    setting = Setting(format=REEL.format, brand=kit, target=REEL)
    look = fill(Composition(document=SPOKEN), {}, setting).document["captions"]
    assert look == {"style": "boxed", "position": "59%", "width": "88%"}
