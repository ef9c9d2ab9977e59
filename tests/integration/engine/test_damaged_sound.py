"""Sound that is garbage is refused by name; samples that are no numbers are silent."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import pytest

from gala.errors import ErrorCode
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness

PICTURE: Final = ("-f", "lavfi", "-i", "testsrc=s=128x96:r=10:d=2")
SOUND: Final = ("-f", "lavfi", "-i", "sine=d=2")
RATE: Final = 48_000
FAST: Final = {"quality": "draft"}


def garbage(path: Path, byte: int, *pictures: str) -> Path:
    """Make a file whose packets of sound consist of this byte."""
    make(path, *pictures, *SOUND, "-c:a", "aac")
    content = bytearray(path.read_bytes())
    with av.open(str(path)) as media:
        for packet in media.demux(audio=0):
            if packet.size and packet.pos:
                content[packet.pos : packet.pos + packet.size] = bytes([byte]) * packet.size
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("byte", [0x00, 0x55, 0xFE, 0xFF])
@pytest.mark.parametrize("picture", [(), PICTURE], ids=["sound", "video"])
@pytest.mark.parametrize(
    ("type_name", "role", "params"),
    [("hello_render", "music", {"text": "hi"}), ("ambient_video", "music", {"duration": 2})],
)
def test_sound_of_garbage_is_refused_with_its_field(
    engine: EngineHarness,
    tmp_path: Path,
    byte: int,
    picture: tuple[str, ...],
    type_name: str,
    role: str,
    params: dict[str, Any],
) -> None:
    """It was repeated until the attempt's deadline."""
    bad = garbage(tmp_path / "bad.mp4", byte, *picture)
    inputs: dict[str, Any] = {role: bad}
    if type_name == "ambient_video":
        inputs["video"] = make(tmp_path / "film.mp4", *PICTURE)
    made = engine.make(type_name, params, size=(64, 96, 10), seconds=20, **inputs)
    assert made.error.code == ErrorCode.UNPROCESSABLE_MEDIA
    assert "inputs.music_asset_id: " in made.error.message
    assert "its sound cannot be decoded" in made.error.message


def test_a_video_with_an_empty_track_of_sound_can_be_used(
    engine: EngineHarness, tmp_path: Path
) -> None:
    film = make(tmp_path / "film.mkv", *PICTURE, *SOUND, "-t", "2", "-af", "atrim=end_sample=0")
    assert engine.make("reframe", {"width": 64, **FAST}, video=film).outputs


def floats(path: Path, *wrong: float) -> Path:
    """Make a WAV of a tone in floats, with wrong samples in the middle of its second."""
    samples = 0.25 * np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE, dtype="<f4")
    samples[RATE // 2 : RATE // 2 + len(wrong)] = wrong
    data = samples.astype("<f4").tobytes()
    head = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVEfmt ", 16, 3, 1, RATE,
                       RATE * 4, 4, 32, b"data", len(data))  # fmt: skip
    path.write_bytes(head + data)
    return path


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf"), 3e38])
@pytest.mark.parametrize("form", ["mp3", "m4a", "ogg", "wav"])
def test_samples_that_are_no_numbers_are_silent(
    engine: EngineHarness, tmp_path: Path, wrong: float, form: str
) -> None:
    sound = floats(tmp_path / "sound.wav", *[wrong] * 100)
    made = engine.make("audio_convert", {"audio_format": form}, audio=sound).path("audio")
    with av.open(str(made)) as media:
        resampler = av.AudioResampler("flt", "mono", RATE)
        frames = [one for frame in media.decode(audio=0) for one in resampler.resample(frame)]
    heard = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() < 0.5
    assert np.sqrt(np.mean(heard[RATE * 3 // 4 : RATE * 7 // 8] ** 2)) > 0.1


def test_a_voice_with_samples_that_are_no_numbers_is_used(
    engine: EngineHarness, tmp_path: Path
) -> None:
    voice = floats(tmp_path / "voice.wav", float("nan"))
    params = {"text": "a", **FAST}
    assert engine.make("captioned_video", params, size=(64, 96, 10), voice=voice).outputs
