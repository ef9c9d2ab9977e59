"""Bodies made of sprites: what is accepted, which mouth is shown, what is drawn."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby

import numpy as np
import pytest
from numpy.typing import NDArray

from gala.errors import InvalidRequest
from gala.render_types.params.sprites import SpriteLayout, SpriteSlot
from gala_renderer.avatars.body import Placement
from gala_renderer.avatars.motion.tracks import speech_motion
from gala_renderer.avatars.pose import Pose
from gala_renderer.avatars.sprites.loading import load_sprites
from gala_renderer.avatars.sprites.mouth_shapes import SHAPES, ShapeChooser, nearest
from gala_renderer.speech.words import Phoneme, Word
from tests.support.planes import new_frame, planes, rgb

Sprites = dict[str, NDArray[np.uint8]]
SIZE = (200, 240)
GREY = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
WHOLE = Placement(1.0, 0.0, 0.0)
COLOURS = {"x": (250, 0, 0), "a": (0, 250, 0), "d": (0, 0, 250)}

OPEN = Pose(shut=0, jaw=1)


def _canvas(
    box: tuple[int, int, int, int], colour: tuple[int, int, int], size: tuple[int, int] = SIZE
) -> NDArray[np.uint8]:
    picture = np.zeros((size[1], size[0], 4), np.uint8)
    left, top, right, bottom = box
    picture[top:bottom, left:right] = (*colour, 255)
    return picture


def _sprites(mouths: str = "xad") -> Sprites:
    """Return a body whose mouths differ in colour."""
    return {
        "base": _canvas((30, 20, 170, 240), (220, 180, 150)),
        "eyes_open": _canvas((60, 60, 140, 80), (255, 255, 255)),
        "eyes_closed": _canvas((60, 74, 140, 80), (60, 30, 20)),
        **{f"mouth_{one}": _canvas((80, 110, 120, 130), COLOURS[one]) for one in mouths},
    }


def _shown(sprites: Sprites, pose: Pose, at: tuple[int, int]) -> list[int]:
    frame = new_frame(SIZE)
    load_sprites(sprites).painter(SIZE, WHOLE, GREY).paint(pose, frame)
    colour: list[int] = rgb(frame)[at[1], at[0]].tolist()
    return colour


def _close(colour: list[int], expected: tuple[int, int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(colour, expected, strict=True)) <= 6


@pytest.mark.parametrize("energy", [0.5, 1.0])
def test_a_face_that_speaks_smiles_in_pauses_and_is_surprised_at_questions(energy: float) -> None:
    times = [(0.3, "sí."), (2.8, "sí?"), (5.5, "sí.")]
    words = []
    for at, text in times:
        heard = (Phoneme("s", at, at + 0.2), Phoneme("\u02c8i", at + 0.2, at + 0.6))
        words.append(Word(text, at, at + 0.6, heard))
    track = speech_motion(words, seconds=8, fps=Fraction(10), seed=3, energy=energy)
    colours = {"smile": (250, 250, 0), "surprise": (0, 250, 250)}
    faces = {
        f"expression_{name}": _canvas((40, 150, 60, 170), one) for name, one in colours.items()
    }
    body = load_sprites({**_sprites(), **faces}).painter(SIZE, Placement(1.0, 0.0, 0.0), GREY)
    seen = set()
    for number in range(len(track)):
        frame = new_frame(SIZE)
        body.paint(track.pose(number), frame)
        colour = rgb(frame)[160, 50].tolist()
        seen |= {name for name, one in colours.items() if _close(colour, one)}
    assert seen == {"smile", "surprise"}


@pytest.mark.parametrize("missing", SHAPES)
def test_a_missing_shape_is_replaced_by_another_one(missing: str) -> None:
    rest = SHAPES.replace(missing, "")
    assert nearest(missing, rest) in rest
    assert nearest(missing, SHAPES) == missing
    assert nearest(missing, "D") == "D"


def test_the_nearest_mouth_stands_in() -> None:
    assert nearest("C", "ADX") == "D"
    assert nearest("X", "AD") == "A"
    assert _close(_shown(_sprites("a"), Pose(), (100, 120)), COLOURS["a"])
    assert _close(_shown(_sprites("xd"), Pose(shut=0, jaw=0.6), (100, 120)), COLOURS["d"])


def test_shut_lips_show_rest_or_pressed_lips_and_open_ones_the_vowel() -> None:
    sprites = _sprites()
    assert _close(_shown(sprites, Pose(), (100, 120)), COLOURS["x"])
    assert _close(_shown(sprites, Pose(press=0.8), (100, 120)), COLOURS["a"])
    assert _close(_shown(sprites, OPEN, (100, 120)), COLOURS["d"])


@pytest.mark.parametrize(
    ("pose", "shape"),
    [
        (Pose(jaw=1), "X"),
        (Pose(shut=0, jaw=0.1, spread=0.6), "B"),
        (Pose(shut=0, jaw=0.4, spread=0.2), "C"),
        (OPEN, "D"),
        (Pose(shut=0, jaw=0.4, round=0.6), "E"),
        (Pose(shut=0, jaw=0.1, round=1), "F"),
        (Pose(shut=0.3, jaw=0.1, lip_to_teeth=1), "G"),
        (Pose(shut=0, jaw=0.3, tongue=1), "H"),
    ],
)
def test_weights_choose_the_classic_shape(pose: Pose, shape: str) -> None:
    assert ShapeChooser().choose(pose) == shape


def test_open_shapes_do_not_flicker_but_lips_shut_at_once() -> None:
    chooser = ShapeChooser()
    jaws = [0.9, 0.45, 0.9, 0.45, 0.9, 0.45]
    shown = "".join(chooser.choose(Pose(shut=0, jaw=jaw, spread=0.2)) for jaw in jaws)
    runs = [len(list(run)) for _, run in groupby(shown)]
    assert min(runs) >= 2, shown
    assert chooser.choose(Pose()) == "X"


def test_eyes_close_and_a_missing_half_is_replaced() -> None:
    sprites = _sprites()
    white, lid = (255, 255, 255), (60, 30, 20)
    assert _close(_shown(sprites, Pose(), (100, 77)), white)
    assert _close(_shown(sprites, Pose(blink_left=1, blink_right=1), (100, 77)), lid)
    assert not _close(_shown(sprites, Pose(blink_left=1, blink_right=1), (100, 66)), white)


def test_an_anchor_places_a_smaller_sprite() -> None:
    sprites = _sprites("") | {"mouth_x": _canvas((2, 2, 38, 18), (250, 0, 0), (40, 20))}
    with pytest.raises(InvalidRequest, match="mouth_x: 40 by 20 pixels, but base has 200 by 240"):
        load_sprites(sprites)
    body = load_sprites(sprites, SpriteLayout(anchors={SpriteSlot.MOUTH: (100, 120)}))
    frame = new_frame(SIZE)
    body.painter(SIZE, WHOLE, GREY).paint(Pose(), frame)
    assert _close(rgb(frame)[120, 100].tolist(), (250, 0, 0))


def test_refusals_name_the_sprite_and_the_remedy() -> None:
    good = _sprites()
    refused: list[tuple[Sprites, str]] = [
        ({"mouth_x": good["mouth_x"]}, "base: the sprite is missing; add"),
        ({"base": good["base"]}, "at least one mouth is needed; add mouth_x"),
        (good | {"mouth_z": good["mouth_x"]}, "mouth_z: no sprite has this name"),
        (good | {"mouth_d": good["mouth_d"][..., :3]}, "mouth_d: not RGBA"),
        (good | {"brows": np.full_like(good["base"], 255)}, "brows: no pixel is transparent"),
        (good | {"brows": np.zeros_like(good["base"])}, "brows: wholly transparent"),
        (good | {"base": np.full((20, 20, 4), 255, np.uint8)}, "base: 20 by 20 pixels; at least"),
        (
            good | {"hands": np.broadcast_to(np.uint8(9), (1, 5000, 4))},
            "hands: 5000 by 1 pixels; at most",
        ),
    ]
    for sprites, message in refused:
        with pytest.raises(InvalidRequest, match=message):
            load_sprites(sprites)


def test_a_frame_drawn_step_by_step_equals_a_new_one() -> None:
    poses = [Pose(), OPEN, Pose(sway_x=0.05, breath=1), Pose(blink_left=1, blink_right=1)]
    sprites = _sprites()
    painter, frame = load_sprites(sprites).painter(SIZE, WHOLE, GREY), new_frame(SIZE)
    for pose in poses:
        painter.paint(pose, frame)
        fresh = new_frame(SIZE)
        load_sprites(sprites).painter(SIZE, WHOLE, GREY).paint(pose, fresh)
        assert all(np.array_equal(*pair) for pair in zip(planes(frame), planes(fresh), strict=True))


def test_only_what_changes_is_written() -> None:
    painter, frame = load_sprites(_sprites()).painter(SIZE, WHOLE, GREY), new_frame(SIZE)
    painter.paint(Pose(), frame)
    frame.y[:] = 1
    painter.paint(Pose(), frame)
    assert (frame.y == 1).all()
    painter.paint(OPEN, frame)
    written = frame.y != 1
    assert written[112:128, 82:118].all()
    written[104:136, 74:126] = False
    assert not written.any()


def test_transparent_frames_have_the_alpha_of_the_sprites() -> None:
    frame = new_frame(SIZE, alpha=True)
    load_sprites(_sprites()).painter(SIZE, WHOLE, None).paint(Pose(), frame)
    assert frame.alpha is not None
    assert frame.alpha[120, 100] == 255
    assert frame.alpha[5, 5] == 0
