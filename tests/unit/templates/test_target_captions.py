"""Captions of compositions are where the player of a target does not cover them."""

from __future__ import annotations

from typing import Any

import pytest

from gala.brand_kits import BrandKit
from gala.cli.rendering.targets import for_target
from gala.render_types.params.captions import CaptionParams, CaptionPlace
from gala.render_types.params.safe_margins import SafeMargins
from gala.render_types.presenter import TYPE as PRESENTER
from gala.targets import TARGETS, TargetName
from gala.templates.branding import branded
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


@pytest.mark.parametrize("name", ["presenter", "captioned_video", "caption_video"])
def test_types_with_captions_of_their_own_take_the_margins_of_a_target(name: str) -> None:
    found = for_target({}, TargetName.REEL, REEL.format, name)
    assert found["safe_margins"] == {"top": 0.14, "right": 0.06, "bottom": 0.35, "left": 0.06}
    margins = SafeMargins.model_validate(found["safe_margins"])
    assert margins.placed(CaptionParams()).height == pytest.approx(0.59)
    own = {"safe_margins": {"bottom": 0.1}}
    assert for_target(own, TargetName.REEL, REEL.format, name)["safe_margins"] == {"bottom": 0.1}


def test_margins_move_captions_without_a_place_and_leave_others() -> None:
    margins = SafeMargins(top=0.08, right=0.14, bottom=0.23, left=0.06)
    placed = margins.placed(CaptionParams(position=CaptionPlace.BOTTOM))
    assert (placed.height, placed.x, placed.width) == (pytest.approx(0.71), 0.46, 0.8)
    kept = margins.placed(CaptionParams(position=0.9, x=0.5, width=1.0))
    assert (kept.height, kept.x, kept.width) == (0.9, 0.5, 1.0)
    assert SafeMargins().placed(CaptionParams()) == CaptionParams()


def test_the_look_of_a_brand_without_a_place_leaves_the_place_to_the_film() -> None:
    kit = BrandKit.parse({"captions": {"style": "boxed"}})
    found = branded({}, Setting(format=REEL.format, brand=kit), PRESENTER)
    assert found["captions"]["style"] == "boxed"
    assert not {"position", "x", "width"} & found["captions"].keys()
