"""Built-in templates keep their texts apart, and inside what players leave free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import pytest

from gala.brand_kits import BrandKit
from gala.media import SIZES, AspectRatio, Format
from gala.targets import TARGETS, TargetName
from gala.templates.builtin import builtin_templates
from gala.templates.filling import Setting, fill
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.reader import read_timeline

_DECORATION: Final = 0.3
"""The opacity up to which a text is a part of the background."""
_TOLERANCE: Final = 0.2
"""Per cent of the frame."""
_LINE: Final = 1.25
"""Height of a line of captions, of the font size."""
_SHOWN: Final = ("text", "waveform", "chart", "group")
_FRAMES: Final = (AspectRatio.PORTRAIT, AspectRatio.SQUARE, AspectRatio.LANDSCAPE, *TARGETS)
_MORE: Final[dict[str, dict[str, Any]]] = {
    "talking-presenter": {"photo": "me.jpg"},
    "news-lower-third": {"name": "د. أمينة حداد"},
    "product-loop": {"products": [{"name": "Tea", "price": "3 €", "old_price": "4 €",
                                   "note": "New", "picture": "tea.jpg"}]},
    "podcast-audiogram": {"text": "What was said that night.", "cover": "cover.jpg"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown in a part of the frame, in per cent of it."""

    name: str
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Shown) -> bool:
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return min(width, height) > _TOLERANCE

    def reaches_out_of(self, other: Shown) -> bool:
        over = (other.left - self.left, other.top - self.top,
                self.right - other.right, self.bottom - other.bottom)  # fmt: skip
        return max(over) > _TOLERANCE


def _setting(where: AspectRatio | TargetName) -> Setting:
    if isinstance(where, TargetName):
        target = TARGETS[where]
        return Setting(format=target.format, target=target)
    width, height = SIZES[where]
    return Setting(format=Format(width=width, height=height, fps=30))


def _scenes(name: str, params: dict[str, Any], setting: Setting) -> list[list[Shown]]:
    built_in = builtin_templates()[name]
    document = fill(built_in.composition, {**built_in.example, **params}, setting).document
    return [list(_shown(scene, setting.format)) for scene in document["scenes"]]


def _shown(scene: dict[str, Any], frame: Format) -> Iterator[Shown]:
    captions = [one for one in scene["elements"] if one["type"] == "caption"]
    if isinstance(scene.get("captions"), dict):
        captions.append(scene["captions"])
    for look in captions:
        height = 2 * _LINE * _number(look.get("font_size", "6.5%"))
        height *= min(frame.width, frame.height) / frame.height
        middle = _number(look["position"])
        # They are as wide as their words.
        center, most = _number(look["x"]), _number(look["width"])
        yield Shown("Captions", center - 5, middle - height / 2, center + 5, middle + height / 2)
        yield Shown("Long captions", center - most / 2, middle, center + most / 2, middle)
    for element in scene["elements"]:
        is_decoration = element.get("opacity", 1) <= _DECORATION
        is_logo = str(element.get("name", "")).startswith("Logo")
        has_box = "width" in element and "height" in element
        if has_box and not is_decoration and (is_logo or element["type"] in _SHOWN):
            yield _box(element)


def _box(element: dict[str, Any]) -> Shown:
    x, y, width, height = (_number(element[name]) for name in ("x", "y", "width", "height"))
    anchor = element.get("anchor", "center")
    left = x - width * (0 if "left" in anchor else 1 if "right" in anchor else 0.5)
    top = y - height * (0 if "top" in anchor else 1 if "bottom" in anchor else 0.5)
    name = element.get("name", element["type"])
    return Shown(name, left, top, left + width, top + height)


def _number(percent: str) -> float:
    return float(percent.rstrip("%"))


def _safe(setting: Setting) -> Shown:
    inner = setting.scope["frame"].value["inner"]
    return Shown("safe", inner["left"], inner["top"], inner["right"], inner["bottom"])


def _kinds_of_params(name: str) -> Iterator[dict[str, Any]]:
    yield {}
    yield {"logo": "logo.png"}
    yield {"logo": "logo.png", **_MORE.get(name, {})}


@pytest.mark.parametrize("where", _FRAMES)
@pytest.mark.parametrize("name", builtin_templates())
def test_nothing_is_over_a_text_and_all_texts_are_in_the_safe_area(
    name: str, where: AspectRatio | TargetName
) -> None:
    setting = _setting(where)
    safe = _safe(setting)
    for params in _kinds_of_params(name):
        for scene in _scenes(name, params, setting):
            pairs = combinations(scene, 2)
            assert [(one.name, other.name) for one, other in pairs if one.meets(other)] == []
            assert [one for one in scene if one.reaches_out_of(safe)] == []


@pytest.mark.parametrize("name", ["hello", "countdown", "data-story", "product-loop"])
def test_there_is_room_between_a_title_and_the_smaller_line_under_it(name: str) -> None:
    for params in _kinds_of_params(name):
        built_in = builtin_templates()[name]
        values = {**built_in.example, **params}
        document = fill(built_in.composition, values, _setting(AspectRatio.PORTRAIT)).document
        below = 0
        for runs in _runs_of(document):
            texts = [run["text"] for run in runs]
            lines = [number for number, text in enumerate(texts) if text.startswith("\n")]
            below += len(lines)
            assert [texts[number] for number in lines[::2]] == ["\n\u00a0"] * (len(lines) // 2)
        assert below >= 2


def _runs_of(value: Any) -> Iterator[list[dict[str, Any]]]:
    if isinstance(value, list):
        for one in value:
            yield from _runs_of(one)
    elif isinstance(value, dict):
        if value.get("type") == "text" and isinstance(value["text"], list):
            yield value["text"]
        for one in value.values():
            yield from _runs_of(one)


_APPEARS: Final = ("start", "fade_in", "animation_in")
_OPENING: Final = {
    "hello": ["Title"],
    "talking-presenter": ["Presenter", "Title", "Name"],
    "captioned-story": ["Title"],
    "quote": ["Quote"],
    "product-loop": ["Name 1", "Price 1"],
    "photo-slideshow": ["Title"],
    "list-of-five": ["Title", "Item 1"],
    "data-story": ["Title", "Bars"],
    "countdown": ["Number"],
    "before-after": ["Before", "After"],
    "podcast-audiogram": ["Show", "Waveform"],
}


@pytest.mark.parametrize("name", _OPENING)
def test_the_first_frame_which_players_show_as_poster_has_what_the_film_is_about(name: str) -> None:
    built_in = builtin_templates()[name]
    params = {**built_in.example, "title": "A title", "name": "Ada"}
    known = built_in.composition.schema.names
    params = {key: value for key, value in params.items() if key in known}
    film = fill(built_in.composition, params, _setting(AspectRatio.PORTRAIT)).document
    first = {one["name"]: one for one in film["scenes"][0]["elements"] if "name" in one}
    for shown in _OPENING[name]:
        assert not [field for field in _APPEARS if first[shown].get(field)], shown


@pytest.mark.parametrize("unit", ["h", " h", "h "])
def test_a_unit_has_one_space_before_it(unit: str) -> None:
    built_in = builtin_templates()["data-story"]
    params = {**built_in.example, "unit": unit}
    film = fill(built_in.composition, params, _setting(AspectRatio.PORTRAIT)).document
    charts = [one for one in film["scenes"][0]["elements"] if one["type"] == "chart"]
    assert [one["suffix"] for one in charts] == [" h"]


@pytest.mark.parametrize("where", _FRAMES)
@pytest.mark.parametrize(("name", "side"), [("Ada", "left"), ("د. أمينة حداد", "right")])
def test_the_band_of_a_name_comes_from_the_side_where_its_line_begins(
    name: str, side: str, where: AspectRatio | TargetName
) -> None:
    setting = _setting(where)
    params = {"name": name}
    composition = builtin_templates()["news-lower-third"].composition
    scene = fill(composition, params, setting).document["scenes"][0]
    (band,) = (one for one in scene["elements"] if one.get("name") == "Lower third")
    bar, text = (_box(one) for one in band["elements"][1:])
    assert text.left - bar.right > 1 if side == "left" else bar.left - text.right > 1
    shown, safe = _box(band), _safe(setting)
    edges = (shown.left, safe.left) if side == "left" else (shown.right, safe.right)
    assert edges[0] == pytest.approx(edges[1], abs=_TOLERANCE)
    begins = _number(band["keyframes"][0]["x"])
    assert begins + shown.right - shown.left <= 0 if side == "left" else begins >= 100


def test_texts_on_the_colors_of_a_light_brand_can_be_read() -> None:
    kit = BrandKit.parse({"colors": {"background": "#fff7ec", "text": "#2b1a12", "surface": "#fff",
                                     "accent": "#e0a100", "primary": "#ffe14d"}})  # fmt: skip
    for name, built_in in builtin_templates().items():
        setting = Setting(format=TARGETS[TargetName.REEL].format, brand=kit)
        document = fill(built_in.composition, built_in.example, setting).document
        film = compile_timeline(read_timeline(document, 30), setting.format, KnownMeasurements({}))
        assert not [one.message for one in film.warnings if one.code == "low_contrast"], name
