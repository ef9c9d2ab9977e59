"""What a brand kit adds to films without a template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gala.brand_kits import BrandKit
from gala.media import Format
from gala.render_types import all_types
from gala.templates.branding import branded, branded_files
from gala.templates.builtin import builtin_templates
from gala.templates.filling import Setting, fill
from gala.timeline.problems import InvalidTimeline

KIT = BrandKit.parse(
    {
        "logo": "logo.png",
        "music": "song.mp3",
        "colors": {"background": "#102030", "accent": "#ff0066"},
        "fonts": {"heading": "Lora", "body": "Inter"},
        "voice": {"language": "es"},
        "pronunciations": [{"text": "ACME", "say": "acme"}],
    }
)
FRAME = Format(width=100, height=200, fps=10)


def add(type_name: str, kit: BrandKit = KIT, **params: Any) -> dict[str, Any]:
    return branded(params, Setting(format=FRAME, brand=kit), all_types()[type_name])


def files(type_name: str, *given: str) -> dict[str, str]:
    return dict(branded_files(KIT, all_types()[type_name], given))


def test_a_presenter_has_the_colors_the_captions_and_the_voice_of_the_brand() -> None:
    found = add("presenter", text="Hi", presenters=[{}])
    assert found["background_color"] == "#102030"
    assert found["captions"] == {"font": "Inter", "highlight_color": "#ff0066"}
    assert found["language"] == "es"
    assert [one["text"] for one in found["pronunciations"]] == ["ACME"]
    assert files("presenter") == {"music": "song.mp3", "logo": "logo.png"}


@pytest.mark.parametrize(
    ("own", "optional"),
    [({}, True), ({"captions": True}, None), ({"captions": {"x": 0.4}}, None),
     ({"captions_optional": False}, False)],
)  # fmt: skip
def test_captions_whose_look_only_the_kit_sets_are_optional(
    own: dict[str, Any], optional: bool | None
) -> None:
    assert add("presenter", **own).get("captions_optional") is optional


def test_what_a_film_sets_itself_is_kept() -> None:
    found = add("presenter", background_color="#ffffff", captions=None)
    assert (found["background_color"], found["captions"]) == ("#ffffff", None)
    assert files("presenter", "logo", "music") == {}


def test_what_a_kit_does_not_set_changes_nothing() -> None:
    for name in all_types():
        if name not in {"timeline", "timeline_export"}:
            assert add(name, BrandKit()) == {}


@pytest.mark.parametrize("wrong", [None, 5, "ACME", {"text": "ACME"}])
def test_what_is_no_list_of_pronunciations_is_left_to_the_check_of_params(wrong: Any) -> None:
    assert add("tts", text="Hi", pronunciations=wrong)["pronunciations"] == wrong
    assert add("tts", text="Hi", pronunciations=[wrong])["pronunciations"][0] == wrong


def test_the_look_of_captions_of_a_kit_wins_over_its_fonts() -> None:
    kit = BrandKit.parse({"captions": {"style": "boxed"}, "fonts": {"body": "Inter"}})
    assert add("caption_video", kit)["captions"]["style"] == "boxed"


def test_titles_of_videos_have_the_font_and_the_colors_of_the_brand() -> None:
    kit = BrandKit.parse({"fonts": {"heading": "Lora"}, "colors": {"text": "#123456"}})
    assert add("add_text", kit, text="x") == {"text": "x", "font": "Lora", "color": "#123456"}


@pytest.mark.parametrize("name", sorted({"hello_render", "presenter", "captioned_video",
                                         "slideshow", "add_text", "caption_video"}))  # fmt: skip
def test_what_is_added_is_taken_by_the_render_type(name: str) -> None:
    render_type = all_types()[name]
    assert add(name).keys() <= render_type.params.model_fields.keys()
    assert files(name).keys() <= render_type.inputs.keys()


def test_compositions_have_the_brand_as_variables() -> None:
    scene = {"duration": 1, "background": "{{brand.colors.background}}"}
    assert add("timeline", scenes=[scene])["scenes"][0]["background"] == "#102030"
    with pytest.raises(InvalidTimeline, match="blurple"):
        add("timeline", scenes=[{**scene, "background": "{{brand.colors.blurple}}"}])


def test_captions_of_compositions_look_as_the_brand_says_where_they_set_nothing() -> None:
    kit = BrandKit.parse(
        {
            "fonts": {"body": "Inter"},
            "colors": {"accent": "#ff0066"},
            "captions": {"style": "boxed", "box_color": "#00ff00", "color": "#111111"},
        }
    )
    brand = {
        "style": "boxed", "box_color": "#00ff00", "color": "#111111",
        "font": "Inter", "highlight_color": "#ff0066",
    }  # fmt: skip
    caption = {"type": "caption", "of": "v", "style": "word"}
    found = add(
        "timeline",
        kit,
        captions={"position": "60%", "color": "#222222"},
        scenes=[
            {"voice": "One", "captions": True},
            {"voice": "Two", "captions": False},
            {"elements": [
                {"type": "voice", "text": "Three", "name": "v"},
                {"type": "group", "elements": [{"type": "shape"}]},
            ]},
        ],
        tracks=[{"clips": [caption]}],
    )  # fmt: skip
    assert found["captions"] == {**brand, "position": "60%", "color": "#222222"}
    assert [scene.get("captions") for scene in found["scenes"]] == [brand, False, None]
    assert found["tracks"][0]["clips"][0] == {**caption, **brand, "style": "word"}


def test_captions_that_are_on_have_the_font_and_the_accent_of_a_kit_without_a_look() -> None:
    found = add("timeline", captions=True, scenes=[{"voice": "One"}])
    assert found["captions"] == {"font": "Inter", "highlight_color": "#ff0066"}
    assert "captions" not in add("timeline", scenes=[{"voice": "One"}])


def test_texts_of_compositions_have_the_font_of_the_brand_if_they_name_none() -> None:
    texts = [
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b", "font": "Anton"},
        {"type": "group", "elements": [{"type": "countdown", "from": 3}]},
        {"type": "shape"},
    ]
    found = add("timeline", scenes=[{"elements": texts, "duration": 3}])["scenes"][0]["elements"]
    assert [one.get("font") for one in found] == ["Inter", "Anton", None, None]
    assert found[2]["elements"][0]["font"] == "Inter"


@pytest.mark.parametrize("own", [True, {"position": "top"}])
def test_a_part_of_a_look_of_captions_keeps_the_rest_of_the_brand(own: Any) -> None:
    found = add("presenter", text="Hi", presenters=[{}], captions=own)["captions"]
    assert (found["font"], found["highlight_color"]) == ("Inter", "#ff0066")
    assert found.get("position") == (None if own is True else "top")


@pytest.mark.parametrize("name", ["captioned-story", "podcast-audiogram", "talking-presenter"])
def test_captions_of_the_built_in_templates_have_the_look_of_the_brand(name: str) -> None:
    kit = BrandKit.parse(
        {"captions": {"style": "boxed", "box_color": "#00ff00", "highlight_color": "#0000ff"},
         "fonts": {"body": "Inter"}}
    )  # fmt: skip
    built_in = builtin_templates()[name]
    found = fill(built_in.composition, built_in.example, Setting(format=FRAME, brand=kit)).document
    looks = [look for look in looks_of(found) if look]
    assert looks
    for look in looks:
        assert (look["style"], look["box_color"]) == ("boxed", "#00ff00")
        assert (look["font"], look["highlight_color"]) == ("Inter", "#0000ff")


def looks_of(value: Any) -> Iterator[dict[str, Any]]:
    """Yield all looks of captions in a composition."""
    if isinstance(value, list):
        for one in value:
            yield from looks_of(one)
    elif isinstance(value, dict):
        if value.get("type") == "caption":
            yield value
        if isinstance(value.get("captions"), dict):
            yield value["captions"]
        for one in value.values():
            yield from looks_of(one)
