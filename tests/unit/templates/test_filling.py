"""Filling templates: params, named elements, brands and targets; and whose mistake it is."""

from __future__ import annotations

from typing import Any

import pytest

from gala.brand_kits import BrandKit
from gala.errors import InvalidRequest
from gala.media import Format
from gala.targets import TARGETS, Target, TargetName
from gala.templates.builtin import builtin_templates
from gala.templates.filling import (
    Composition,
    InvalidComposition,
    InvalidParams,
    Setting,
    check_composition,
    fill,
)

MODEL = "mdl_01JD3Z4V8QJ6X2M0T5B7C9D1EF"
UPRIGHT = Setting(format=Format(width=1080, height=1920, fps=30))
PRICES = Composition(
    document={
        "background": "{{brand.colors.background}}",
        "scenes": [
            {
                "iterate": "products",
                "duration": 3,
                "elements": [
                    {"type": "shape", "name": "Panel {{number}}", "color": "{{color}}"},
                    {"type": "text", "name": "Price {{number}}", "text": "{{item.price}} €"},
                    {"type": "image", "name": "Photo {{number}}", "src": "{{item.photo}}",
                     "condition": "item.photo"},
                ],
            }
        ],
    },
    params_schema={
        "color": {"type": "color", "default": "gold"},
        "products": {
            "type": "array",
            "min": 1,
            "items": {
                "type": "object",
                "required": ["price"],
                "properties": {"price": {"type": "number"}, "photo": {"type": "string"}},
            },
        },
    },
)  # fmt: skip
TWO = [{"price": 1}, {"price": 2.5, "photo": "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"}]


def elements(params: dict[str, Any], setting: Setting = UPRIGHT) -> list[list[dict[str, Any]]]:
    document = fill(PRICES, params, setting).document
    return [scene["elements"] for scene in document["scenes"]]


def test_a_template_becomes_a_composition() -> None:
    first, second = elements({"products": TWO})
    assert [one["type"] for one in first] == ["shape", "text"]
    assert second[1]["text"] == "2.5 €"
    assert second[2]["src"] == TWO[1]["photo"]


def test_named_elements_are_overridden_by_a_value_or_by_fields() -> None:
    params = {
        "products": TWO,
        "Price 1": "Free",
        "Panel 2": "navy",
        "Price 2": {"color": "red", "bold": True},
        "Photo 2": "ast_01JD3Z4V8QJ6X2M0T5B7C9D1EG",
        "background": "white",
    }
    first, second = elements(params)
    assert first[1]["text"] == "Free"
    assert second[0]["color"] == "navy"
    assert second[1] | {"color": "red", "bold": True} == second[1]
    assert second[2]["src"].endswith("EG")
    assert fill(PRICES, params, UPRIGHT).document["background"] == "white"


def test_null_is_as_good_as_absent_for_a_variable_that_cannot_be_null() -> None:
    assert elements({"products": TWO, "color": None})[0][0]["color"] == "gold"


@pytest.mark.parametrize(
    ("params", "field", "message"),
    [
        ({}, "products", "This param is required."),
        ({"products": []}, "products", "At least 1 are required."),
        ({"products": [{}]}, "products.0.price", "This param is required."),
        ({"products": [{"price": "3"}]}, "products.0.price", "Write a number without quotes."),
        ({"products": [{"prize": 3}]}, "products.0.prize", "Write 'price'."),
        ({"products": [{"price": 3, "size": 1}]}, "products.0.size", "There are: price, photo."),
        ({"products": TWO, "colour": "red"}, "colour", "Did you mean 'color'?"),
        ({"products": TWO, "Price 3": "x"}, "Price 3", "no variable and no element 'Price 3'"),
        ({"products": TWO, "color": "blurple"}, "color", "'blurple' is not a color."),
        ({"products": TWO, "Price 1": {"size": 3}}, "Price 1.size", "has no field 'size'"),
        ({"products": TWO, "Price 1": ""}, "Price 1", ""),
        ({"products": TWO, "quality": "best"}, "quality", "There are: draft, preview, production"),
    ],
)
def test_a_wrong_param_is_named_with_the_rule_and_the_remedy(
    params: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(InvalidParams) as raised:
        fill(PRICES, params, UPRIGHT)
    assert raised.value.details["field"] == f"params.{field}"
    assert raised.value.details["pointer"] == "/" + field.replace(".", "/")
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("document", "schema", "field"),
    [
        ({"scenes": [{"elements": [{"type": "text", "text": "{{tilte}}"}]}]},
         {"title": {}}, "composition.scenes.0.elements.0.text"),
        ({"scenes": [{"elements": [{"type": "text", "txt": "{{title}}"}]}]},
         {"title": {}}, "composition.scenes.0.elements.0.txt"),
        ({"scenes": [{"elements": [{"type": "image"}]}]},
         {}, "composition.scenes.0.elements.0.src"),
        ({"scenes": [{"iterate": "title", "duration": 1}]},
         {"title": {}}, "composition.scenes.0.iterate"),
        ({"scenes": [{"duration": 1}]}, {"brand": {}}, "params_schema.brand"),
    ],
)  # fmt: skip
def test_a_mistake_of_the_template_is_found_before_any_job(
    document: dict[str, Any], schema: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as raised:
        check_composition(Composition(document=document, params_schema=schema))
    assert raised.value.details["field"] == field


@pytest.mark.parametrize(
    ("defaults", "field"), [({"title": 5}, "defaults.title"), ({"Titel": "x"}, "defaults.Titel")]
)
def test_defaults_are_checked_as_params_are(defaults: dict[str, Any], field: str) -> None:
    element = {"type": "text", "name": "Title", "text": "{{title}}"}
    template = Composition(
        document={"scenes": [{"elements": [element]}]},
        params_schema={"title": {"type": "string"}},
        defaults=defaults,
    )
    with pytest.raises(InvalidRequest) as raised:
        check_composition(template)
    assert raised.value.details["field"] == field


def test_a_mistake_that_only_a_format_shows_is_found_too() -> None:
    text = {"type": "text", "text": "x", "font_size": "{{'5%' if frame.portrait else 5}}"}
    with pytest.raises(InvalidComposition) as raised:
        check_composition(Composition(document={"scenes": [{"elements": [text]}]}))
    assert raised.value.details["field"] == "composition.scenes.0.elements.0.font_size"


def test_what_comes_first_has_no_transition() -> None:
    scene = {"iterate": "range(3)", "duration": 1, "transition": "fade"}
    document = fill(Composition(document={"scenes": [scene]}), {}, UPRIGHT).document
    assert ["transition" in one for one in document["scenes"]] == [False, True, True]


def test_a_brand_kit_gives_colors_voice_and_captions() -> None:
    kit = BrandKit.parse(
        {
            "colors": {"background": "#102030"},
            "voice": {"language": "es"},
            "captions": {"style": "boxed"},
            "pronunciations": [{"text": "ACME", "say": "acme"}],
        }
    )
    template = Composition(
        document={
            "background": "{{brand.colors.background}}",
            "captions": True,
            "scenes": [{"voice": "ACME"}],
        }
    )
    found = fill(template, {}, Setting(format=UPRIGHT.format, brand=kit)).document
    assert found["background"] == "#102030"
    assert found["voice"]["language"] == "es"
    assert found["voice"]["pronunciations"][0]["text"] == "ACME"
    assert found["captions"] == {"style": "boxed"}
    assert "voice" not in fill(template, {}, UPRIGHT).document


def test_a_target_moves_texts_out_of_the_way_of_its_controls() -> None:
    tiktok = TARGETS[TargetName.TIKTOK]
    template = Composition(
        document={"scenes": [{"elements": [
            {"type": "text", "text": "x", "y": "{{100 - frame.safe.bottom}}%"}]}]}
    )  # fmt: skip
    found = fill(template, {}, Setting(format=tiktok.format, target=tiktok)).document
    assert found["scenes"][0]["elements"][0]["y"] == "77%"
    assert found["loudness_lufs"] == -14


@pytest.mark.parametrize(
    ("seconds", "message"),
    [(60, None), (600.5, "lasts 10 min 0.5 s; TikTok takes at most 10 min."), (2, "at least 3 s.")],
)
def test_a_target_says_how_long_a_film_may_be(seconds: float, message: str | None) -> None:
    problem = TARGETS[TargetName.TIKTOK].length_problem(seconds)
    assert (problem is None) if message is None else (problem and message in problem)


@pytest.mark.parametrize("name", builtin_templates())
def test_the_built_in_templates_are_valid_with_and_without_their_example(name: str) -> None:
    built_in = builtin_templates()[name]
    check_composition(built_in.composition)
    for target in TARGETS.values():
        setting = Setting(format=target.format, target=target)
        assert fill(built_in.composition, built_in.example, setting).document


@pytest.mark.parametrize("target", ["reel", "youtube", "square"])
@pytest.mark.parametrize("name", builtin_templates())
def test_the_built_in_templates_show_the_logo(name: str, target: str) -> None:
    built_in = builtin_templates()[name]
    setting = Setting(format=TARGETS[TargetName(target)].format)
    params = {**built_in.example, "logo": "https://example.com/mark.png"}
    document = fill(built_in.composition, params, setting).document
    shown = [one for scene in document["scenes"] for one in scene["elements"]]
    assert "https://example.com/mark.png" in [one.get("src") for one in shown]


def test_captions_of_the_whole_film_are_those_of_its_scenes() -> None:
    audiogram = builtin_templates()["podcast-audiogram"]
    params = {**audiogram.example, "captions": {"style": "karaoke"}}
    (scene,) = fill(audiogram.composition, params, UPRIGHT).document["scenes"]
    assert scene["captions"]["style"] == "karaoke"
    assert scene["captions"]["max_chars"] == 22
    params["captions"] = False
    (scene,) = fill(audiogram.composition, params, UPRIGHT).document["scenes"]
    assert scene["captions"] is False
    presenter = builtin_templates()["talking-presenter"]
    params = {**presenter.example, "captions": {"style": "karaoke"}}
    (scene,) = fill(presenter.composition, params, UPRIGHT).document["scenes"]
    assert "karaoke" in [one.get("style") for one in scene["elements"]]
    params["captions"] = False
    (scene,) = fill(presenter.composition, params, UPRIGHT).document["scenes"]
    assert "caption" not in [one["type"] for one in scene["elements"]]


def test_elements_after_captions_that_are_taken_out_keep_their_params() -> None:
    listed = [
        {"type": "voice", "name": "Words", "text": "Hello"},
        {"type": "caption", "of": "Words"},
        {"type": "text", "name": "Title", "text": "a"},
        {"type": "text", "name": "Date", "text": "b"},
    ]
    film = Composition(document={"scenes": [{"elements": listed}]})
    params = {"captions": False, "Title": "x", "Date": "y"}
    (scene,) = fill(film, params, UPRIGHT).document["scenes"]
    assert [one["text"] for one in scene["elements"]] == ["Hello", "x", "y"]


@pytest.mark.parametrize("is_first", [True, False])
def test_an_element_is_not_changed_in_a_group_that_another_param_replaces(
    *, is_first: bool
) -> None:
    title = {"type": "text", "name": "Title", "text": "a"}
    group = {"type": "group", "name": "Card", "elements": [title]}
    film = Composition(document={"scenes": [{"duration": 3, "elements": [group]}]})
    params = [("Title", "x"), ("Card", {"elements": [{"type": "text", "text": "b"}]})]
    with pytest.raises(InvalidParams, match="in a part of the film that another param replaces"):
        fill(film, dict(params if is_first else params[::-1]), UPRIGHT)


@pytest.mark.parametrize(
    "items",
    [
        {"type": "string"},
        {"type": "array", "minItems": 1e300, "items": {"type": "array", "minItems": 1_000_000}},
    ],
)
def test_samples_of_long_lists_are_short(items: dict[str, Any]) -> None:
    names = {"type": "array", "minItems": 3_000_000_000, "items": items}
    film = Composition(
        document={"scenes": [{"elements": [{"type": "text", "text": "{{len(names)}}"}]}]},
        params_schema={"type": "object", "properties": {"names": names}},
    )
    check_composition(film)


@pytest.mark.parametrize(
    ("params", "body"),
    [
        ({}, ("character", {"name": "maya"})),
        ({"character": "leo"}, ("character", {"name": "leo"})),
        ({"photo": "me.jpg", "character": "leo"}, ("src", "me.jpg")),
        ({"photo": "me.jpg", "model": MODEL}, ("model", MODEL)),
    ],
)
def test_the_presenter_is_a_model_else_a_photo_else_a_character(
    params: dict[str, Any], body: tuple[str, Any]
) -> None:
    built_in = builtin_templates()["talking-presenter"]
    filled = fill(built_in.composition, {**built_in.example, **params}, UPRIGHT)
    [shown] = [
        one for one in filled.document["scenes"][0]["elements"] if one["type"] == "presenter"
    ]
    found = {name: shown[name] for name in ("model", "src", "character") if name in shown}
    assert found == dict([body])


@pytest.mark.parametrize("target", list(TARGETS.values()), ids=list(TARGETS))
@pytest.mark.parametrize("body", [{}, {"photo": "me.jpg"}], ids=["character", "photo"])
def test_the_captions_of_the_presenter_are_not_over_the_face(
    target: Target, body: dict[str, str]
) -> None:
    built_in = builtin_templates()["talking-presenter"]
    setting = Setting(format=target.format, target=target)
    document = fill(built_in.composition, {**built_in.example, **body}, setting).document
    elements = document["scenes"][0]["elements"]
    height, caption = (
        float(next(one[name] for one in elements if one["type"] == kind).rstrip("%"))
        for kind, name in (("presenter", "height"), ("caption", "position"))
    )
    # Characters fill their box, whose lower edge is that of the frame; photos leave room above.
    top = 100 - height * (0.75 if body else 1.0)
    assert caption <= top or caption >= 100 - 0.3 * height


def test_a_mistake_after_a_caption_that_was_taken_out_is_at_its_param() -> None:
    card = Composition(
        document={"scenes": [{"elements": [
            {"type": "voice", "name": "Voice", "text": "Hello"},
            {"type": "caption", "of": "Voice"},
            {"type": "text", "text": "{{title}}", "color": "{{color}}"},
        ]}]},
        params_schema={"title": {"type": "string"}, "color": {"type": "string"}},
    )  # fmt: skip
    with pytest.raises(InvalidParams, match="/color: 'blurple' is not a color"):
        fill(card, {"title": "x", "color": "blurple", "captions": False}, UPRIGHT)


def test_numbers_of_the_data_story_have_the_separators_of_the_brand_or_of_the_param() -> None:
    story = builtin_templates()["data-story"]
    setting = Setting(format=UPRIGHT.format, brand=BrandKit.parse({"voice": {"language": "es"}}))
    for params, expected in (({}, "es"), ({"language": "de"}, "de")):
        (scene,) = fill(story.composition, {**story.example, **params}, setting).document["scenes"]
        (chart,) = (one for one in scene["elements"] if one["type"] == "chart")
        assert chart["language"] == expected


def test_the_data_story_shows_losses() -> None:
    story = builtin_templates()["data-story"]
    params = {**story.example, "values": [{"label": "a", "value": 2}, {"label": "b", "value": -5}]}
    (scene,) = fill(story.composition, params, UPRIGHT).document["scenes"]
    (chart,) = (one for one in scene["elements"] if one["type"] == "chart")
    assert [one["value"] for one in chart["values"]] == [2, -5]


def test_the_words_of_a_podcast_may_be_given() -> None:
    audiogram = builtin_templates()["podcast-audiogram"]
    params = {**audiogram.example, "text": "Welcome."}
    (scene,) = fill(audiogram.composition, params, UPRIGHT).document["scenes"]
    assert scene["voice"]["text"] == "Welcome."


@pytest.mark.parametrize("name", builtin_templates())
def test_the_built_in_templates_have_the_intro_outro_and_music_of_the_brand(name: str) -> None:
    files = {one: f"ast_01JD3Z4V8QJ6X2M0T5B7C9D1E{one[0].upper()}" for one in ("intro", "music")}
    kit = BrandKit.parse({**files, "outro": "https://example.com/outro.mp4"})
    built_in = builtin_templates()[name]
    setting = Setting(format=UPRIGHT.format, brand=kit)
    document = fill(built_in.composition, built_in.example, setting).document
    first, *_, last = document["scenes"]
    assert first["elements"] == [{"type": "video", "src": files["intro"]}]
    assert last["elements"] == [{"type": "video", "src": "https://example.com/outro.mp4"}]
    assert document["tracks"][-1]["clips"][0]["src"] == files["music"]
