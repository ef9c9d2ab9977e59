"""Edits of Shotstack become compositions that look the same, as far as GALA can."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from gala.errors import InvalidRequest
from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.document.elements import TextElement
from gala.timeline.exchange.documents import import_document
from gala.timeline.exchange.imported import Imported
from gala.timeline.exchange.shotstack import read_shotstack
from gala.timeline.measurements import KnownMeasurements, Media, Size
from gala.timeline.reader import read_timeline

HD = {"format": "mp4", "resolution": "hd"}
PHOTO = {"type": "image", "src": "https://example.com/a.jpg"}
VIDEO = {"type": "video", "src": "https://example.com/a.mp4"}


def read(*tracks: list[dict[str, Any]], output: Any = HD, **timeline: Any) -> Imported:
    written = [{"clips": clips} for clips in tracks]
    edit = {"timeline": {"tracks": written, **timeline}, "output": output}
    return read_shotstack(json.dumps(edit))


def clip(asset: dict[str, Any], start: Any = 0, length: Any = 2, **more: Any) -> dict[str, Any]:
    return {"asset": asset, "start": start, "length": length, **more}


def only(**more: Any) -> dict[str, Any]:
    """The element of a picture with these fields of its clip."""
    found: dict[str, Any] = read([clip(PHOTO, **more)]).composition["tracks"][0]["clips"][0]
    return found


def compiled(found: Imported) -> CompiledTimeline:
    known = {"https://example.com/a.jpg": Media(None, Size(1600, 900)),
             "https://example.com/a.mp4": Media(Fraction(10), Size(1280, 720))}  # fmt: skip
    assert found.format is not None
    timeline = read_timeline(found.composition)
    return compile_timeline(timeline, found.format, KnownMeasurements(known))


def test_the_first_track_is_on_top() -> None:
    title = {"type": "text", "text": "Top"}
    found = read([clip(title)], [clip(PHOTO)]).composition
    assert [track["clips"][0]["type"] for track in found["tracks"]] == ["image", "text"]


def test_what_shotstack_calls_cover_is_stretched_and_its_crop_covers() -> None:
    assert "fit" not in only(fit="crop")
    assert only(fit="cover")["fit"] == "fill"
    assert only(fit="contain")["fit"] == "contain"


def test_a_scaled_clip_is_at_its_corner_and_an_offset_moves_it() -> None:
    corner = read([clip(VIDEO, scale=0.25, position="bottomRight")])
    box = compiled(corner).layers[0].placement
    assert box is not None
    assert box.box == pytest.approx((960, 540, 320, 180))
    up = read([clip(VIDEO, scale=0.25, position="bottomRight", offset={"x": -0.1, "y": 0.1})])
    moved = compiled(up).layers[0].placement
    assert moved is not None
    assert moved.box == pytest.approx((832, 468, 320, 180))


@pytest.mark.parametrize("vertical", ["top", "bottom", "middle"])
def test_a_text_is_at_the_top_or_bottom_of_its_box(vertical: str) -> None:
    about = {"type": "rich-text", "text": "Hello", "font": {"family": "Montserrat ExtraBold",
             "size": 36, "color": "#ff0000"}, "align": {"vertical": vertical}}  # fmt: skip
    film = compiled(read([clip(about, width=400, height=200, position="top")]))
    (layer,) = film.layers
    assert layer.placement is not None
    assert layer.placement.box == pytest.approx((440, 0, 400, 200))
    assert isinstance(layer.element, TextElement)
    assert layer.element.vertical_align == vertical.replace("middle", "center")


def test_easings_that_gala_has_no_name_for_are_curves() -> None:
    change = {"from": 0, "to": 1, "start": 0, "length": 2, "easing": "easeInOutQuart"}
    found = read([clip(PHOTO, opacity=[change])])
    frames = found.composition["tracks"][0]["clips"][0]["keyframes"]
    assert frames[0]["easing"] == "cubic-bezier(0.76, 0, 0.24, 1)"
    compiled(found)


def test_a_font_is_one_that_gala_has_or_is_listed() -> None:
    about = {"type": "text", "text": "x", "font": {"family": "Montserrat ExtraBold", "size": "30"}}
    found = read([clip(about)])
    text = found.composition["tracks"][0]["clips"][0]
    assert (text["font"], text["bold"], text["font_size"]) == ("Montserrat", True, "4.166667%")
    other = read([clip({**about, "font": {"family": "Brightwall"}})])
    assert "font" not in other.composition["tracks"][0]["clips"][0]
    assert [loss.pointer for loss in other.losses] == [
        "/timeline/tracks/0/clips/0/asset/font/family"
    ]


def test_the_box_behind_a_text_has_the_size_of_the_clip() -> None:
    about = {"type": "text", "text": "BUY", "width": 320, "height": 80,
             "background": {"color": "#ac590c", "borderRadius": 40}}  # fmt: skip
    box, text = compiled(read([clip(about, position="center")])).layers
    assert (box.element.type, text.element.type) == ("shape", "text")
    assert box.placement is not None
    assert box.placement.box == pytest.approx((480, 320, 320, 80))
    assert getattr(box.element, "radius", None) == 0.5


@pytest.mark.parametrize("position", ["center", "topLeft", "right", "bottom"])
def test_the_padding_of_a_box_keeps_the_text_away_from_its_edges(position: str) -> None:
    about = {"type": "text", "text": "BUY", "width": 320, "height": 80,
             "background": {"color": "#ac590c", "padding": 10}}  # fmt: skip
    box, text = compiled(read([clip(about, position=position)])).layers
    assert box.placement is not None
    assert text.placement is not None
    inner, outer = text.placement.box, box.placement.box
    assert inner == pytest.approx((outer.left + 10, outer.top + 10, 300, 60))


def test_a_text_without_a_size_has_the_padding_and_the_corners_of_its_box() -> None:
    box = {"color": "#ac590c", "padding": 36, "borderRadius": 18}
    about = {"type": "text", "text": "BUY", "background": box}
    text = read([clip(about)]).composition["tracks"][0]["clips"][0]
    assert (text["box_padding"], text["box_radius"]) == ("5%", "2.5%")
    rich = {"type": "rich-text", "text": "BUY", "background": {"color": "#000"}, "padding": 72}
    text = read([clip(rich)]).composition["tracks"][0]["clips"][0]
    assert text["box_padding"] == "10%"


def test_times_follow_each_other_as_in_shotstack() -> None:
    found = read(
        [clip(VIDEO, 1, 3, alias="first"), clip(PHOTO, "auto", 2), clip(PHOTO, "auto", "end")],
        [clip(VIDEO, "alias://first", "alias://first")],
        [clip(PHOTO, 0, 12)],
    )
    times = [
        (float(layer.start), float(layer.end))
        for layer in compiled(found).layers
        if layer.number in {1, 2, 3, 4}
    ]
    assert times == [(1, 4), (1, 4), (4, 6), (6, 12)]


def test_clips_that_overlap_on_a_track_are_put_on_two() -> None:
    found = read([clip(PHOTO, 0, 3), clip(PHOTO, 2, 3), clip(PHOTO, 3, 1)])
    assert [len(track["clips"]) for track in found.composition["tracks"]] == [2, 1]
    assert len(compiled(found).layers) == 3


def test_fades_slides_and_camera_motion_are_carried_over() -> None:
    found = only(transition={"in": "fade", "out": "fadeFast"}, effect="zoomInSlow")
    assert (found["fade_in"], found["fade_out"]) == (1.0, 0.5)
    assert found["motion"] == {"type": "zoom-in", "amount": "10%"}
    slide = only(transition={"in": "slideUp"})
    assert slide["fade_in"] == 0.5
    assert [(frame["time"], frame["y"]) for frame in slide["keyframes"]] == [
        (0.0, "52.5%"),
        (0.5, "50%"),
    ]


def test_changes_over_time_become_keyframes() -> None:
    change = {"from": 0, "to": 0.5, "start": 0.5, "length": 1, "easing": "easeOut"}
    found = only(opacity=[change], offset={"x": [{"from": -0.1, "to": 0.1, "length": 2}]})
    assert {"time": 0.5, "opacity": 0.0, "easing": "ease-out"} in found["keyframes"]
    assert {"time": 0.0, "x": "40%", "easing": "linear"} in found["keyframes"]


def test_sound_is_carried_over() -> None:
    music = {"src": "https://example.com/m.mp3", "effect": "fadeInFadeOut", "volume": 0.3}
    found = read([clip({**VIDEO, "trim": 2, "volume": 0})], soundtrack=music).composition
    video, audio = (track["clips"][0] for track in found["tracks"])
    assert (video["trim"], video["volume"]) == ({"start": 2.0}, 0.0)
    assert audio == {"type": "audio", "src": music["src"], "start": 0.0, "duration": "end",
                     "volume": 0.3, "fade_in": 1.0, "fade_out": 1.0}  # fmt: skip


def test_merge_fields_are_filled_in_and_missing_ones_listed() -> None:
    edit = {
        "timeline": {"background": "{{ BACK }}", "tracks": [
            {"clips": [clip({"type": "text", "text": "{{ NAME }}, {{OTHER}}"})]}]},
        "merge": [{"find": "NAME", "replace": "Ann"}, {"find": "BACK", "replace": "#102030"}],
    }  # fmt: skip
    found = read_shotstack(json.dumps({"name": "t", "template": edit}))
    assert found.composition["background"] == "#102030"
    assert found.composition["tracks"][0]["clips"][0]["text"] == "Ann, {{OTHER}}"
    assert [loss.pointer for loss in found.losses] == [
        "/template/timeline/tracks/0/clips/0/asset/text"
    ]


@pytest.mark.parametrize(
    ("output", "size"),
    [
        ({"resolution": "sd"}, (1024, 576, 25)),
        ({"resolution": "hd", "aspectRatio": "9:16", "fps": 30}, (720, 1280, 30)),
        ({"resolution": "1080", "aspectRatio": "1:1"}, (1080, 1080, 25)),
        ({"size": {"width": 1081, "height": 1350}, "fps": 29.97}, (1080, 1350, 30)),
        ({"size": {"width": 99999, "height": -5}, "fps": 1e9}, (4096, 16, 120)),
    ],
)
def test_the_size_is_that_of_the_output(output: Any, size: tuple[int, int, int]) -> None:
    form = read([clip(PHOTO)], output=output).format
    assert form is not None
    assert form == Format(width=size[0], height=size[1], fps=size[2])


def test_filters_and_chroma_keys_of_pictures_are_carried_over() -> None:
    keyed = {**PHOTO, "chromaKey": {"color": "#00b140", "threshold": 102, "halo": 51}}
    found = read([clip(keyed, filter="greyscale")])
    assert not found.losses
    (element,) = found.composition["tracks"][0]["clips"]
    assert element["filters"] == {"grayscale": 1}
    assert element["chroma_key"] == {"color": "#00b140", "similarity": 0.1, "blend": 0.05}
    read_timeline(found.composition)


def test_what_is_not_carried_over_is_listed_with_its_place() -> None:
    luma = {"type": "luma", "src": "https://example.com/l.mp4"}
    found = read(
        [clip(PHOTO, filter="sketch", transition={"in": "carouselLeft"}), clip(luma, 2)],
        output={**HD, "destinations": [{"provider": "s3"}]},
        fonts=[{"src": "https://example.com/f.ttf"}],
    )
    assert {loss.pointer for loss in found.losses} == {
        "/output/destinations",
        "/timeline/fonts",
        "/timeline/tracks/0/clips/0/filter",
        "/timeline/tracks/0/clips/0/transition/in",
        "/timeline/tracks/0/clips/1/asset",
    }


def test_html_becomes_a_text() -> None:
    html = {"type": "html", "html": "<p>Hello<br><b>world</b> <script>x</script></p>",
            "css": "p { color: #ffcc00; font-size: 48px; font-family: 'Open Sans'; }"}  # fmt: skip
    found = read([clip(html)]).composition["tracks"][0]["clips"][0]
    assert found["text"].startswith("Hello\nworld")
    assert (found["color"], found["font"]) == ("#ffcc00", "Open Sans")


HOSTILE: dict[str, Any] = {
    "no tracks": {},
    "tracks of other types": {"tracks": "x"},
    "no clips": {"tracks": [{"clips": []}, None, 7]},
    "clips of other types": {"tracks": [{"clips": [None, 7, "x", []]}]},
    "an asset of another type": {"tracks": [{"clips": [{"asset": [], "start": 0}]}]},
    "only what GALA has not": {"tracks": [{"clips": [clip({"type": "luma", "src": "x"})]}]},
    "too large a number": {"tracks": [{"clips": [clip(PHOTO, scale=10**400)]}]},
    "too many tracks": {"tracks": [{"clips": [clip(PHOTO)]}] * 51},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_edit_is_refused_with_a_reason(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        import_document(json.dumps({"timeline": HOSTILE[name]}))
    assert len(refused.value.message) < 400


@pytest.mark.parametrize(
    "more",
    [
        {"scale": -5},
        {"scale": 1e300},
        {"opacity": 99},
        {"offset": {"x": 1e12, "y": "x"}},
        {"position": {"a": 1}},
        {"start": -1},
        {"start": "x"},
        {"length": -1},
        {"length": [1]},
        {"transition": {"in": 5, "out": "nope"}},
        {"effect": "nope"},
        {"transform": {"rotate": {"angle": 1e9}}},
        {"width": 0, "height": 1e9},
        {"alias": "\x00"},
        {"opacity": [{"from": 0, "to": 1, "start": -3, "length": 0}]},
    ],
)
def test_values_out_of_range_give_a_valid_composition(more: dict[str, Any]) -> None:
    found = read([clip({"type": "text", "text": "x", "width": 40, "height": 20}) | more,
                  clip(PHOTO, 20) | more])  # fmt: skip
    read_timeline(found.composition)


@pytest.mark.parametrize(
    "asset",
    [
        {"type": "title", "text": "Hi"},
        {"type": "text", "text": "Hi"},
        {"type": "html", "html": "<p>Hi</p>"},
        {
            "type": "shape",
            "shape": "rectangle",
            "fill": {"color": "#ff0000"},
            "rectangle": {"width": 10, "height": 10},
        },
    ],
)
def test_the_camera_effect_of_what_is_no_picture_is_listed_as_lost(asset: dict[str, Any]) -> None:
    found = read([clip(asset, effect="zoomIn")])
    assert ["'zoomIn' was left out" in one.message for one in found.losses].count(True) == 1
    still = read([clip(asset, effect="none")])
    assert not any(one.pointer.endswith("/effect") for one in still.losses)
