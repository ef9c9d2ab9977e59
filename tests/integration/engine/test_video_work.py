"""The results of the video types, compared frame by frame."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy
import pytest
from PIL import Image

from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.media_probe import has_audio, level_db, read_frames, read_samples

Samples = Callable[[str], Path]
FAST = {"quality": "draft"}
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2 seconds at 20 frames per second, each with its number in bars, and a rising tone."""
    path = tmp_path_factory.mktemp("counting") / "counting.mp4"
    light = "30+190*mod(floor(N/pow(2,floor(X/8))),2)"
    bars = f"color=black:s=64x48:r=20:d=2,format=yuv420p,geq=lum='{light}':cb=128:cr=128"
    tone = "aevalsrc='(0.1+0.3*t)*sin(2*PI*440*t)':d=2:s=48000"
    make(path, "-f", "lavfi", "-i", bars, "-f", "lavfi", "-i", tone, *X264, "-qp", "4", "-bf", "2",
         "-colorspace", "bt709", "-c:a", "aac")  # fmt: skip
    return path


def numbers(path: Path) -> list[int]:
    """Return the number of each frame, as drawn by ``counting``."""
    _, frames = read_frames(path)
    return [number(frame) for frame in frames]


def number(frame: Any) -> int:
    """Decode a frame's number: eight bars, the lowest bit on the left."""
    bars = numpy.array_split(frame[frame.shape[0] // 4 : -frame.shape[0] // 4], 8, axis=1)
    return sum((bar[:, 1:-1].mean() > 128) << bit for bit, bar in enumerate(bars))


def assert_steady(path: Path, rate: int, frames: int) -> None:
    times, _ = read_frames(path)
    assert len(times) == frames
    assert times[0] == 0
    gaps = [float(after - before) for before, after in pairwise(times)]
    assert gaps == pytest.approx([1 / rate] * (frames - 1), abs=1e-4)


def colour(frame: Any, x: float, y: float) -> tuple[int, ...]:
    return tuple(int(part) for part in frame[int(y * frame.shape[0]), int(x * frame.shape[1])])


def near(one: tuple[int, ...], other: tuple[int, ...], off: int = 12) -> bool:
    return all(abs(a - b) <= off for a, b in zip(one, other, strict=True))


def test_a_reversed_video_has_every_frame_once_from_last_to_first(
    engine: EngineHarness, counting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small parts, so that several are concatenated.
    monkeypatch.setattr("gala_renderer.types.reverse._PART_BYTES", 64 * 48 * 3 * 11 // 2)
    made = engine.make("reverse", FAST, video=counting)
    assert numbers(made.path("video")) == list(reversed(range(40)))
    assert_steady(made.path("video"), 20, 40)
    rate, samples = read_samples(made.path("video"))
    tenth = rate // 5
    levels = [level_db(samples[:, at : at + tenth]) for at in range(0, rate * 2 - tenth, tenth)]
    assert levels == sorted(levels, reverse=True), "the tone falls now"
    assert numpy.abs(numpy.diff(samples[0][2000:-2000])).max() < 0.06, "no join clicks"
    assert made.fractions == sorted(made.fractions)


def test_repetitions_are_whole_and_copied(engine: EngineHarness, counting: Path) -> None:
    made = engine.make("loop", {"count": 3, **FAST}, video=counting)
    assert numbers(made.path("video")) == list(range(40)) * 3
    assert_steady(made.path("video"), 20, 120)
    source, copied = read_frames(counting)[1], read_frames(made.path("video"))[1]
    assert numpy.array_equal(copied, numpy.concatenate([source] * 3)), "bit for bit"


def test_a_loop_ends_at_the_frame_that_its_length_says(
    engine: EngineHarness, counting: Path
) -> None:
    made = engine.make("loop", {"duration": 4.5, **FAST}, video=counting)
    assert numbers(made.path("video")) == [*range(40), *range(40), *range(10)]
    assert_steady(made.path("video"), 20, 90)
    rate, samples = read_samples(made.path("video"))
    assert samples.shape[1] / rate == pytest.approx(4.5, abs=0.03)


def test_a_loop_may_be_shorter_than_its_source(engine: EngineHarness, counting: Path) -> None:
    made = engine.make("loop", {"duration": "0:00.5", **FAST}, video=counting)
    assert numbers(made.path("video")) == list(range(10))


@pytest.mark.parametrize(
    "codec",
    [
        pytest.param(("mpeg4", "-q:v", "2", "-g", "10"), marks=pytest.mark.exhaustive),
        ("copy",),
    ],
    ids=["encoded whole", "spliced"],
)
def test_as_many_parts_are_cut_as_may_be_asked_for(
    engine: EngineHarness, counting: Path, tmp_path: Path, codec: tuple[str, ...]
) -> None:
    other = make(tmp_path / "other.mkv", "-i", str(counting), "-c:a", "copy", "-c:v", *codec)
    first = [at * 7 % 39 for at in range(500)]
    ranges = [{"start": at / 20, "end": (at + 1) / 20} for at in first]
    made = engine.make("cut", {"ranges": ranges, **FAST}, media=other)
    assert numbers(made.path("video")) == first
    assert_steady(made.path("video"), 20, 500)
    rate, samples = read_samples(made.path("video"))
    assert samples.shape[1] / rate == pytest.approx(25, abs=0.03)


@pytest.fixture(scope="module")
def hiding(counting: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same from 0.5 seconds on: the earlier part is stored but hidden by an edit list."""
    path = tmp_path_factory.mktemp("hiding") / "hiding.mp4"
    return make(path, "-ss", "0.5", "-i", str(counting), "-c", "copy")


@pytest.mark.parametrize(
    ("type_name", "name"), [("loop", "video"), ("merge", "videos"), ("concatenate", "clips")]
)
def test_frames_that_an_edit_list_hides_stay_hidden_and_nothing_stands_still(
    engine: EngineHarness, hiding: Path, type_name: str, name: str
) -> None:
    assert numbers(hiding) == list(range(10, 40))
    given: dict[str, Any] = {name: hiding if type_name == "loop" else [hiding, hiding]}
    params = {"count": 2} if type_name == "loop" else {}
    made = engine.make(type_name, {**params, **FAST}, **given)
    assert numbers(made.path("video")) == [*range(10, 40)] * 2
    assert_steady(made.path("video"), 20, 60)


@pytest.mark.parametrize(("factor", "frames"), [(0.25, 160), (0.5, 80), (2, 20), (8, 5)])
def test_speed_keeps_the_frame_rate_and_the_pitch(
    engine: EngineHarness, counting: Path, factor: float, frames: int
) -> None:
    made = engine.make("speed", {"factor": factor, **FAST}, video=counting)
    assert_steady(made.path("video"), 20, frames)
    seen = numbers(made.path("video"))
    assert seen == pytest.approx([n * factor for n in range(frames)], abs=max(1.0, factor / 2 + 1))
    rate, samples = read_samples(made.path("video"))
    assert samples.shape[1] / rate == pytest.approx(2 / factor, abs=0.06)
    middle = samples[0][samples.shape[1] // 4 : -(samples.shape[1] // 4)]
    spectrum = numpy.abs(numpy.fft.rfft(middle * numpy.hanning(len(middle))))
    assert spectrum.argmax() * rate / len(middle) == pytest.approx(440, abs=12)


@pytest.mark.parametrize("fit", ["contain", "cover", "blur"])
def test_a_video_comes_whole_or_filling_on_another_frame(
    engine: EngineHarness, tmp_path: Path, fit: str
) -> None:
    drawn = "color=red:s=160x80:r=10:d=0.5,drawbox=x=60:y=20:w=40:h=40:c=blue:t=fill"
    wide = make(tmp_path / "wide.mp4", "-f", "lavfi", "-i", drawn, *X264)
    params = {"width": 80, "height": 160, "fit": fit, "color": "lime", **FAST}
    made = engine.make("reframe", params, video=wide)
    _, frames = read_frames(made.path("video"), form="rgb24")
    frame = frames[2]
    assert frame.shape[:2] == (160, 80)
    assert near(colour(frame, 0.5, 0.5), (0, 0, 254), 20)
    top = colour(frame, 0.5, 0.04)
    if fit == "contain":
        assert near(top, (0, 255, 0), 20)
    elif fit == "cover":
        assert top[2] > 150 or top[0] > 150
        assert not near(top, (0, 255, 0), 60)
    else:
        assert near(colour(frame, 0.05, 0.04), (230, 0, 0), 60)
    assert not has_audio(made.path("video"))


def test_a_crop_shows_just_that_part(engine: EngineHarness, tmp_path: Path) -> None:
    drawn = "color=red:s=160x80:r=10:d=0.5,drawbox=x=60:y=20:w=40:h=40:c=blue:t=fill"
    wide = make(tmp_path / "wide.mp4", "-f", "lavfi", "-i", drawn, *X264)
    crop = {"x": 60, "y": 20, "width": 40, "height": 40}
    made = engine.make("reframe", {"crop": crop, **FAST}, video=wide)
    frame = read_frames(made.path("video"), form="rgb24")[1][2]
    assert frame.shape[:2] == (40, 40)
    assert all(near(colour(frame, x, y), (0, 0, 254), 20) for x in (0.1, 0.9) for y in (0.1, 0.9))
    outside = {**crop, "width": 140}
    error = engine.make("reframe", {"crop": outside}, video=wide).error
    assert error.code == "VALIDATION_ERROR"
    assert "params.crop" in error.message


def test_the_green_goes_and_the_rest_stays(engine: EngineHarness, tmp_path: Path) -> None:
    """The overlay lasts 1 second, the base video 2: it repeats."""
    below = make(tmp_path / "below.mp4", "-f", "lavfi", "-i", "color=blue:s=160x160:r=10:d=2",
                 "-f", "lavfi", "-i", "sine=f=440:d=2", *X264, "-c:a", "aac")  # fmt: skip
    drawn = "color=0x00ff00:s=80x80:r=10:d=1,drawbox=x=20:y=20:w=40:h=40:c=red:t=fill"
    above = make(tmp_path / "above.mp4", "-f", "lavfi", "-i", drawn, *X264)
    params = {"color": "lime", "similarity": 0.2, "scale": 0.5, "position": "top-left", **FAST}
    made = engine.make("colorkey_overlay", params, video=below, overlay=above)
    times, frames = read_frames(made.path("video"), form="rgb24")
    assert len(times) == 20
    for frame in (frames[1], frames[18]):
        assert near(colour(frame, 0.25, 0.25), (254, 0, 0), 20), "the foreground"
        assert near(colour(frame, 0.05, 0.05), (0, 0, 254), 20), "where it was green"
        assert near(colour(frame, 0.75, 0.75), (0, 0, 254), 20), "beside it"
    assert has_audio(made.path("video"))


@pytest.mark.parametrize(
    ("type_name", "params"),
    [
        ("add_text", {"text": "."}),
        ("concatenate", {"transition": "crossfade"}),
        ("picture_in_picture", {}),
        ("speed", {"factor": 2}),
    ],
)
def test_a_turned_video_whose_pixels_are_not_square_keeps_its_shape(
    engine: EngineHarness, tmp_path: Path, type_name: str, params: dict[str, Any]
) -> None:
    # Shown 192 wide and 64 high, with a square in its middle; then turned.
    drawn = "color=red:s=96x64:r=10:d=0.4,drawbox=x=36:y=8:w=24:h=48:c=blue:t=fill,setsar=2/1"
    wide = make(tmp_path / "wide.mp4", "-f", "lavfi", "-i", drawn, *X264)
    turned = make(tmp_path / "turned.mp4", "-display_rotation", "90", "-i", str(wide), "-c", "copy")
    inputs: dict[str, Any] = {"video": turned}
    if type_name == "concatenate":
        inputs = {"clips": [turned, turned]}
    if type_name == "picture_in_picture":
        inputs["inset"] = make(
            tmp_path / "dot.png", "-f", "lavfi", "-i", "color=s=4x4", "-frames:v", "1"
        )
        params = {"size": 0.05, "position": "top-left"}
    made = engine.make(type_name, {**params, **FAST}, **inputs)
    _, frames = read_frames(made.path("video"), form="rgb24")
    height, width = frames[1].shape[:2]
    assert height == 3 * width
    blue = (frames[1].astype(int) - (0, 0, 254)).__abs__().max(axis=2) < 60
    rows, columns = numpy.flatnonzero(blue.any(axis=1)), numpy.flatnonzero(blue.any(axis=0))
    assert len(rows) == pytest.approx(len(columns), abs=2)
    info = json.loads(engine.make("probe", media=turned).path("info").read_text())
    assert info["aspect_ratio"] == "1:3"


def test_an_inset_has_round_corners_a_border_and_its_time(
    engine: EngineHarness, tmp_path: Path
) -> None:
    below = make(tmp_path / "b.mp4", "-f", "lavfi", "-i", "color=blue:s=320x320:r=10:d=2", *X264)
    above = make(tmp_path / "a.mp4", "-f", "lavfi", "-i", "color=red:s=80x80:r=10:d=2", *X264)
    params = {
        "size": 0.5, "position": "center", "radius": 0.5, "border_width": 8,
        "border_color": "white", "start": 0.5, "end": 1.5, **FAST,
    }  # fmt: skip
    made = engine.make("picture_in_picture", params, video=below, inset=above)
    _, frames = read_frames(made.path("video"), form="rgb24")
    assert near(colour(frames[2], 0.5, 0.5), (0, 0, 254), 20), "before its time"
    assert near(colour(frames[10], 0.5, 0.5), (254, 0, 0), 20)
    assert near(colour(frames[10], 0.27, 0.27), (0, 0, 254), 20), "outside the circle"
    assert near(colour(frames[10], 0.2625, 0.5), (255, 255, 255), 40), "the border"
    assert near(colour(frames[18], 0.5, 0.5), (0, 0, 254), 20), "after its time"


def test_an_inset_that_is_shorter_than_a_frame_of_the_video_is_seen_in_one(
    engine: EngineHarness, tmp_path: Path
) -> None:
    below = make(tmp_path / "b.mp4", "-f", "lavfi", "-i", "color=blue:s=320x320:r=10:d=1", *X264)
    # With sound, or it would be a picture.
    above = make(tmp_path / "a.mp4", "-f", "lavfi", "-i", "color=red:s=80x80:r=25:d=0.04",
                 "-f", "lavfi", "-i", "sine=d=0.04", *X264, "-c:a", "aac")  # fmt: skip
    params = {"size": 0.5, "position": "center", "radius": 0.5, "start": 0.5, **FAST}
    made = engine.make("picture_in_picture", params, seconds=30, video=below, inset=above)
    _, frames = read_frames(made.path("video"), form="rgb24")
    seen = [near(colour(frame, 0.5, 0.5), (254, 0, 0), 20) for frame in frames]
    assert seen == [*([False] * 5), True, *([False] * 4)]


def test_the_inset_may_be_the_one_that_is_heard(
    engine: EngineHarness, samples: Samples, counting: Path
) -> None:
    params = {"sound": "inset", "start": 1.0, **FAST}
    made = engine.make("picture_in_picture", params, video=samples("video"), inset=counting)
    rate, heard_samples = read_samples(made.path("video"))
    assert level_db(heard_samples[:, : rate // 2]) < -60
    assert level_db(heard_samples[:, 2 * rate : 2 * rate + rate // 2]) > -20


def test_a_preview_moves_is_small_and_repeats(engine: EngineHarness, counting: Path) -> None:
    for form, magic in (("gif", b"GIF8"), ("webp", b"RIFF")):
        params = {"preview_format": form, "start": 0.5, "duration": 1.0, "fps": 10, "width": 32}
        made = engine.make("preview", params, video=counting)
        assert made.path("preview").read_bytes()[:4] == magic
        with Image.open(made.path("preview")) as image:
            assert image.size == (32, 24)
            assert getattr(image, "n_frames", 1) == 10
            assert image.info.get("loop") == 0
            seen = []
            for at in (0, 9):
                image.seek(at)
                seen.append(number(numpy.asarray(image.convert("L"))))
        assert seen == [10, 28]
        assert made.outputs["preview"].mime == f"image/{form}"


def test_a_preview_past_the_end_is_refused(engine: EngineHarness, counting: Path) -> None:
    error = engine.make("preview", {"start": 5}, video=counting).error
    assert error.code == "VALIDATION_ERROR"
    assert "params.start" in error.message


def test_frames_come_from_the_times_asked_for(engine: EngineHarness, counting: Path) -> None:
    params = {"timestamps": [0, "0:01.02", 1.999, 100], "picture_format": "png", "columns": 2}
    made = engine.make("frames", params, video=counting)
    with zipfile.ZipFile(made.path("frames")) as archive:
        names = archive.namelist()
        seen = [_number(archive.read(name)) for name in names]
    assert names[1] == "frame-0002-1.020s.png"
    assert seen == [0, 20, 39, 34]
    with Image.open(made.path("contact_sheet")) as sheet:
        assert sheet.size[0] <= 1600
        assert sheet.format == "JPEG"


def test_frames_are_taken_every_so_often_or_spread(engine: EngineHarness, counting: Path) -> None:
    for params, expected in (({"every": 0.5}, [0, 10, 20, 30]), ({"count": 4}, [5, 15, 25, 35])):
        made = engine.make("frames", {**params, "picture_format": "png"}, video=counting)
        with zipfile.ZipFile(made.path("frames")) as archive:
            assert [_number(archive.read(name)) for name in archive.namelist()] == expected


def _number(png: bytes) -> int:
    with Image.open(io.BytesIO(png)) as image:
        return number(numpy.asarray(image.convert("L")))


def test_a_thumbnail_past_the_end_is_taken_shortly_before_it(
    engine: EngineHarness, counting: Path
) -> None:
    made = engine.make("thumbnail", {"timestamp": 60, "picture_format": "png"}, video=counting)
    assert _number(made.path("thumbnail").read_bytes()) == 34


def test_the_most_telling_frame_is_not_a_black_one(engine: EngineHarness, tmp_path: Path) -> None:
    drawn = "color=black:s=64x64:r=10:d=3[a];testsrc2=s=64x64:r=10:d=1[b];[a][b]concat"
    video = make(tmp_path / "late.mp4", "-f", "lavfi", "-i", drawn, *X264)
    made = engine.make("thumbnail", {}, video=video)
    with Image.open(made.path("thumbnail")) as image:
        assert numpy.asarray(image.convert("L")).std() > 30


def test_a_picture_can_have_a_thumbnail_too(engine: EngineHarness, samples: Samples) -> None:
    made = engine.make("thumbnail", {"width": 100}, video=samples("picture"))
    with Image.open(made.path("thumbnail")) as image:
        assert image.size == (100, 75)


def test_slides_follow_each_other_with_their_transitions(
    engine: EngineHarness, tmp_path: Path
) -> None:
    colours = ["red", "lime", "blue"]
    slides = [
        make(
            tmp_path / f"{name}.png", "-f", "lavfi", "-i", f"color={name}:s=90x90", "-frames:v", "1"
        )
        for name in colours
    ]
    params = {"seconds_each": 1.0, "transition_seconds": 0.4, **FAST}
    made = engine.make("slideshow", params, size=(64, 96, 10), pictures=slides)
    times, frames = read_frames(made.path("video"), form="rgb24")
    assert len(times) == 3 * 10 - 2 * 4
    seen = [colour(frames[at], 0.5, 0.5) for at in (2, 11, 20)]
    assert near(seen[0], (254, 0, 0), 20)
    assert near(seen[1], (0, 255, 0), 20)
    assert near(seen[2], (0, 0, 254), 20)
    assert not near(colour(frames[8], 0.5, 0.5), (254, 0, 0), 60), "half-way over"


@pytest.mark.parametrize(
    ("transition", "middle"), [("fade-white", (255, 255, 255)), ("push-left", (254, 0, 0))]
)
def test_slides_have_the_transitions_of_timelines(
    engine: EngineHarness, tmp_path: Path, transition: str, middle: tuple[int, int, int]
) -> None:
    slides = [
        make(tmp_path / f"{name}.png", "-f", "lavfi", "-i", f"color={name}:s=64x96",
             "-frames:v", "1")
        for name in ("red", "blue")
    ]  # fmt: skip
    params = {"seconds_each": 1.0, "transition": transition, "transition_seconds": 0.5, **FAST}
    made = engine.make("slideshow", params, size=(64, 96, 10), pictures=slides)
    _, frames = read_frames(made.path("video"), form="rgb24")
    assert near(colour(frames[7], 0.1, 0.5), middle, 40)


@pytest.mark.parametrize("frame", [32, 47, 58])
def test_each_frame_of_a_video_without_key_frames_is_found(
    engine: EngineHarness, tmp_path: Path, frame: int
) -> None:
    film = make(
        tmp_path / "refreshed.mp4", "-f", "lavfi",
        "-i", "color=black:s=480x64:r=10:d=6,format=yuv420p,geq=lum=20+3*N:cb=128:cr=128",
        "-c:v", "libx264", "-x264-params", "intra-refresh=1:keyint=25:bframes=0",
    )  # fmt: skip
    clip = {"type": "video", "src": "a", "trim": {"start": frame / 10}}
    params = {"scenes": [{"elements": [clip], "duration": 0.1}], "quality": "production"}
    made = engine.make("timeline", params, size=(64, 64, 10), media=[film])
    _, shown = read_frames(made.path("video"))
    # Gray has the full range of values, the video has not.
    assert abs(int(shown[0, 32, 32]) - (4 + 3 * frame) * 255 / 219) < 2


def test_slides_can_zoom_out(engine: EngineHarness, samples: Samples) -> None:
    shown = {}
    for motion in ("zoom-in", "zoom-out"):
        params = {
            "seconds_each": 1.0,
            "transition": "none",
            "motion": {"effect": motion, "zoom_factor": 0.01},
            **FAST,
        }
        made = engine.make("slideshow", params, size=(90, 160, 10), pictures=[samples("picture")])
        shown[motion] = read_frames(made.path("video"))[1].astype(int)
    assert numpy.abs(shown["zoom-in"][0] - shown["zoom-out"][-1]).mean() < 2
    assert numpy.abs(shown["zoom-in"][0] - shown["zoom-out"][0]).mean() > 2


def test_moving_slides_move_and_music_lasts_to_the_end(
    engine: EngineHarness, samples: Samples
) -> None:
    params = {
        "seconds_each": 1.0, "transition": "none",
        "motion": {"effect": "pan", "speed": "fast"}, **FAST,
    }  # fmt: skip
    pictures = [samples("picture"), samples("other_picture"), samples("picture")]
    made = engine.make(
        "slideshow", params, size=(90, 160, 10), pictures=pictures, music=samples("song")
    )
    times, frames = read_frames(made.path("video"))
    assert len(times) == 30
    changes = numpy.abs(numpy.diff(frames.astype(int), axis=0)).mean(axis=(1, 2))
    assert changes.min() > 0.2, "no frame is like the one before"
    rate, music = read_samples(made.path("video"))
    assert music.shape[1] / rate == pytest.approx(3.0, abs=0.03)
    assert level_db(music[:, rate : 2 * rate]) > -25
    assert made.fractions == sorted(made.fractions)


def test_merged_clips_keep_their_voice_and_music_is_as_loud_as_asked(
    engine: EngineHarness, tmp_path: Path
) -> None:
    sound = ("-f", "lavfi", "-i", "sine=f=440:d=1:r=48000,volume=6dB")
    first = make(tmp_path / "1.mp4", "-f", "lavfi", "-i", "color=red:s=96x64:r=10:d=1", *sound,
                 *X264, "-c:a", "aac")  # fmt: skip
    second = make(tmp_path / "2.mp4", "-f", "lavfi", "-i", "color=blue:s=64x96:r=25:d=1", *X264)
    music = make(tmp_path / "m.wav", "-f", "lavfi", "-i", "sine=f=1000:d=0.5:r=44100")
    params = {"music_volume": 0.5, "music_fade": 0, **FAST}
    made = engine.make("merge", params, videos=[first, second], music=music)
    times, frames = read_frames(made.path("video"), form="rgb24")
    assert len(times) == 50, "the highest rate of the clips"
    assert near(colour(frames[10], 0.5, 0.5), (254, 0, 0), 20)
    assert near(colour(frames[35], 0.5, 0.5), (0, 0, 254), 20)
    assert near(colour(frames[35], 0.05, 0.5), (0, 0, 0), 12), "letterboxed"
    rate, samples = read_samples(made.path("video"))
    voice, tone = _bands(samples[0][rate // 4 : 3 * rate // 4], rate)
    alone = _bands(read_samples(first)[1][0][rate // 4 : 3 * rate // 4], rate)[0]
    assert voice == pytest.approx(alone, abs=0.3), "the voice keeps its level"
    later = _bands(samples[0][rate + rate // 4 : rate + 3 * rate // 4], rate)
    assert later[1] == pytest.approx(tone, abs=0.5)
    assert later[0] < -60, "silence where the clip has none"
    original = _bands(read_samples(music)[1][0][: rate // 2], 44100)[1]
    assert tone == pytest.approx(original - 6.02, abs=0.7)


def test_clips_that_agree_are_copied_under_the_music(
    engine: EngineHarness, counting: Path, samples: Samples
) -> None:
    made = engine.make("merge", FAST, videos=[counting, counting], music=samples("song"))
    assert numbers(made.path("video")) == list(range(40)) * 2
    assert_steady(made.path("video"), 20, 80)
    source = read_frames(counting)[1]
    assert numpy.array_equal(
        read_frames(made.path("video"))[1], numpy.concatenate([source, source])
    )
    rate, samples_heard = read_samples(made.path("video"))
    assert samples_heard.shape[1] / rate == pytest.approx(4.0, abs=0.03)
    assert made.fractions == sorted(made.fractions)
    assert made.fractions[-1] == 1


def test_music_falls_under_a_voice_by_what_is_asked(engine: EngineHarness, tmp_path: Path) -> None:
    sound = ("-f", "lavfi", "-i", "sine=f=440:d=3:r=48000,volume='if(lt(t,1.5),2,0)':eval=frame")
    clip = make(tmp_path / "1.mp4", "-f", "lavfi", "-i", "color=red:s=64x64:r=10:d=4", *sound,
                *X264, "-c:a", "aac")  # fmt: skip
    music = make(tmp_path / "m.wav", "-f", "lavfi", "-i", "sine=f=1000:d=1:r=48000")
    params = {"music_volume": 1, "music_fade": 0, "ducking_db": 12, **FAST}
    made = engine.make("merge", params, videos=[clip], music=music)
    rate, samples = read_samples(made.path("video"))
    under = _bands(samples[0][rate // 2 : rate * 5 // 4], rate)[1]
    alone = _bands(samples[0][rate * 3 : rate * 15 // 4], rate)[1]
    assert alone - under == pytest.approx(12, abs=1)


def _bands(samples: Any, rate: int) -> tuple[float, float]:
    """Return the levels in decibels around 440 and 1000 hertz."""
    spectrum = numpy.abs(numpy.fft.rfft(samples * numpy.hanning(len(samples)))) / len(samples) * 4
    places = numpy.fft.rfftfreq(len(samples), 1 / rate)

    def band(centre: float) -> float:
        part = spectrum[(places > centre - 40) & (places < centre + 40)]
        return float(20 * numpy.log10(max(1e-9, numpy.sqrt(numpy.square(part).sum() / 1.5))))

    return band(440), band(1000)
