"""Colours of photos are right in every type, and what is transparent stays so."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.fakes.media_files import make
from tests.support.engine import EngineHarness, Made
from tests.support.icc_profiles import display_p3, hostile
from tests.support.media_probe import decoded

RED: Final = (220, 40, 40)
RED_IN_P3: Final = (240, 0, 21)
BLUE: Final = (32, 96, 192)
SIZE: Final = (320, 180)
CANVAS: Final = (*SIZE, 10)
SIDE: Final = 120

_TO_RGB: Final = "scale=in_color_matrix=bt709:flags=accurate_rnd+full_chroma_int,format=rgb24"
_BT709: Final = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd"


def shown(made: Made, role: str = "video") -> Any:
    """Return the last frame of a video, or a picture, as RGB."""
    path = made.path(role)
    if role != "video":
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB")).astype(int)
    raw = decoded(path, "-map", "0:v", "-vf", _TO_RGB, "-f", "rawvideo")
    return np.frombuffer(raw, np.uint8).reshape(-1, SIZE[1], SIZE[0], 3)[-1].astype(int)


def off(found: Any, colour: tuple[int, ...]) -> int:
    """Return the largest difference from a colour, in levels."""
    return int(np.abs(found - np.array(colour)).max())


def middle(frame: Any) -> Any:
    return frame[frame.shape[0] // 2, frame.shape[1] // 2]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a video of one colour."""
    folder = tmp_path_factory.mktemp("films")

    @cache
    def written(colour: str) -> Path:
        drawn = f"color=c={colour}:s={SIZE[0]}x{SIZE[1]}:r=10:d=0.4,format=rgb24,{_BT709}"
        options = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-qp", "2", "-colorspace", "bt709")
        return make(folder / f"{colour}.mp4", "-f", "lavfi", "-i", drawn, *options)

    return written


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.jpg"
    image = Image.new("RGB", SIZE, RED)
    image.save(path, icc_profile=display_p3(), quality=98, subsampling=0)
    return path


@pytest.fixture(scope="module")
def logo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A red disc with a smooth edge; the transparent pixels around it are black."""
    large = Image.new("L", (SIDE * 4, SIDE * 4))
    ImageDraw.Draw(large).ellipse((40, 40, SIDE * 4 - 40, SIDE * 4 - 40), fill=255)
    alpha = np.asarray(large.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[alpha > 0, :3] = RED
    pixels[..., 3] = alpha
    path = tmp_path_factory.mktemp("logo") / "logo.png"
    Image.fromarray(pixels).save(path)
    return path


SLIDE: Final = {"seconds_each": 0.6, "transition": "none", "transition_seconds": 0.1}
STILL: Final = {"picture_format": "png"}
MOVING: Final = {**SLIDE, "motion": {"effect": "ken_burns"}}
HALF: Final = {"size": 0.5, "position": "center"}
HELLO: Final = {"text": ".", "background_color": "#2060c0"}
SAID: Final = {"text": "Hi.", "language": "en"}

IN_EACH_TYPE: Final[dict[str, tuple[str, dict[str, Any], str, str]]] = {
    "slides": ("slideshow", SLIDE, "pictures", "video"),
    "moving slides": ("slideshow", MOVING, "pictures", "video"),
    "a backdrop": ("hello_render", HELLO, "bg", "video"),
    "an overlay": ("hello_render", HELLO, "overlay", "video"),
    "a narration": ("captioned_video", SAID, "background", "video"),
    "clips": ("concatenate", {"still_seconds": 0.5}, "clips", "video"),
    "an inset": ("picture_in_picture", HALF, "inset", "video"),
    "a keyed overlay": ("colorkey_overlay", {"position": "center"}, "overlay", "video"),
    "a grid": ("image_stitch", STILL, "images", "image"),
    "a retouched picture": ("image_retouch", STILL, "image", "image"),
    "a thumbnail": ("thumbnail", STILL, "video", "thumbnail"),
}


@pytest.mark.parametrize("name", IN_EACH_TYPE)
def test_a_photo_has_the_colours_of_its_profile(
    engine: EngineHarness, photo: Path, film: Callable[[str], Path], name: str
) -> None:
    kind, params, key, role = IN_EACH_TYPE[name]
    inputs: dict[str, Any] = {key: [photo]}
    if key in {"inset", "overlay"} and kind != "hello_render":
        inputs["video"] = [film("blue")]
    size = CANVAS if role == "video" else None
    duration = 500 if kind == "hello_render" else None
    made = engine.make(kind, params, size=size, duration_ms=duration, **inputs)
    frame = shown(made, role)
    # Text and captions are in the middle or below it.
    place = middle(frame) if key in {"inset", "overlay"} else frame[12, 12]
    assert off(place, RED_IN_P3) <= 3, place


def test_a_damaged_profile_is_a_warning(engine: EngineHarness, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 48), RED).save(path, icc_profile=hostile()["tags"])
    made = engine.make("image_retouch", STILL, image=[path])
    assert off(middle(shown(made, "image")), RED) <= 3
    assert any("colour profile is damaged" in line for line in made.logs)


def test_the_properties_of_a_photo_are_those_of_the_file(
    engine: EngineHarness, photo: Path
) -> None:
    info = engine.make("probe", media=[photo]).path("info").read_text()
    assert '"codec": "mjpeg"' in info
    assert '"color_profile": "Display P3"' in info


def test_a_photo_with_a_second_picture_is_its_first(engine: EngineHarness, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    second = Image.new("L", (80, 60), 200)
    Image.new("RGB", (64, 48), RED).save(
        path, format="MPO", save_all=True, append_images=[second], quality=98
    )
    frame = shown(engine.make("image_retouch", STILL, image=[path]), "image")
    assert frame.shape == (48, 64, 3)
    assert off(middle(frame), RED) <= 3


def _animated(logo: Path, path: Path, **options: Any) -> Path:
    with Image.open(logo) as image:
        turned = image.rotate(90)
        image.save(path, save_all=True, append_images=[turned], duration=200, loop=0, **options)
    return path


def _clip(logo: Path, path: Path, *codec: str) -> Path:
    return make(path, "-loop", "1", "-framerate", "10", "-t", "0.4", "-i", str(logo), *codec)


CLIPS: Final[dict[str, Callable[[Path, Path], Path]]] = {
    "PNG": lambda logo, _: logo,
    "WebP": lambda logo, path: _animated(logo, path / "a.webp", lossless=True),
    "APNG": lambda logo, path: _animated(logo, path / "a.apng", format="PNG"),
    "GIF": lambda logo, path: _animated(logo, path / "a.gif", disposal=2),
    "ProRes 4444": lambda logo, path: _clip(
        logo, path / "a.mov", "-c:v", "prores_ks", "-pix_fmt", "yuva444p10le",
    ),
    "QTRLE": lambda logo, path: _clip(logo, path / "a.mov", "-c:v", "qtrle", "-pix_fmt", "argb"),
    "VP9": lambda logo, path: _clip(
        logo, path / "a.webm", "-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-crf", "4",
        "-b:v", "0",
    ),
    "VP8": lambda logo, path: _clip(
        logo, path / "a.webm", "-c:v", "libvpx", "-pix_fmt", "yuva420p", "-auto-alt-ref", "0",
        "-b:v", "4M",
    ),
    "FFV1": lambda logo, path: _clip(
        logo, path / "a.mkv", "-c:v", "ffv1", "-pix_fmt", "yuva444p"
    ),
}  # fmt: skip


ONE_READER: Final = {"APNG", "GIF", "QTRLE", "VP8"}
"""They are read as WebP, ProRes and VP9 are."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.exhaustive] if name in ONE_READER else [])
        for name in CLIPS
    ],
)
def test_an_inset_has_no_box_around_it(
    engine: EngineHarness, tmp_path: Path, logo: Path, film: Callable[[str], Path], name: str
) -> None:
    inset = CLIPS[name](logo, tmp_path)
    params = {"size": 0.8, "position": "center"}
    frame = shown(engine.make("picture_in_picture", params, video=[film("#2060c0")], inset=[inset]))
    assert off(middle(frame), RED) <= 4
    # The corner of the inset's rectangle, and of the frame.
    assert off(frame[22, 92], BLUE) <= 4
    assert off(frame[4, 4], BLUE) <= 4


ON_SOMETHING: Final[dict[str, tuple[str, dict[str, Any], str, tuple[int, int, int]]]] = {
    "keyed": ("colorkey_overlay", {"position": "center"}, "overlay", BLUE),
    "overlay": ("hello_render", HELLO, "overlay", BLUE),
    "backdrop": ("hello_render", HELLO, "bg", BLUE),
    "slides": ("slideshow", {**SLIDE, "color": "#2060c0"}, "pictures", BLUE),
    "moving slides": ("slideshow", {**MOVING, "color": "#2060c0"}, "pictures", BLUE),
    "narration": ("captioned_video", {**SAID, "background_color": "#2060c0"}, "background", BLUE),
    "clips": ("concatenate", {"still_seconds": 0.5}, "clips", (0, 0, 0)),
}


@pytest.mark.parametrize("name", ON_SOMETHING)
def test_a_logo_shows_what_is_behind_it(
    engine: EngineHarness, logo: Path, film: Callable[[str], Path], name: str
) -> None:
    kind, params, key, behind = ON_SOMETHING[name]
    inputs: dict[str, Any] = {key: [logo]}
    if kind == "colorkey_overlay":
        inputs["video"] = [film("#2060c0")]
    duration = 500 if kind == "hello_render" else None
    frame = shown(engine.make(kind, params, size=CANVAS, duration_ms=duration, **inputs))
    assert off(frame[3, 3], behind) <= 4
    assert off(frame[SIZE[1] // 3, SIZE[0] // 2], RED) <= 4


def test_a_transparent_video_lies_on_the_color_of_the_bars(
    engine: EngineHarness, tmp_path: Path, logo: Path
) -> None:
    clip = CLIPS["VP9"](logo, tmp_path)
    params = {"width": SIZE[0], "height": SIZE[1], "color": "#2060c0"}
    frame = shown(engine.make("reframe", params, video=[clip]))
    assert off(middle(frame), RED) <= 4
    assert off(frame[3, 75], BLUE) <= 4


@pytest.mark.parametrize("size", [0.3, 0.7])
def test_edges_have_no_fringe(
    engine: EngineHarness, logo: Path, film: Callable[[str], Path], size: float
) -> None:
    params = {"size": size, "position": "center", "radius": 0.5}
    frame = shown(engine.make("picture_in_picture", params, video=[film("#dc2828")], inset=[logo]))
    assert off(frame, RED) <= 6


def test_a_logo_may_have_odd_sides(engine: EngineHarness, tmp_path: Path, logo: Path) -> None:
    path = tmp_path / "odd.png"
    with Image.open(logo) as image:
        image.resize((101, 57)).save(path)
    made = engine.make("hello_render", HELLO, size=CANVAS, duration_ms=500, overlay=[path])
    assert off(middle(shown(made)), RED) <= 4


def test_a_key_takes_nothing_back_that_was_transparent(
    engine: EngineHarness, tmp_path: Path, film: Callable[[str], Path]
) -> None:
    drawn = Image.new("RGBA", (SIDE, SIDE), (255, 255, 255, 0))
    drawn.paste((*RED, 255), (40, 40, 80, 80))
    drawn.paste((0, 255, 0, 255), (40, 80, 80, 120))
    path = tmp_path / "a.png"
    drawn.save(path)
    params = {"position": "center", "color": "#00ff00"}
    frame = shown(engine.make("colorkey_overlay", params, video=[film("#2060c0")], overlay=[path]))
    assert off(middle(frame), RED) <= 4
    assert off(frame[150, 160], BLUE) <= 4, "keyed"
    assert off(frame[30, 160], BLUE) <= 4, "transparent before"
