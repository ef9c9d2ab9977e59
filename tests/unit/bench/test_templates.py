"""A part of ``bench templates``: films of built-in templates, and that the checks see mistakes."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest

from bench.templates.matrix import FORMATS, Case, fonts, problems
from bench.templates.samples import Language, Length, text
from gala.media import AspectRatio
from gala.targets import TargetName
from gala.templates.builtin import BuiltinTemplate, builtin_templates
from gala.templates.filling import Composition

_KINDS = [(ratio, language) for language in Language for ratio in FORMATS]
_EACH = [(name, *kind) for name, kind in zip(builtin_templates(), cycle(_KINDS), strict=False)]


@pytest.mark.parametrize(("name", "ratio", "language"), _EACH)
def test_texts_five_times_too_long_stay_in_their_place(
    name: str, ratio: Any, language: Language
) -> None:
    case = Case(builtin_templates()[name], ratio, language, Length.FIVE)
    assert list(problems(case, fonts())) == []


@pytest.mark.parametrize("name", builtin_templates())
def test_texts_five_times_too_long_stay_in_the_small_part_that_reels_leave_free(name: str) -> None:
    ratio = AspectRatio.PORTRAIT
    reel = Case(builtin_templates()[name], ratio, Language.SPANISH, Length.FIVE, TargetName.REEL)
    assert list(problems(reel, fonts())) == []


def test_texts_under_the_controls_of_a_player_are_found() -> None:
    element = {"type": "text", "text": "{{title}}", "fit": "shrink", "x": "50%", "y": "80%",
               "width": "50%", "height": "10%"}  # fmt: skip
    wrong = _in_place_of_hello(element)
    plain = Case(wrong, AspectRatio.PORTRAIT, Language.SPANISH, Length.USUAL)
    assert list(problems(plain, fonts())) == []
    (problem,) = problems(replace(plain, target=TargetName.REEL), fonts())
    assert "Instagram Reels" in problem


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"fit": "wrap", "font_size": "60%", "height": "5%"}, " in "),
        ({"fit": "clip", "font_size": "30%", "height": "5%"}, "the end of the text is missing"),
        ({"text": "{{title}} \U000e0041\u0a95", "fit": "shrink", "height": "30%"}, "no font has"),
        ({"text": "{{'{' + '{'}}title", "fit": "shrink", "height": "30%"}, "unresolved"),
        ({"x": "-20%", "width": "50%", "fit": "shrink", "height": "9%"}, "out of"),
    ],
)
def test_the_checks_find_what_is_wrong(change: dict[str, Any], expected: str) -> None:
    wrong = _in_place_of_hello({"type": "text", "text": "{{title}}", **change})
    case = Case(wrong, FORMATS[0], Language.SPANISH, Length.FIVE)
    assert any(expected in problem for problem in problems(case, fonts()))


def _in_place_of_hello(element: dict[str, Any]) -> BuiltinTemplate:
    schema = {"title": {"type": "string"}}
    document = {"scenes": [{"duration": 1, "elements": [element]}]}
    composition = Composition(document=document, params_schema=schema)
    return replace(builtin_templates()["hello"], composition=composition, example={})


def test_texts_are_about_as_long_as_wanted() -> None:
    assert len(text(Language.SPANISH, 300)) == pytest.approx(300, abs=20)
    assert len(text(Language.JAPANESE, 300)) == pytest.approx(150, abs=20)
