"""``gala present``: a dialogue, and the options about faces and movements."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.integration.cli.conftest import Gala
from tests.support.drawn_sprites import draw_sprites, save_sprites
from tests.support.media_probe import read_frames

SMALL = ("--size", "160x90", "--fps", "10", "--quality", "draft", "--no-captions")
SPOKEN = ("--engine", "espeak", "--language", "es")


def test_each_line_is_a_turn_of_one_of_two_presenters(gala: Gala, tmp_path: Path) -> None:
    save_sprites(draw_sprites(), tmp_path / "robot")
    made = gala(
        "present", "robot", "Papá.\nPapa.", "--with", "leo", "--with-voice", "es+m3",
        "--seed", "3", "-p", "presenters.1.framing=face", *SPOKEN, *SMALL, "-o", "both.mp4",
    )  # fmt: skip
    assert made.code == 2, made.err
    assert "params.presenters.1.framing" in made.err
    made = gala(
        "present", "robot", "Papá.\nPapa.", "--with", "leo", "--with-voice", "es+m3",
        "--seed", "3", *SPOKEN, *SMALL, "-o", "both.mp4",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert "espeak es es; espeak es+m3 es" in made.err
    _, frames = read_frames(tmp_path / "both.mp4", form="rgb24")
    blue = frames[3].astype(int) @ (-1, -1, 2)
    assert blue[60:, :80].max() > 150
    assert np.abs(np.diff(frames.astype(int), axis=0))[:, :, 80:].max() > 40


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (("--corner",), "bottom-right"),
        (("--corner", "Sí."), "bottom-right"),
        (("--corner", "top-left"), "top-left"),
        (("--corner=top-left",), "top-left"),
    ],
)
def test_a_presenter_stands_in_the_corner_that_is_named_or_in_the_usual_one(
    gala: Gala, tmp_path: Path, options: tuple[str, ...], place: str
) -> None:
    text = () if "Sí." in options else ("Sí.",)
    made = gala(
        "present", "leo", *options, *text, "--background", "#00ff00", *SPOKEN, *SMALL, "-o", "c.mp4"
    )
    assert made.code == 0, made.err
    _, frames = read_frames(tmp_path / "c.mp4", form="rgb24")
    shown = np.abs(frames[0].astype(int) - (0, 255, 0)).max(2) > 60
    rows, columns = (axis.mean() for axis in np.nonzero(shown))
    assert (rows < 45, columns < 80) == ((place == "top-left"),) * 2


def test_an_unknown_corner_is_refused_with_the_places_that_there_are(gala: Gala) -> None:
    refused = gala("present", "leo", "Sí.", "--corner=botom-left", *SPOKEN, *SMALL)
    assert refused.code == 2
    assert "Did you mean 'bottom-left'?" in refused.err


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--face", "0"), "--face: "),
        (("--points", "left_eye=9,9"), "--points left_eye: "),
        (("--seed", "-1"), "--seed: "),
        (("--with", "nobody"), "--with: "),
        (("--with-voice", "es"), "--with-voice: "),
        (("--with", "leo", "--with-voice", "nobody"), "--with-voice: "),
        (("--with", "leo", "--with", "leo", "--with", "leo", "--with", "leo"), "--with: "),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_its_name(
    gala: Gala, tmp_path: Path, options: tuple[str, ...], named: str
) -> None:
    Image.new("RGB", (40, 40)).save(tmp_path / "face.png")
    refused = gala("present", "face.png", "Hola.", *options, *SPOKEN, *SMALL)
    assert refused.code == 2
    assert f"error: {named}" in refused.err
