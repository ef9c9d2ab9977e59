"""Presenters in the Python library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gala.errors import EngineMissing, GalaError, InvalidRequest
from gala.render_protocol import Progress
from gala_renderer import Presenter, in_process
from tests.support.drawn_sprites import draw_sprites, save_sprites
from tests.support.media_probe import has_audio, read_frames

SMALL: dict[str, Any] = {"dimensions": (90, 160), "fps": 10, "quality": "draft"}


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home without weights: the engine is closed afterwards."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GALA_HOME", str(tmp_path_factory.mktemp("home")))
        yield
        in_process.engine().close()


def test_a_character_speaks_and_tells_its_progress(tmp_path: Path) -> None:
    told: list[Progress] = []
    made = Presenter.from_character("leo", beard="none").say(
        "Sí.",
        tmp_path / "leo.mp4",
        "es+m3",
        "es",
        captions=False,
        background="#00ff00",
        on_progress=told.append,
        **SMALL,
    )
    _, frames = read_frames(made, form="rgb24")
    assert frames.shape[1:] == (160, 90, 3)
    assert frames[0][3, 3, 1] > 200
    assert has_audio(made)
    assert told[-1].fraction == 1


def test_warnings_name_the_arguments_of_the_library(
    tmp_path: Path, samples: Any, caplog: pytest.LogCaptureFixture
) -> None:
    leo = Presenter.from_character("leo")
    leo.say_recording(samples("voice"), tmp_path / "leo.mp4", captions=True, **SMALL)
    warned = [one.getMessage() for one in caplog.records if "no captions" in one.getMessage()]
    assert len(warned) == 1
    assert warned[0].startswith("no captions: text does not say what is said.")


def test_sprites_speak_with_a_recorded_voice_and_without_a_background(
    tmp_path: Path, samples: Any
) -> None:
    save_sprites(draw_sprites(), tmp_path / "robot")
    made = Presenter.from_sprites(tmp_path / "robot").say_recording(
        samples("voice"), tmp_path / "robot.webm", background="none", **SMALL
    )
    assert made.stat().st_size
    assert has_audio(made)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"text": " "}, "text"),
        ({"framing": "feet"}, "framing"),
        ({"background": "#12"}, "background"),
        ({"output_path": "a.avi"}, "output_path"),
        ({"background": "none"}, "output_path"),
        ({"dimensions": (91, 160)}, "dimensions.width"),
        ({"captions": {"style": "loud"}}, "captions.style"),
        ({"language": "xx"}, "language"),
        ({"inset": {"size": 3}}, "inset.size"),
        ({"seed": -1}, "seed"),
        ({"text": "half \ud800"}, "text"),
    ],
)
def test_an_argument_that_cannot_be_is_refused_by_its_name(
    tmp_path: Path, arguments: dict[str, Any], field: str
) -> None:
    given = {"text": "Sí.", "output_path": tmp_path / "a.mp4", "engine": "espeak", **SMALL}
    with pytest.raises(InvalidRequest) as refused:
        Presenter.from_character().say(**{**given, **arguments})
    assert refused.value.details["field"] == field
    assert refused.value.message.startswith(field)
    assert list(tmp_path.iterdir()) == []


def test_bodies_that_cannot_be_are_refused_by_the_name_of_the_argument(tmp_path: Path) -> None:
    refusals: list[tuple[Any, str]] = [
        (lambda: Presenter.from_character("nobody"), "character.name"),
        (lambda: Presenter.from_character(hair="none"), "character.hair"),
        (lambda: Presenter.from_picture("a.jpg", energy=2), "energy"),
        (lambda: Presenter.from_picture("a.jpg", points={"elbow": (0, 0)}), "points"),
        (lambda: Presenter.from_sprites(tmp_path / "nothing"), "folder"),
    ]
    for make, field in refusals:
        with pytest.raises(InvalidRequest) as refused:
            make()
        assert str(refused.value.details["field"]).startswith(field)


def test_a_portrait_needs_weights_and_says_which(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "navy").save(tmp_path / "a.png")
    portrait = Presenter.from_picture(tmp_path / "a.png")
    with pytest.raises(GalaError) as refused:
        portrait.say("Sí.", tmp_path / "a.mp4", language="es", **SMALL)
    assert isinstance(refused.value, EngineMissing)
    assert "gala weights pull faces" in str(refused.value.hint)
    text = tmp_path / "text.png"
    text.write_text("no picture")
    with pytest.raises(GalaError, match=r"^picture: this file cannot be used"):
        Presenter.from_picture(text).say("Sí.", tmp_path / "a.mp4", **SMALL)


def test_two_presenters_talk_side_by_side_in_the_order_of_their_turns(tmp_path: Path) -> None:
    save_sprites(draw_sprites(), tmp_path / "robot")
    red = {
        name: Image.merge("RGBA", [one.getchannel(band) for band in "BRGA"])
        for name, one in draw_sprites().items()
    }
    save_sprites(red, tmp_path / "other")
    robot = Presenter.from_sprites(tmp_path / "robot").with_voice("es", engine="espeak")
    other = Presenter.from_sprites(tmp_path / "other").with_voice("es+m3", speed=1.5)
    made = Presenter.dialogue(
        [(other, "Sí."), (robot, "No."), (other, "Sí.")],
        tmp_path / "both.mp4",
        pause=0,
        captions=False,
        background="#000000",
        **{**SMALL, "dimensions": (160, 90)},
    )
    _, frames = read_frames(made, form="rgb24")
    # The robot's blue body is on the right, as it speaks second.
    blue = frames[3].astype(int) @ (-1, -1, 2)
    assert blue[60:, 80:].max() > 150
    assert blue[60:, :80].max() < 150
    assert has_audio(made)


def test_a_presenter_is_shown_in_a_corner_of_the_background(tmp_path: Path) -> None:
    maya = Presenter.from_character("maya")
    corner = {"position": "top-left", "size": 0.5, "shadow": False}
    arguments = {"captions": False, "background": "#00ff00", "engine": "espeak", **SMALL}
    seeds = [
        maya.say("Sí.", tmp_path / f"{seed}.mp4", inset=corner, seed=seed, **arguments)
        for seed in (0, 7)
    ]
    first, other = (read_frames(made, form="rgb24")[1].astype(int) for made in seeds)
    green = np.abs(first[0] - (0, 255, 0)).max(2) < 40
    assert green[60:].all()
    assert green[12:42, 12:42].mean() < 0.5
    assert first.shape == other.shape
    assert (first != other).any()


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"turns": []}, "turns"),
        ({"turns": [(Presenter.from_character(), " ")]}, "turns.0.text"),
        ({"turns": [(Presenter.from_character(), "Sí.") for _ in range(5)]}, "presenters"),
        ({"pause": -1}, "pause"),
        ({"pause": float("nan")}, "pause"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_dialogue_that_cannot_be_is_refused_by_its_argument(
    tmp_path: Path, arguments: dict[str, Any], field: str
) -> None:
    given = {"turns": [(Presenter.from_character(), "Sí.")], "output_path": tmp_path / "a.mp4"}
    with pytest.raises(InvalidRequest) as refused:
        Presenter.dialogue(**{**given, **SMALL, **arguments})
    assert refused.value.details["field"] == field
    assert refused.value.message.startswith(field)
