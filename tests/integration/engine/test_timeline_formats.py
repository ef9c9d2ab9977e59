"""A composition becomes a film of any format, with pictures and subtitles beside it."""

from __future__ import annotations

import wave
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from gala.errors import InvalidRequest
from gala.timeline.problems import InvalidTimeline
from gala_renderer.ffmpeg import audio_filters
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness, Made
from tests.support.films import frames_of, is_near, made, shape

SIZE = (160, 90, 10)
FILM: dict[str, Any] = {
    "quality": "draft",
    "background": "#204060",
    "duration": 1,
    "tracks": [
        {"clips": [shape("#e01020", width="50%", height="50%")]},
        {"clips": [shape("white", width="10%", height="10%", position="top-right", start=0.5)]},
        {"clips": [{"type": "audio", "src": "song", "duration": "end"}]},
    ],
}


@pytest.fixture(scope="module")
def written(engine: EngineHarness, samples: Callable[[str], Path]) -> Callable[..., Made]:
    def make(size: tuple[int, int, int] = SIZE, **params: Any) -> Made:
        return engine.make("timeline", {**FILM, **params}, size=size, media=[samples("song")])

    return make


@pytest.mark.parametrize(
    ("params", "codecs"),
    [
        ({"codec": "hevc"}, ("hevc", "aac")),
        ({"codec": "av1"}, ("av1", "aac")),
        ({"file_format": "webm"}, ("vp9", "opus")),
        ({"file_format": "mov", "codec": "prores"}, ("prores", "pcm_s16le")),
        ({"file_format": "mp3"}, ("mp3",)),
    ],
)
def test_a_film_has_the_codecs_of_its_format(
    written: Callable[..., Made], params: dict[str, Any], codecs: tuple[str, ...]
) -> None:
    with av.open(written(**params).path("video")) as film:
        names = [stream.codec_context.codec.canonical_name for stream in film.streams]
        assert tuple(names) == codecs
        assert abs((film.duration or 0) / av.time_base - 1) < 0.06


@pytest.mark.parametrize("name", ["gif", "webp", "png"])
def test_a_transparent_picture_shows_what_is_behind_it(
    written: Callable[..., Made], name: str
) -> None:
    made = written(file_format=name, transparent=True)
    assert made.outputs["video"].mime == f"image/{name}"
    with Image.open(made.path("video")) as picture:
        assert getattr(picture, "n_frames", 1) == (1 if name == "png" else 10)
        pixels = np.asarray(picture.convert("RGBA"))
    assert pixels[5, 5, 3] == 0
    assert pixels[45, 80, 3] == 255
    assert is_near(pixels[45, 80, :3], (0xE0, 0x10, 0x20), 16)


def test_a_transparent_film_has_opacity(written: Callable[..., Made]) -> None:
    made = written(file_format="mov", transparent=True)
    with av.open(made.path("video")) as film:
        frame = next(film.decode(video=0)).to_ndarray(format="rgba")
    assert frame[5, 5, 3] == 0
    assert frame[45, 80, 3] == 255


BRIGHTNESS = np.array([0.2126, 0.7152, 0.0722])
EDGES: dict[str, Any] = {
    "quality": "production",
    "scenes": [{"duration": 0.3}, {"duration": 0.2}],
    "tracks": [
        {"clips": [shape("white", shape="ellipse", width="50%", height="70%")]},
        {"clips": [{"type": "text", "text": "Edge", "font_size": "25%", "color": "#ffe040",
                    "box_color": None}]},
        {"clips": [shape("#ff2020", width="20%", height="20%", position="left", rotation=30)]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", ["webm", "mov"])
def test_a_transparent_film_over_a_color_has_no_fringe(
    engine: EngineHarness, tmp_path: Path, name: str
) -> None:
    size, color = (320, 180, 10), "0x2080ff"
    wanted = {**EDGES, "file_format": name, "transparent": True}
    made = engine.make("timeline", wanted, size=size)
    assert any(line.startswith("parts of the film: 2") for line in made.logs)
    clear = made.path("video")
    filled = engine.make("timeline", {**EDGES, "background": "#2080ff"}, size=size).path("video")
    decoder = ("-c:v", "libvpx-vp9") if name == "webm" else ()
    behind = ("-f", "lavfi", "-i", f"color={color}:s=320x180:r=10:d=0.5")
    graph = "[0:v]format=gbrp[b];[b][1:v]overlay=format=gbrp:shortest=1"
    over = make(tmp_path / "over.mkv", *behind, *decoder, "-i", str(clear), "-filter_complex",
                graph, "-c:v", "ffv1")  # fmt: skip
    # A fringe would be a dark or white line along each edge. Colors are coarser in MP4.
    composed, expected = (frames_of(path) @ BRIGHTNESS for path in (over, filled))
    assert len(composed) == len(expected) == 5
    for number in (2, 4):  # one of each part
        apart = np.abs(composed[number] - expected[number])
        assert apart.mean() < 2
        assert apart.max() < 45


def test_poster_and_contact_sheet_are_made_in_the_same_run(written: Callable[..., Made]) -> None:
    made = written(poster=0.5, contact_sheet=True)
    assert set(made.outputs) == {"video", "thumbnail", "timeline", "poster", "contact_sheet"}
    with Image.open(made.path("poster")) as poster:
        assert poster.size == SIZE[:2]
        assert is_near(np.asarray(poster)[5, 5], (0x20, 0x40, 0x60))
    with Image.open(made.path("contact_sheet")) as sheet:
        assert sheet.width > sheet.height > 500


def test_the_thumbnail_is_of_a_moment_at_which_something_is_seen(
    engine: EngineHarness,
) -> None:
    red = {"type": "shape", "color": "#e01020", "width": "50%", "start": 0.2, "duration": 0.8}
    film = made(engine, {"duration": 3, "tracks": [{"clips": [red]}]})
    with Image.open(film.path("thumbnail")) as picture:
        assert picture.size == (160, 120)
        assert is_near(np.asarray(picture)[60, 80], (0xE0, 0x10, 0x20), 30)


def test_the_thumbnail_is_of_the_middle_of_a_scene(engine: EngineHarness) -> None:
    def scene(color: str) -> dict[str, Any]:
        bars = [shape(color, width="50%", start=0.5, duration=0.5)]
        return {"duration": 1.5, "background": "#204060", "elements": bars}

    film = made(engine, {"scenes": [scene("#e01020"), scene("#20e040"), scene("#e0d010")]})
    with Image.open(film.path("thumbnail")) as picture:
        assert is_near(np.asarray(picture)[60, 80], (0x20, 0xE0, 0x40), 40)


def test_a_black_film_and_one_of_sound_alone_have_their_outputs(engine: EngineHarness) -> None:
    black = made(engine, {"duration": 1, "tracks": [{"clips": [shape("black")]}]})
    assert black.path("thumbnail").stat().st_size > 0
    spoken = {"file_format": "m4a", "voice": {"engine": "espeak"}, "scenes": [{"voice": "Hello."}]}
    assert set(made(engine, spoken).outputs) == {"video", "timeline"}


def test_long_sound_alone_is_looked_at_as_short_sound_is(written: Callable[..., Made]) -> None:
    assert list(written(file_format="mp3", duration=12).logs) == []


def test_a_ladder_has_smaller_sizes_and_one_sound(
    written: Callable[..., Made], tmp_path: Path
) -> None:
    made = written(file_format="hls", size=(640, 400, 10))
    with zipfile.ZipFile(made.path("video")) as archive:
        archive.extractall(tmp_path)
    master = (tmp_path / "master.m3u8").read_text()
    assert "RESOLUTION=640x400" in master
    assert "RESOLUTION=576x360" in master
    assert master.count("TYPE=AUDIO") == 1
    for name, frames in (("v0.m3u8", 10), ("v1.m3u8", 10)):
        with av.open(tmp_path / name) as film:
            assert sum(1 for _ in film.decode(video=0)) == frames
    facts = made.outputs["video"].media
    assert facts is not None
    assert (facts.width, facts.height) == (640, 400)
    assert facts.duration_ms == pytest.approx(1000, abs=30)
    with Image.open(made.path("thumbnail")) as thumbnail:
        assert thumbnail.size == (640, 400)


@pytest.mark.parametrize("seconds", [1, 5])
def test_a_small_silent_film_is_a_stream_of_one_size(
    engine: EngineHarness, tmp_path: Path, seconds: int
) -> None:
    params = {**FILM, "file_format": "hls", "duration": seconds, "tracks": FILM["tracks"][:1]}
    made = engine.make("timeline", params, size=(320, 180, 10))
    with zipfile.ZipFile(made.path("video")) as archive:
        archive.extractall(tmp_path)
        assert not [name for name in archive.namelist() if "%" in name]
    assert "RESOLUTION=320x180" in (tmp_path / "master.m3u8").read_text()
    with av.open(tmp_path / "master.m3u8") as film:
        assert sum(1 for _ in film.decode(video=0)) == 10 * seconds


def test_what_is_said_is_written_as_subtitles(engine: EngineHarness) -> None:
    params = {
        "voice": {"engine": "espeak", "voice": "en-us"},
        "subtitles": True,
        "quality": "draft",
        "scenes": [{"duration": 1}, {"voice": "Hello there."}],
    }
    made = engine.make("timeline", params, size=(64, 64, 10))
    assert "00:00:01." in made.path("captions").read_text()
    assert "Hello there." in made.path("subtitles").read_text()


def test_a_preview_is_small(written: Callable[..., Made]) -> None:
    with av.open(written(preview=True, size=(640, 480, 10)).path("video")) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (480, 360)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"codec": "vp9"}, "mp4 has no pictures in vp9. Use h264, hevc, av1."),
        ({"file_format": "mp3", "codec": "h264"}, "mp3 has no pictures in h264."),
        ({"transparent": True}, "mp4 cannot be transparent."),
        ({"file_format": "webm", "codec": "av1", "transparent": True}, "av1 cannot be transpar"),
    ],
)
def test_formats_that_do_not_fit_are_refused(
    written: Callable[..., Made], params: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidTimeline, match=message):
        written(**params)


def test_long_animations_short_streams_and_silent_sound_are_refused(
    written: Callable[..., Made], engine: EngineHarness
) -> None:
    long = written(file_format="gif", duration=61).error
    assert long.code == InvalidRequest.code
    assert "at most 60 seconds" in long.message
    assert "at least 1 second" in written(file_format="hls", duration=0.6).error.message
    silent = {**FILM, "tracks": FILM["tracks"][:1], "file_format": "mp3"}
    assert "nothing is heard" in engine.make("timeline", silent, size=SIZE).error.message


@pytest.mark.parametrize("file_format", ["mp4", "hls"])
def test_a_film_that_is_black_or_silent_is_noticed(
    engine: EngineHarness, tmp_path: Path, file_format: str
) -> None:
    with wave.open(str(tmp_path / "silence.wav"), "wb") as silence:
        silence.setparams((1, 2, 8000, 0, "NONE", ""))
        silence.writeframes(bytes(16_000))
    black = {
        **FILM,
        "file_format": file_format,
        "tracks": [
            {"clips": [shape("black")]},
            {"clips": [{"type": "audio", "src": "silence", "duration": "end"}]},
        ],
    }
    logs = engine.make("timeline", black, size=SIZE, media=[tmp_path / "silence.wav"]).logs
    assert "the film is black from start to end" in logs
    assert "the film is silent from start to end" in logs


def test_a_usual_film_is_not_remarked_on(written: Callable[..., Made]) -> None:
    assert not [line for line in written().logs if line.startswith("the ")]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"file_format": "webm", "transparent": True},
        {"file_format": "mov", "codec": "prores"},
        {"file_format": "gif"},
        {"file_format": "hls"},
        {"file_format": "png"},
        {"file_format": "m4a"},
    ],
)
def test_nothing_is_said_of_a_film_that_is_as_it_should_be(
    written: Callable[..., Made], params: dict[str, Any]
) -> None:
    assert list(written(duration=4, **params).logs) == []


def test_a_film_of_another_loudness_is_noticed(
    written: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unchanged(stream: Any, gain: float) -> Any:
        del gain
        return stream

    monkeypatch.setattr(audio_filters, "gained", unchanged)
    [said] = written(duration=4, loudness_lufs=-30).logs
    assert said.startswith("the sound is at -")
    assert said.endswith("LUFS instead of -30")


def test_the_bit_rate_stays_below_its_limit(engine: EngineHarness, tmp_path: Path) -> None:
    noise = tmp_path / "noise.mp4"
    source = "nullsrc=s=320x240:r=10,geq=random(1)*255:128:128"
    make(noise, "-f", "lavfi", "-i", source, "-t", "4", "-c:v", "mpeg4", "-q:v", "2")
    clip = {"type": "video", "src": "noise"}

    def kbps(**fields: Any) -> float:
        params = {"quality": "draft", "tracks": [{"clips": [clip]}], **fields}
        film = engine.make("timeline", params, size=(320, 240, 10), media=[noise])
        return film.path("video").stat().st_size * 8 / 4 / 1000

    assert kbps() > 1500
    # The first two seconds may take twice as much.
    assert kbps(max_bit_rate_kbps=500) < 1000
