"""One frame of a composition: it is that of the film, and needs only what is seen in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gala.errors import Conflict, GalaError, InvalidRequest
from gala.frame_protocol import MISSING, FrameFormat
from gala.media import Format, MediaFacts
from gala.render_types.timeline import TYPE
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.sources import sources_of
from gala_renderer.engine.frames import TimelineFrames
from gala_renderer.timeline.frame import FrameOrder
from tests.support.engine import EngineHarness
from tests.support.films import SIZE, Frames, frames_of, is_near, made, shape
from tests.support.frame_files import File

RATE = SIZE[2]
FRAME = Format(width=SIZE[0], height=SIZE[1], fps=RATE)
MOVED = [{"time": 0, "x": "10%", "rotation": 0}, {"time": "100%", "x": "70%", "rotation": 90}]
FILM: dict[str, Any] = {
    "quality": "production",
    "voice": {"engine": "espeak", "voice": "en-us"},
    "captions": {"style": "karaoke", "font_size": "12%"},
    "scenes": [
        {"voice": "Seven eight.", "elements": [
            {"type": "image", "src": "picture", "motion": "ken-burns"}]},
        {"duration": 1.2, "transition": {"type": "zoom", "duration": 0.4}, "elements": [
            {"type": "video", "src": "video", "trim": {"start": 1}},
            {"type": "text", "text": "Text", "fade_in": 0.3, "position": "top"}]},
        {"duration": 1.2, "transition": {"type": "push-left", "duration": 0.4}, "elements": [
            {"type": "video", "src": "video", "reverse": True},
            {"type": "svg", "position": "bottom-left", "width": "20%", "height": "20%",
             "svg": "<svg viewBox='0 0 2 2'><circle cx='1' cy='1' r='1' fill='red'/></svg>"}]},
    ],
    "tracks": [
        {"clips": [{"type": "video", "src": "other", "loop": True, "width": "30%", "height": "30%",
                    "keyframes": MOVED, "duration": "end"}]},
        {"clips": [shape("white", width="20%", height="20%", position="right", duration=1),
                   shape("black", width="20%", height="20%", position="right", duration=1,
                         transition="slide-up")]},
    ],
}  # fmt: skip


@dataclass
class Drawer:
    engine: EngineHarness
    frames: TimelineFrames

    def draw(
        self, params: Mapping[str, Any], at: float, files: Mapping[str, File], **more: Any
    ) -> bytes:
        parsed = TYPE.params.parse(params)
        assert isinstance(parsed, TimelineParams)
        order = FrameOrder(params=parsed, frame=FRAME, at=at, files=files, **more)
        return self.engine.run(self.frames.draw(order))

    def refusal(self, *given: Any, **more: Any) -> GalaError:
        with pytest.raises(GalaError) as caught:
            self.draw(*given, **more)
        return caught.value


@pytest.fixture(scope="module")
def drawer(engine: EngineHarness) -> Drawer:
    return Drawer(engine, TimelineFrames(engine.engine))


@pytest.fixture(scope="module")
def files(samples: Callable[[str], Path]) -> dict[str, File]:
    names = {"picture": "picture", "video": "video", "other": "other_video"}
    return {name: File(samples(sample)) for name, sample in names.items()}


@pytest.fixture(scope="module")
def film(engine: EngineHarness, files: dict[str, File]) -> Frames:
    sources = sources_of(TYPE.params.parse(FILM))  # type: ignore[arg-type]
    result = made(engine, FILM, *(files[name].path for name in sources))
    return frames_of(result.path("video"))


def pixels(content: bytes) -> Frames:
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture.convert("RGB"))


def psnr(one: Frames, other: Frames) -> float:
    error = np.mean((one.astype(float) - other.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def test_a_frame_is_that_of_the_film(film: Frames, drawer: Drawer, files: dict[str, File]) -> None:
    """In scenes, in transitions of scenes and clips, with words, movement, and videos that repeat
    or play backwards."""
    last = len(film) - 1
    for number in (3, last - 42, last - 30, last - 20, last):
        drawn = pixels(drawer.draw(FILM, number / RATE, files))
        # The frames beside most of these differ by more than 20 dB.
        assert psnr(drawn, film[number]) > 31, number


def test_the_frame_of_a_file_is_decoded_once_for_all_that_is_laid_over_it(
    drawer: Drawer, files: dict[str, File], samples: Callable[[str], Path], tmp_path: Path
) -> None:
    copies = {}
    for name in ("video", "picture"):
        copies[name] = tmp_path / samples(name).name
        copies[name].write_bytes(samples(name).read_bytes())
    given = {name: File(path, mime=files[name].mime) for name, path in copies.items()}
    clips: list[dict[str, Any]] = [
        {"type": "video", "src": "video", "trim": {"start": 1}, "duration": 1},
        {"type": "image", "src": "picture", "width": "30%", "height": "30%", "duration": 1,
         "position": "right"},
    ]  # fmt: skip
    params = {"tracks": [{"clips": [clip]} for clip in clips]}
    drawn = drawer.draw(params, 5 / RATE, given)
    # From here on, the files cannot be decoded any more.
    for path in copies.values():
        path.write_bytes(b"x" * path.stat().st_size)
    assert drawer.draw(params, 5 / RATE, given) == drawn
    above = {"tracks": [*params["tracks"], {"clips": [shape("#ff0000", height="20%")]}]}
    assert psnr(pixels(drawer.draw(above, 5 / RATE, given))[:, :40], pixels(drawn)[:, :40]) > 50
    with pytest.raises(GalaError):
        drawer.draw(params, 15 / RATE, given)


@pytest.mark.parametrize(
    "shown", [{}, {"motion": "zoom-in"}, {"trim": {"start": 0.3}, "reverse": True}, {"speed": 1.3}]
)
def test_frames_beside_one_that_was_drawn_are_those_of_the_film_without_decoding_again(
    shown: dict[str, Any],
    engine: EngineHarness,
    drawer: Drawer,
    samples: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    video = tmp_path / samples("video").name
    video.write_bytes(samples("video").read_bytes())
    clip = {"type": "video", "src": "video", "duration": 1.5, **shown}
    params = {"quality": "production", "tracks": [{"clips": [clip]}]}
    film = frames_of(made(engine, params, video).path("video"))
    files = {"video": File(video)}
    drawer.draw(params, 15 / RATE, files)
    video.write_bytes(b"x" * video.stat().st_size)
    for number in (12, 14, 16, 18):
        assert psnr(pixels(drawer.draw(params, number / RATE, files)), film[number]) > 31, number


def test_what_is_drawn_in_each_frame_and_looks_are_those_of_the_film(
    engine: EngineHarness, drawer: Drawer, files: dict[str, File], tmp_path: Path
) -> None:
    look = tmp_path / "look.cube"
    look.write_text("LUT_3D_SIZE 2\n" + "".join(
        f"{1 - r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1)))  # fmt: skip
    chart = {"type": "chart", "chart": "bar", "values": [{"label": "a", "value": 3}]}
    params = {
        "quality": "production",
        "tracks": [
            {"clips": [{"type": "video", "src": "video", "lut": "look", "duration": 1,
                        "motion": "zoom-in", "mask": {"src": "picture", "mode": "luma"}}]},
            {"clips": [{"type": "countdown", "position": "left", "duration": 1}]},
            {"clips": [{**chart, "position": "top", "width": "60%", "height": "30%",
                        "duration": 1}]},
            {"clips": [{"type": "waveform", "src": "video", "position": "bottom", "duration": 1}]},
        ],
    }  # fmt: skip
    given = {**files, "look": File(look)}
    sources = sources_of(TYPE.params.parse(params))  # type: ignore[arg-type]
    film = frames_of(made(engine, params, *(given[one].path for one in sources)).path("video"))
    assert psnr(pixels(drawer.draw(params, 13 / RATE, given)), film[13]) > 31


def test_a_time_belongs_to_the_frame_that_is_shown_then(drawer: Drawer) -> None:
    params = {"tracks": [{"clips": [shape("#ff0000", keyframes=MOVED, duration=1)]}]}
    exact = drawer.draw(params, 3 / RATE, {})
    assert drawer.draw(params, 3.9 / RATE, {}) == exact
    # Times are often rounded down, to milliseconds or less.
    assert drawer.draw(params, 0.1499999, {}) == exact
    assert drawer.draw(params, 4 / RATE, {}) != exact


def test_only_files_that_are_seen_are_needed(engine: EngineHarness, files: dict[str, File]) -> None:
    drawer = Drawer(engine, TimelineFrames(engine.engine))
    one = {"type": "video", "src": "one"}
    params = {"tracks": [{"clips": [one, {"type": "video", "src": "two"}]}]}
    video = files["video"].path
    facts = MediaFacts(duration_ms=3000, width=320, height=180)
    pair = {"one": File(video, facts, is_there=False), "two": File(video, facts)}
    drawer.draw(params, 4, pair)
    missing = drawer.refusal(params, 1, pair)
    assert isinstance(missing, Conflict)
    assert missing.details[MISSING] == [pair["one"].key]
    # Without facts, its length has to be found out.
    unknown = {"one": File(Path("/unknown"), is_there=False), "two": pair["two"]}
    assert drawer.refusal(params, 4, unknown).details[MISSING] == ["/unknown"]


@pytest.mark.parametrize("form", list(FrameFormat))
def test_a_frame_comes_in_the_wanted_format_and_width(drawer: Drawer, form: FrameFormat) -> None:
    params = {"tracks": [{"clips": [shape("#ff0000")]}]}
    with Image.open(io.BytesIO(drawer.draw(params, 0, {}, format=form, width=80))) as picture:
        assert (picture.format, picture.size) == (form.upper(), (80, 60))
        assert np.abs(np.asarray(picture.convert("RGB"), int) - (255, 0, 0)).max() < 12


def test_a_transparent_film_has_transparent_frames(drawer: Drawer) -> None:
    params = {"transparent": True, "file_format": "webm",
              "tracks": [{"clips": [shape("#ff0000", width="50%", height="50%")]}]}  # fmt: skip
    with Image.open(io.BytesIO(drawer.draw(params, 0, {}))) as picture:
        assert picture.getpixel((2, 2)) == (0, 0, 0, 0)
        assert picture.getpixel((80, 60))[3] == 255  # type: ignore[index]
    refused = drawer.refusal(params, 0, {}, format=FrameFormat.JPEG)
    assert refused.details["field"] == "format"


def test_a_text_that_is_changed_is_measured_again(drawer: Drawer, engine: EngineHarness) -> None:
    text = {"type": "text", "box_color": "#ff0000", "font_size": "10%", "duration": 1}
    for changed in ({"text": "A"}, {"text": "AAA"}, {"text": "AAA", "bold": True}):
        params = {"tracks": [{"clips": [text | changed]}]}
        shown = [drawer.draw(params, 0, {}) for _ in range(2)]
        fresh = Drawer(engine, TimelineFrames(engine.engine)).draw(params, 0, {})
        assert shown == [fresh, fresh]


def test_a_time_after_the_end_is_refused(drawer: Drawer) -> None:
    params = {"tracks": [{"clips": [shape("#ff0000", duration=2)]}]}
    refused = drawer.refusal(params, 2, {})
    assert isinstance(refused, InvalidRequest)
    assert (refused.details["field"], "ends at 2 s" in refused.message) == ("at", True)


def test_a_font_that_is_not_installed_is_refused_with_its_place(drawer: Drawer) -> None:
    text = {"type": "text", "text": "a", "font": "Nope", "duration": 1}
    refused = drawer.refusal({"tracks": [{"clips": [text]}]}, 0, {})
    assert isinstance(refused, InvalidRequest)
    assert refused.details["field"] == "/tracks/0/clips/0/font"


def test_a_file_that_is_not_given_is_named(drawer: Drawer) -> None:
    params = {"tracks": [{"clips": [{"type": "image", "src": "nothing"}]}]}
    assert drawer.refusal(params, 0, {}).details["field"] == "params.tracks.0.clips.0.src"


def test_a_group_is_drawn_as_a_whole_in_a_frame_if_it_is_in_the_film(
    engine: EngineHarness, drawer: Drawer
) -> None:
    blended = shape("red", blend="multiply")
    group = {"type": "group", "duration": 1, "elements": [blended, shape("lime", width="20%")]}
    # Blended with the film itself, red would be black. The next clip makes a picture of the group.
    film = {
        "background": "blue",
        "tracks": [{"clips": [group, shape("white", duration=1, transition="fade")]}],
    }
    seen = frames_of(made(engine, film).path("video"))[2]
    alone = np.asarray(Image.open(io.BytesIO(drawer.draw(film, 2 / RATE, {}))).convert("RGB"))
    assert is_near(seen[10, 10], (255, 0, 0))
    assert is_near(alone[10, 10], (255, 0, 0))


def test_equal_pictures_are_in_each_frame_of_one_moment(
    drawer: Drawer, files: dict[str, File]
) -> None:
    picture = {"type": "image", "src": "picture", "width": "40%"}
    places = [{**picture, "x": "25%"}, {**picture, "x": "25%"}, {**picture, "x": "75%"}]
    params = {"background": "blue", "scenes": [{"duration": 1, "elements": places}]}
    # The first one leaves what the others take.
    drawn = [pixels(drawer.draw(params, at / RATE, files)) for at in (0, 0, 1)]
    assert np.abs(drawn[0][:, : SIZE[0] // 2].astype(int) - drawn[0][:, SIZE[0] // 2 :]).max() < 16
    assert all(psnr(drawn[0], one) > 40 for one in drawn[1:])


def test_a_group_with_a_mask_is_drawn_beside_elements_that_are_not_seen_yet(
    engine: EngineHarness, drawer: Drawer
) -> None:
    moves = [
        {"time": 0, "scale": 0.5, "rotation": 0},
        {"time": "100%", "scale": 1.5, "rotation": 35},
    ]
    word = {"type": "text", "text": "A", "font_size": "40%"}
    group = {"type": "group", "elements": [word], "mask": "circle", "keyframes": moves}
    later = shape("red", start=0.5, duration=0.5, width="10%", position="top-left")
    film = {"background": "blue", "tracks": [{"clips": [later]}, {"clips": [group]}]}
    seen = frames_of(made(engine, film).path("video"))[2]
    assert psnr(pixels(drawer.draw(film, 2 / RATE, {})), seen) > 31
