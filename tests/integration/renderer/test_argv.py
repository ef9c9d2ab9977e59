"""FFmpeg's arguments for compositions, without running FFmpeg."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from gala_renderer.engine.plan import Canvas
from gala_renderer.ffmpeg import composition as composing
from gala_renderer.ffmpeg.binary import find_ffmpeg
from gala_renderer.ffmpeg.composition import Composition, Layer, Overlay, Soundtrack
from gala_renderer.ffmpeg.inputs import looped_input
from gala_renderer.ffmpeg.loudness import meter
from gala_renderer.probe.media import DEMUXERS, AudioStream, Media, VideoStream

CANVAS = Canvas(width=1080, height=1920, fps=30, frames=210)
TEXT = Layer(Path("/data/tmp/text.png"), x=98, y=876, fade_frames=12)
PHOTO = Media(
    path=Path("/data/in/bg"),
    demuxer="jpeg_pipe",
    picture=VideoStream(width=10, height=10, still=True),
)
FILM = Media(
    path=Path("/data/in/film"), demuxer="mov", seconds=3.0, picture=VideoStream(width=64, height=48)
)
SONG = Media(
    path=Path("/data/in/song"),
    demuxer="mp3",
    seconds=200.0,
    sound=AudioStream(rate=44100, channels=2),
)
PLAIN = Composition(canvas=CANVAS, colour="#000000", layers=(TEXT,))
EVERYTHING = replace(
    PLAIN,
    backdrop=FILM,
    overlay=Overlay(PHOTO, cover=False),
    soundtrack=Soundtrack(SONG, gain_db=-3.5, fade_in=0.4, fade_out=1.2),
)
COMPOSITIONS = {
    "plain": PLAIN,
    "no text": replace(PLAIN, layers=()),
    "text at once": replace(PLAIN, layers=(replace(TEXT, fade_frames=0),)),
    "photo": replace(PLAIN, backdrop=PHOTO),
    "photo under overlay": replace(PLAIN, backdrop=PHOTO, overlay=Overlay(PHOTO, cover=True)),
    "film": replace(PLAIN, backdrop=FILM),
    "film under itself": replace(PLAIN, backdrop=FILM, overlay=Overlay(FILM, cover=True)),
    "moving overlay on plain": replace(PLAIN, overlay=Overlay(FILM, cover=False)),
    "everything": EVERYTHING,
    "one frame": replace(PLAIN, canvas=replace(CANVAS, frames=1)),
}


def encode(composition: Composition) -> tuple[str, ...]:
    return composing.encode(
        composition,
        video=Path("/data/out/video.mp4.part"),
        thumbnail=Path("/data/out/thumbnail.jpg.part"),
        thumbnail_frame=45,
        threads=2,
    )


def options(arguments: Sequence[str], name: str) -> list[str]:
    return [value for key, value in pairwise(arguments) if key == name]


def graph(arguments: Sequence[str]) -> str:
    return options(arguments, "-filter_complex")[0]


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_the_same_composition_gives_the_same_arguments(name: str) -> None:
    assert encode(COMPOSITIONS[name]) == encode(COMPOSITIONS[name])


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_ffmpeg_sees_only_absolute_paths_of_ours(name: str) -> None:
    arguments = encode(COMPOSITIONS[name])
    paths = [value for value in arguments if "/" in value and not value.startswith("[")]
    assert all(path.startswith("/data/") for path in paths)


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_every_user_file_is_fenced_in(name: str) -> None:
    arguments = encode(COMPOSITIONS[name])
    for at, value in enumerate(arguments):
        if value.startswith("/data/in/"):
            before = arguments[:at]
            start = max((i for i, v in enumerate(before[:-1]) if v == "-i"), default=-2) + 2
            fences = arguments[start:at]
            assert options(fences, "-protocol_whitelist") == ["file"]
            assert options(fences, "-format_whitelist") == [",".join(DEMUXERS)]
            assert options(fences, "-max_pixels") == ["40000000"]
            assert options(fences, "-f")[0] in DEMUXERS


def test_no_demuxer_that_opens_other_files_is_read() -> None:
    assert not {"hls", "dash", "concat", "image2", "svg_pipe", "lavfi", "sdp", "rtsp"} & set(
        DEMUXERS
    )


def test_the_video_is_what_players_expect() -> None:
    arguments = encode(PLAIN)
    expected = {
        "-c:v": "libx264",
        "-pix_fmt": "yuv420p",
        "-profile:v": "high",
        "-colorspace": "bt709",
        "-color_primaries": "bt709",
        "-color_trc": "bt709",
        "-color_range": "tv",
        "-c:a": "aac",
        "-ar": "48000",
        "-movflags": "+faststart",
        "-fps_mode": "cfr",
        "-r": "30",
        "-g": "60",
    }
    assert {key: options(arguments, key)[0] for key in expected} == expected
    assert options(arguments, "-frames:v") == ["210", "1"]
    assert "7.000000" in options(arguments, "-t")


def test_what_stands_still_is_drawn_once_and_repeated() -> None:
    drawn = graph(encode(COMPOSITIONS["photo"]))
    assert "loop=loop=11:" in drawn, "the fade's frames"
    assert "loop=loop=197:" in drawn, "the other frames"


def test_a_short_film_is_looped_and_a_long_one_is_not() -> None:
    assert options(encode(COMPOSITIONS["film"]), "-stream_loop") == ["-1"]
    long = replace(PLAIN, backdrop=replace(FILM, seconds=8.0))
    assert options(encode(long), "-stream_loop") == []


def test_a_film_of_unknown_length_is_looped() -> None:
    unknown = replace(PLAIN, backdrop=replace(FILM, seconds=None))
    assert options(encode(unknown), "-stream_loop") == ["-1"]


def test_a_photo_is_cropped_before_it_is_scaled() -> None:
    drawn = graph(encode(COMPOSITIONS["photo"]))
    assert drawn.index("crop=") < drawn.index("scale=")


def test_without_music_there_is_silence_of_the_same_length() -> None:
    assert "anullsrc=r=48000:cl=stereo" in encode(PLAIN)


def test_music_is_levelled_limited_cut_and_faded() -> None:
    drawn = graph(encode(EVERYTHING))
    for part in ("volume=-3.50dB", "alimiter=", "atrim=end=7.000000", "st=5.800000"):
        assert part in drawn


def test_the_pictures_of_a_song_and_the_sound_of_a_film_are_not_decoded() -> None:
    arguments = encode(EVERYTHING)
    song, film = arguments.index(str(SONG.path)), arguments.index(str(FILM.path))
    assert "-vn" in arguments[song - 12 : song]
    assert "-an" in arguments[film - 12 : film]


@pytest.mark.parametrize(("mime", "codec"), [("image/jpeg", "mjpeg"), ("image/png", "png")])
def test_a_frame_goes_to_stdout(mime: str, codec: str) -> None:
    arguments = composing.frame(PLAIN, index=7, mime=mime)
    assert arguments[-1] == "pipe:1"
    assert options(arguments, "-c:v") == [codec]
    assert "trim=end_frame=8:start_frame=7" in graph(arguments)


def test_loudness_is_measured_on_what_will_be_heard() -> None:
    song = looped_input(replace(SONG, seconds=2.0), 7.0, vn=None)
    arguments = meter(song.audio, seconds=7.0, peaks=False)
    assert options(arguments, "-stream_loop") == ["-1"]
    assert "ebur128" in graph(arguments)


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_ffmpeg_accepts_the_graph(name: str, tmp_path: Path) -> None:
    """Only the files are missing: FFmpeg reports those and no earlier error."""
    command = [str(find_ffmpeg(None)), "-nostdin", "-v", "error", *encode(COMPOSITIONS[name])]
    said = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=30
    ).stderr
    assert "No such file" in said
    assert "Unrecognized option" not in said
    assert "Option not found" not in said
