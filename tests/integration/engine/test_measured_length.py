"""Files whose container only estimates its length, or does not store one, are measured."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import av
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.fakes.media_files import make
from tests.support.engine import EngineHarness

Make: TypeAlias = Callable[[str], Path]

NOISE_THEN_BEEPS = (
    "aevalsrc='if(lt(t,4),0.8*(random(0)*2-1),0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1))':s=44100:d=30"
)
BEEPS = "aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=44100:d=6"
FILM = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=30:d=3", "-f", "lavfi", "-i", "sine=d=3")
H264 = ("-c:v", "libx264", "-g", "15", "-c:a", "aac")

# Name, arguments of FFmpeg, length in seconds. Names that start with "live" are written through a
# pipe, as by a browser's MediaRecorder, so that the muxer cannot go back and store the length.
FILES: dict[str, tuple[tuple[str, ...], float]] = {
    "vbr.mp3": (
        (
            *("-f", "lavfi", "-i", NOISE_THEN_BEEPS),
            *("-write_xing", "0", "-c:a", "libmp3lame", "-q:a", "2"),
        ),
        30.0,
    ),
    "vbr.aac": (("-f", "lavfi", "-i", NOISE_THEN_BEEPS, "-c:a", "aac", "-q:a", "1"), 30.0),
    "beep.aac": (("-f", "lavfi", "-i", BEEPS, "-c:a", "aac"), 6.04),
    "live.mkv": ((*FILM, *H264, "-f", "matroska"), 3.0),
    "live_pcm.mkv": ((*FILM, "-vn", "-c:a", "pcm_s16le", "-f", "matroska"), 3.0),
    "live_audio.webm": ((*FILM, "-vn", "-c:a", "libopus", "-f", "webm"), 3.0),
    "live_video.webm": ((*FILM, "-an", "-c:v", "libvpx", "-f", "webm"), 3.0),
    "live.flac": ((*FILM, "-vn", "-c:a", "flac", "-f", "flac"), 3.0),
    "live.avi": ((*FILM, "-c:v", "mpeg4", "-c:a", "libmp3lame", "-f", "avi"), 3.0),
    "live.asf": ((*FILM, "-c:v", "wmv2", "-c:a", "wmav2", "-f", "asf"), 3.0),
    "live.mp4": (
        (*FILM, *H264, "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4"),
        3.0,
    ),
    "live.flv": ((*FILM, *H264, "-f", "flv"), 3.0),
    "film.ts": ((*FILM, *H264), 3.0),
    "film.mpg": ((*FILM, "-c:v", "mpeg2video", "-c:a", "mp2"), 3.0),
    "voice.amr": ((*FILM, "-vn", "-ar", "8000", "-ac", "1", "-c:a", "amr_nb"), 3.0),
    "moving.apng": ((*FILM, "-an", "-vf", "fps=10", "-plays", "0", "-f", "apng"), 3.0),
    "moving.webp": ((*FILM, "-an", "-vf", "fps=10", "-loop", "0"), 3.0),
}


def make_file(folder: Path, name: str) -> Path:
    """Write the file of a name at first use."""
    path = folder / name
    if path.exists():
        return path
    if name.startswith("zero"):
        frames = [Image.new("RGB", (64, 48), (20 * at, 0, 255 - 20 * at)) for at in range(10)]
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=0, loop=0)
        return path
    arguments, _ = FILES[name]
    if not name.startswith("live"):
        return make(path, *arguments)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", *arguments, "pipe:"]
    path.write_bytes(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return the file of a name."""
    folder = tmp_path_factory.mktemp("measured")
    return lambda name: make_file(folder, name)


def probe(engine: EngineHarness, path: Path) -> dict[str, Any]:
    """Return what the ``probe`` type writes about a file."""
    found: dict[str, Any] = json.loads(engine.make("probe", media=path).path("info").read_text())
    return found


def seconds_of(path: Path) -> float:
    """Return the length of an output in seconds."""
    with av.open(str(path)) as container:
        assert container.duration is not None
        return container.duration / av.time_base


def frame_at(path: Path, seconds: float) -> npt.NDArray[np.int16]:
    """Return the first frame from a time on, as red, green and blue."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= seconds - 0.001:
                return frame.to_ndarray(format="rgb24").astype(np.int16)
    raise AssertionError(f"there is no frame at {seconds} seconds")


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_length_is_that_of_the_packets(engine: EngineHarness, file: Make, name: str) -> None:
    found = probe(engine, file(name))
    assert found["duration"] == pytest.approx(FILES[name][1], abs=0.07)
    for track in filter(None, (found["video"], found["audio"])):
        assert track["duration"] == pytest.approx(FILES[name][1], abs=0.07)


@pytest.mark.parametrize("name", ["vbr.mp3", "vbr.aac"])
def test_sound_behind_a_wrong_estimate_is_used(
    engine: EngineHarness, file: Make, name: str
) -> None:
    assert probe(engine, file(name))["duration"] == pytest.approx(30.0, abs=0.05)
    mixed = engine.make("audio_mix", {"audio_format": "wav"}, audio=[file(name)])
    assert seconds_of(mixed.path("audio")) == pytest.approx(30.0, abs=0.05)
    part = engine.make("trim", {"start": 20.5}, media=file(name))
    assert seconds_of(next(map(part.path, part.outputs))) == pytest.approx(9.5, abs=0.1)
    cut = engine.make(
        "cut", {"ranges": [{"start": 0, "end": 25}], "mode": "remove"}, media=file(name)
    )
    assert seconds_of(next(map(cut.path, cut.outputs))) == pytest.approx(5.0, abs=0.1)
    silences = json.loads(
        engine.make("detect_silence", audio=file(name)).path("silences").read_text()
    )
    assert silences["duration"] == pytest.approx(30.0, abs=0.05)
    assert silences["silences"][-1]["end_ts"] == pytest.approx(30.0, abs=0.1)


def test_two_mp3_files_one_after_the_other_have_both_lengths(
    engine: EngineHarness, tmp_path: Path
) -> None:
    one = make(tmp_path / "one.mp3", "-f", "lavfi", "-i", "sine=d=2", "-c:a", "libmp3lame")
    two = tmp_path / "two.mp3"
    two.write_bytes(one.read_bytes() * 2)
    assert probe(engine, one)["duration"] == pytest.approx(2.0, abs=0.01)
    assert probe(engine, two)["duration"] == pytest.approx(4.0, abs=0.15)


@pytest.mark.parametrize("name", ["live.mkv", "live_video.webm", "live.mp4", "moving.webp"])
def test_video_without_a_stored_length_is_cut_and_joined(
    engine: EngineHarness, file: Make, name: str
) -> None:
    part = engine.make("trim", {"start": 1, "end": 2.5}, media=file(name))
    assert seconds_of(part.path("video")) == pytest.approx(1.5, abs=0.07)
    # The first frame is the one at 1 second, not the one at 0.
    whole = engine.make("trim", {}, media=file(name)).path("video")
    shown, early, right = (
        frame_at(part.path("video"), 0),
        frame_at(whole, 0),
        frame_at(whole, 1),
    )
    assert np.abs(shown - right).mean() < 4 < np.abs(shown - early).mean()
    joined = engine.make("concatenate", {}, clips=[file(name), file(name)])
    assert seconds_of(joined.path("video")) == pytest.approx(6.0, abs=0.14)


@pytest.mark.parametrize("name", ["live_audio.webm", "live.flac"])
def test_sound_without_a_stored_length_is_cut_and_mixed(
    engine: EngineHarness, file: Make, name: str
) -> None:
    part = engine.make("trim", {"start": 1, "end": 2.5}, media=file(name))
    assert seconds_of(next(map(part.path, part.outputs))) == pytest.approx(1.5, abs=0.07)
    mixed = engine.make("audio_mix", {"audio_format": "wav"}, audio=[file(name)])
    assert seconds_of(mixed.path("audio")) == pytest.approx(3.0, abs=0.07)


@pytest.mark.parametrize("name", ["zero.gif", "zero.webp", "zero.png"])
def test_frames_without_a_delay_last_100_milliseconds(
    engine: EngineHarness, file: Make, name: str
) -> None:
    """As browsers show them."""
    assert probe(engine, file(name))["duration"] == pytest.approx(1.0, abs=0.01)
    joined = engine.make("concatenate", {}, clips=[file(name), file("live.mkv")])
    assert seconds_of(joined.path("video")) == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize("name", ["zero.gif", "moving.webp", "moving.apng"])
def test_an_animated_picture_is_visible_as_an_inset(
    engine: EngineHarness, file: Make, tmp_path: Path, name: str
) -> None:
    black = make(tmp_path / "base.mp4", "-f", "lavfi", "-i", "color=white:s=320x240:r=10:d=2")
    params = {"size": 0.5, "position": "center", "radius": 0, "border_width": 0, "shadow": False}
    made = engine.make("picture_in_picture", params, video=black, inset=file(name))
    shown = frame_at(made.path("video"), 0.5)
    assert shown[10, 10].min() > 200 > shown[120, 160].min()
