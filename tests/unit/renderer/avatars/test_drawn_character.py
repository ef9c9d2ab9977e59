"""The characters that GALA draws itself."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import get_type_hints

import numpy as np
import pytest
from pydantic import ValidationError

from gala.presenter_looks import CHARACTERS, CharacterName, CharacterOptions
from gala.render_types.params.characters import CharacterParams
from gala.render_types.presenter import PresenterParams
from gala.timeline.compilation.contrast import contrast
from gala_renderer.avatars.body import Frame, Placement
from gala_renderer.avatars.drawings.character import character
from gala_renderer.avatars.drawings.colours import HAIR_COLOURS
from gala_renderer.avatars.pose import Pose
from tests.support.planes import new_frame, planes, rgb

SIZE = (120, 160)
SMALL = Placement(0.1, 0.0, 0.0)
BLUE = np.full((SIZE[1], SIZE[0], 3), (30, 60, 200), np.uint8)
ALTERNATIVES = [
    (name, value) for name, kind in get_type_hints(CharacterOptions).items() for value in kind
]


def _drawn(options: CharacterOptions | None = None, pose: Pose | None = None) -> Frame:
    frame = new_frame(SIZE)
    character(options).painter(SIZE, SMALL, BLUE).paint(pose or Pose(), frame)
    return frame


def test_every_alternative_is_drawn_and_looks_different() -> None:
    seen: dict[str, set[bytes]] = {}
    for name, value in ALTERNATIVES:
        frame = _drawn(replace(CharacterOptions(), **{name: value}))
        seen.setdefault(name, set()).add(frame.y.tobytes() + frame.v.tobytes())
    for name, pictures in seen.items():
        assert len(pictures) == sum(option == name for option, _ in ALTERNATIVES), name


def test_presets_have_different_faces() -> None:
    assert {"gala", "leo"} <= set(CHARACTERS)
    assert len({_drawn(options).y.tobytes() for options in CHARACTERS.values()}) == len(CHARACTERS)


def test_unknown_options_are_refused() -> None:
    with pytest.raises(ValidationError, match="wavy"):
        CharacterParams.parse({"hair": "wig"})
    with pytest.raises(ValidationError, match="hat"):
        CharacterParams.parse({"hat": "none"})


def test_the_mouth_opens_with_the_jaw_and_shuts_whatever_the_jaw_does() -> None:
    face = character().face
    mouth = slice(int(face.bottom * 0.1) - 14, int(face.bottom * 0.1)), slice(54, 67)
    rest = _drawn().y[mouth]
    dark = [
        int((_drawn(pose=Pose(shut=0, jaw=jaw)).y[mouth] < rest.min()).sum())
        for jaw in (0.2, 0.6, 1.0)
    ]
    assert dark == sorted(set(dark)), dark
    assert np.array_equal(_drawn(pose=Pose(jaw=1)).y, _drawn().y)


def test_the_same_pose_gives_the_same_pixels_whatever_was_drawn_before() -> None:
    painter, frame = character().painter(SIZE, SMALL, BLUE), new_frame(SIZE)
    pose = Pose(shut=0, jaw=0.5, spread=0.5, yaw=4, roll=2, sway_x=0.02, brow_left=0.5, smile=1)
    for before in (Pose(), Pose(yaw=-6, pitch=4), Pose(blink_left=1, gaze_x=1), pose):
        painter.paint(before, frame)
    assert all(
        np.array_equal(*pair) for pair in zip(planes(frame), planes(_drawn(pose=pose)), strict=True)
    )


def test_what_does_not_move_is_the_background() -> None:
    picture = rgb(_drawn(pose=Pose(yaw=5)))
    assert np.abs(picture[:8].astype(int) - BLUE[0, 0]).max() <= 3


def test_transparent_pixels_are_outside_of_the_character() -> None:
    frame = new_frame(SIZE, alpha=True)
    character().painter(SIZE, SMALL, None).paint(Pose(), frame)
    assert frame.alpha is not None
    assert frame.alpha[60, 60] == 255, "the face"
    assert frame.alpha[4, 4] == 0


@pytest.mark.parametrize("name", CHARACTERS)
def test_hair_and_captions_are_seen_on_the_usual_background(name: CharacterName) -> None:
    behind = PresenterParams.model_fields["background_color"].default
    hair = HAIR_COLOURS[CHARACTERS[name].hair_color]
    assert math.dist(_parts(hair), _parts(behind)) > 60
    assert contrast("#ffffff", behind) > 4.5


def _parts(colour: str) -> bytes:
    return bytes.fromhex(colour.removeprefix("#"))
