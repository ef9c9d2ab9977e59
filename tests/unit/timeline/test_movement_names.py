"""Slideshows and timelines have the same names of transitions and motions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gala.render_types import find_type
from gala.render_types.params.motion import Effect, MotionName
from gala.render_types.params.transitions import TransitionName

_DOCS = Path(__file__).parents[3] / "docs" / "timeline.md"


def _slideshow(**params: Any) -> Any:
    found = find_type("slideshow")
    assert found is not None
    return found.params.parse(params)


def _picture(**fields: Any) -> Any:
    found = find_type("timeline")
    assert found is not None
    element = {"type": "image", "src": "a.png", **fields}
    parsed: Any = found.params.parse({"scenes": [{"elements": [element]}]})
    return parsed.scenes[0].elements[0]


@pytest.mark.parametrize("name", list(TransitionName))
def test_each_transition_has_one_name_in_slideshows_and_timelines(name: TransitionName) -> None:
    assert _slideshow(transition=name.value).transition is name
    transition = _picture(transition=name.value).transition
    assert transition is None if name is TransitionName.NONE else transition.type is name


@pytest.mark.parametrize("name", [*MotionName, "still", "ken_burns", "pan"])
def test_each_motion_has_one_name_in_slideshows_and_timelines(name: str) -> None:
    named, as_object = _slideshow(motion=name), _slideshow(motion={"effect": name})
    assert named.motion == as_object.motion
    motion = _picture(motion=name).motion
    assert (motion is None) == named.motion.is_still == (name in {"none", "still"})


def test_a_camera_goes_to_the_same_side_in_slideshows() -> None:
    left = _slideshow(motion={"effect": "pan", "direction": "right-to-left"}).motion
    assert _slideshow(motion="pan-left").motion.way is left.way
    assert _slideshow(motion="pan").motion.way is _slideshow(motion="pan-right").motion.way


def test_a_motion_with_a_direction_of_its_own_takes_no_other() -> None:
    with pytest.raises(ValueError, match="leave this out"):
        _slideshow(motion={"effect": Effect.ZOOM_OUT, "direction": "zoom-to-top"})


def test_the_page_names_all_transitions_and_motions() -> None:
    page = _DOCS.read_text(encoding="utf-8")
    table = page[page.index("## Transitions and motions") :]
    assert [name for name in (*TransitionName, *MotionName) if f"`{name}`" not in table] == []
