"""The audio types: results are decoded and measured, bad inputs are refused."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import av
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pytest

from tests.fakes.media_files import make
from tests.support.engine import EngineHarness, Made

Samples: TypeAlias = npt.NDArray[np.float32]
TONE = ("-f", "lavfi", "-i", "sine=f=440:d=2:r=44100")
SURROUND = "sine=f=440:d=1:r=48000,pan=5.1|FL=c0|FR=c0|FC=c0|BL=c0|BR=c0"
MIMES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
}


def about(path: Path) -> tuple[str, int, int]:
    """Return codec, sample rate and channels."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        return stream.codec_context.name, stream.rate, stream.channels


def decode(path: Path, *, rate: int = 48_000, channels: int = 1) -> Samples:
    """Return the decoded samples."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path)]
    shape = ["-f", "f32le", "-ar", str(rate), "-ac", str(channels), "-"]
    done = subprocess.run([*command, *shape], check=True, capture_output=True, timeout=60)
    assert done.stderr == b""
    return np.frombuffer(done.stdout, "<f4").reshape(-1, channels)


def loudness(path: Path) -> tuple[float, float]:
    """Return integrated loudness and true peak."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostats", "-i", str(path)]
    measure = ["-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    said = subprocess.run([*command, *measure], check=True, capture_output=True, text=True).stderr
    lufs = re.findall(r"^\s+I:\s+(\S+) LUFS$", said, re.MULTILINE)[-1]
    peak = re.findall(r"^\s+Peak:\s+(\S+) dBFS$", said, re.MULTILINE)[-1]
    return float(lufs), float(peak)


def level(samples: Samples, start: float, end: float, rate: int = 48_000) -> float:
    part = samples[round(start * rate) : round(end * rate)]
    return float(20 * np.log10(np.sqrt(np.mean(part.astype(float) ** 2)) + 1e-9))


def steady(made: Made) -> bool:
    return made.fractions == sorted(made.fractions) and made.fractions[-1] == 1


@pytest.fixture(scope="module")
def surround(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("surround") / "a.m4a", "-f", "lavfi", "-i", SURROUND)


@pytest.fixture(scope="module")
def bursts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tone from 0.5 to 1.5, 3 to 4 and 4.3 to 5.3 seconds of 6, with silence between."""
    on = "between(t,0.5,1.5)+between(t,3,4)+between(t,4.3,5.3)"
    drawn = f"aevalsrc='0.3*sin(440*2*PI*t)*({on})':d=6:s=24000"
    return make(tmp_path_factory.mktemp("bursts") / "a.wav", "-f", "lavfi", "-i", drawn)


@pytest.mark.parametrize("form", sorted(MIMES))
def test_sound_becomes_every_format_with_its_own_type(
    engine: EngineHarness, samples: Callable[[str], Path], form: str
) -> None:
    made = engine.make("audio_convert", {"audio_format": form}, audio=samples("song"))
    assert made.outputs["audio"].mime == MIMES[form]
    assert made.path("audio").suffix == f".{form}"
    decoded = decode(made.path("audio"))
    assert len(decoded) / 48_000 == pytest.approx(4, abs=0.06)
    # LAME lowers the level by half a decibel.
    allowed = 0.5 if form == "mp3" else 0.1
    assert level(decoded, 1, 3) == pytest.approx(level(decode(samples("song")), 1, 3), abs=allowed)
    assert steady(made)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"sample_rate": 8000, "channels": 1}, ("pcm_s16le", 8000, 1)),
        ({"channels": 2}, ("pcm_s16le", 44100, 2)),
        ({"audio_format": "ogg", "channels": 1}, ("opus", 48000, 1)),
        ({"audio_format": "mp3", "sample_rate": 22050, "bitrate_kbps": 64}, ("mp3", 22050, 1)),
    ],
)
def test_rate_and_channels_are_those_asked_for(
    engine: EngineHarness, tmp_path: Path, params: dict[str, Any], expected: tuple[str, int, int]
) -> None:
    mono = make(tmp_path / "mono.wav", *TONE)
    made = engine.make("audio_convert", params, audio=mono)
    codec, rate, channels = about(made.path("audio"))
    assert (codec.removeprefix("lib").removesuffix("float"), rate, channels) == expected


def test_stereo_and_surround_become_mono_at_their_level(
    engine: EngineHarness, surround: Path, tmp_path: Path
) -> None:
    both = make(tmp_path / "both.wav", *TONE, "-af", "volume=6dB", "-ac", "2")
    left = make(tmp_path / "left.wav", *TONE, "-af", "pan=stereo|c0=c0")
    full = level(decode(both, channels=2), 0.2, 1.8)
    for source, expected in ((both, full), (left, full - 12)):
        made = engine.make("audio_convert", {"channels": 1}, audio=source)
        found = level(decode(made.path("audio")), 0.2, 1.8)
        # Both channels unchanged, or half of one (which FFmpeg's pan lowers by 3 dB).
        assert found == pytest.approx(expected, abs=3.2)
    made = engine.make("audio_convert", {"channels": 1}, audio=surround)
    assert np.abs(decode(made.path("audio"))).max() <= 10 ** (-1 / 20) + 0.01
    assert about(made.path("audio")) == ("pcm_s16le", 48000, 1)


@pytest.mark.parametrize(("encoding", "codec"), [("s16le", "pcm_s16le"), ("mulaw", "pcm_mulaw")])
def test_raw_samples_become_a_file(
    engine: EngineHarness, tmp_path: Path, encoding: str, codec: str
) -> None:
    shape = ("-f", encoding, "-c:a", codec, "-ar", "16000", "-ac", "2")
    raw = make(tmp_path / "raw.bin", *TONE, *shape)
    pcm = {"encoding": encoding, "sample_rate": 16_000, "channels": 2}
    made = engine.make("audio_convert", {"pcm": pcm}, audio=raw)
    assert about(made.path("audio")) == ("pcm_s16le", 16_000, 2)
    decoded = decode(made.path("audio"))
    assert len(decoded) == pytest.approx(96_000, abs=4)
    assert np.abs(np.fft.rfft(decoded[:48_000, 0])).argmax() == 440


def test_raw_samples_that_are_none_are_refused(engine: EngineHarness, tmp_path: Path) -> None:
    empty = tmp_path / "raw.bin"
    empty.write_bytes(b"\0")
    error = engine.make("audio_convert", {"pcm": {}}, audio=empty).error
    assert error.code == "UNPROCESSABLE_MEDIA"
    assert "inputs.audio_asset_id" in error.message


@pytest.mark.parametrize(
    ("params", "part"),
    [
        ({"audio_format": "ogg", "sample_rate": 44100}, "sample_rate: ogg supports 8000"),
        ({"audio_format": "wav", "bitrate_kbps": 128}, "bitrate_kbps: not for wav"),
        ({"audio_format": "ogg", "channels": 1, "bitrate_kbps": 320}, "at most"),
        ({"audio_format": "aiff"}, "params.audio_format"),
    ],
)
def test_what_a_format_cannot_have_is_refused(
    engine: EngineHarness, params: dict[str, Any], part: str
) -> None:
    assert part in engine.refusal("audio_convert", params).message


@pytest.mark.parametrize(
    ("codec", "suffix", "form"),
    [("aac", ".mp4", "m4a"), ("libmp3lame", ".mkv", "mp3"), ("flac", ".mkv", "flac")],
)
def test_sound_is_taken_out_of_a_video_without_encoding_it_again(
    engine: EngineHarness, tmp_path: Path, codec: str, suffix: str, form: str
) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=10:d=2")
    video = make(tmp_path / f"v{suffix}", *picture, *TONE, "-c:a", codec)
    made = engine.make("audio_extract", {}, video=video)
    assert made.outputs["audio"].mime == MIMES[form]
    assert packets(made.path("audio")) == packets(video)
    again = engine.make("audio_extract", {"audio_format": form}, video=video)
    assert packets(again.path("audio")) == packets(video)


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def test_sound_without_a_file_format_of_its_own_becomes_aac_and_says_so(
    engine: EngineHarness, tmp_path: Path
) -> None:
    video = make(tmp_path / "v.mkv", *TONE, "-c:a", "ac3")
    made = engine.make("audio_extract", {}, video=video)
    assert about(made.path("audio"))[0] == "aac"
    assert any("became AAC" in line for line in made.logs)


@pytest.mark.parametrize(
    ("type_name", "name"),
    [("audio_extract", "video"), *((f"audio_{t}", "audio") for t in ("convert", "normalize"))],
)
def test_a_file_without_sound_is_refused_by_its_field(
    engine: EngineHarness, samples: Callable[[str], Path], type_name: str, name: str
) -> None:
    error = engine.make(type_name, {}, **{name: samples("picture")}).error
    assert error.code == "UNPROCESSABLE_MEDIA"
    assert error.message == f"inputs.{name}_asset_id: this file has no sound."


@pytest.mark.parametrize("lufs", [-14, -16, -23])
@pytest.mark.parametrize("db", [-30, 12])
def test_sound_reaches_its_loudness_and_no_peak_is_above(
    engine: EngineHarness, samples: Callable[[str], Path], tmp_path: Path, lufs: float, db: float
) -> None:
    source = make(tmp_path / "s.wav", "-i", str(samples("voice")), "-af", f"volume={db}dB")
    made = engine.make("audio_normalize", {"loudness_lufs": lufs}, audio=source)
    found, peak = loudness(made.path("audio"))
    assert found == pytest.approx(lufs, abs=0.5)
    assert peak <= -0.9
    assert steady(made)


def test_a_very_short_sound_is_normalised_too(engine: EngineHarness, tmp_path: Path) -> None:
    source = make(tmp_path / "s.wav", *TONE, "-t", "0.2", "-ac", "1")
    made = engine.make("audio_normalize", {"channels": 2}, audio=source)
    decoded = decode(made.path("audio"), channels=2)
    assert len(decoded) == pytest.approx(0.2 * 48_000, abs=3)
    # Two equal channels together are 3 dB louder than one.
    assert level(decoded, 0.05, 0.15) == pytest.approx(-19, abs=1.2)


def test_silence_stays_silence_and_is_told(engine: EngineHarness, tmp_path: Path) -> None:
    source = make(tmp_path / "s.wav", "-f", "lavfi", "-i", "anullsrc=d=1:r=48000:cl=mono")
    made = engine.make("audio_normalize", {}, audio=source)
    assert np.abs(decode(made.path("audio"))).max() < 1e-3
    assert any("this sound is silent" in line for line in made.logs)


def test_each_sound_of_a_mix_has_its_time_and_level(
    engine: EngineHarness, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    first = make(tmp_path / "a.wav", "-f", "lavfi", "-i", "sine=f=500:d=2:r=48000")
    second = make(tmp_path / "b.wav", "-f", "lavfi", "-i", "sine=f=900:d=1:r=24000")
    tracks = [{}, {"offset": "0:01.5", "gain_db": 6}]
    made = engine.make("audio_mix", {"tracks": tracks}, audio=[first, second])
    decoded = decode(made.path("audio"))
    assert len(decoded) == 2.5 * 48_000
    plain = level(decode(first), 0.5, 1.4)
    assert level(decoded, 0.5, 1.4) == pytest.approx(plain, abs=0.1)
    assert level(decoded, 2.1, 2.4) == pytest.approx(plain + 6, abs=0.1)


def test_music_loops_under_a_voice_and_ducks(
    engine: EngineHarness, bursts: Path, tmp_path: Path
) -> None:
    music = make(tmp_path / "m.wav", "-f", "lavfi", "-i", "sine=f=2000:d=1:r=48000")
    params = {"tracks": [{}, {"loop": True}], "duck_db": 12}
    made = engine.make("audio_mix", params, audio=[bursts, music])
    decoded = decode(made.path("audio"))[:, 0]
    assert len(decoded) == 6 * 48_000

    def of_music(start: float, end: float) -> float:
        part = decoded[round(start * 48_000) : round(end * 48_000)]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
        at = round(2000 * len(part) / 48_000)
        return float(20 * np.log10(spectrum[at - 3 : at + 4].max() / len(part)))

    assert of_music(3.2, 3.9) == pytest.approx(of_music(0.0, 0.15) - 12, abs=1)
    assert of_music(4.4, 5.2) == pytest.approx(of_music(3.2, 3.9), abs=0.3)


def test_a_mix_as_long_as_its_first_sound(
    engine: EngineHarness, bursts: Path, tmp_path: Path
) -> None:
    short = make(tmp_path / "a.wav", *TONE)
    made = engine.make("audio_mix", {"length": "first"}, audio=[short, bursts])
    assert len(decode(made.path("audio"))) == 2 * 48_000


def test_more_tracks_than_sounds_are_refused(engine: EngineHarness, bursts: Path) -> None:
    error = engine.make("audio_mix", {"tracks": [{}, {}]}, audio=[bursts]).error
    assert error.code == "VALIDATION_ERROR"
    assert error.message.startswith("params.tracks: ")


def test_long_pauses_become_as_short_as_asked_and_short_ones_stay(
    engine: EngineHarness, bursts: Path
) -> None:
    made = engine.make("audio_trim_pauses", {"max_pause": 0.5, "breath": 0.1}, audio=bursts)
    decoded = decode(made.path("audio"), rate=24_000)[:, 0]
    loud = np.abs(decoded) > 0.02
    edges = np.flatnonzero(np.diff(loud.astype(int)))
    gaps = [b - a for a, b in itertools.pairwise(edges) if b - a > 2400]
    # 0.1 + 1 + 0.5 + 1 + 0.3 + 1 + 0.1 seconds; the tone's own zero crossings do not count.
    assert len(decoded) / 24_000 == pytest.approx(4.0, abs=0.02)
    assert [gap / 24_000 for gap in gaps] == pytest.approx([0.5, 0.3], abs=0.02)
    assert steady(made)


def test_a_shortened_pause_makes_no_click(engine: EngineHarness, tmp_path: Path) -> None:
    hum = "aevalsrc='0.006*sin(60*2*PI*t)+0.3*sin(440*2*PI*t)*(between(t,0,1)+between(t,2,3))'"
    source = make(tmp_path / "hum.wav", "-f", "lavfi", "-i", f"{hum}:d=3:s=24000")
    params = {"max_pause": 0.3, "trim_ends": False}
    made = engine.make("audio_trim_pauses", params, audio=source)
    decoded = decode(made.path("audio"), rate=24_000)[:, 0]
    assert len(decoded) / 24_000 == pytest.approx(2.3, abs=0.02)
    in_pause = decoded[round(1.03 * 24_000) : round(1.27 * 24_000)]
    assert np.abs(np.diff(in_pause)).max() < 2 * np.pi * 60 / 24_000 * 0.006 * 2


def test_sound_that_is_all_below_the_threshold_is_refused(
    engine: EngineHarness, tmp_path: Path
) -> None:
    source = make(tmp_path / "s.wav", "-f", "lavfi", "-i", "anullsrc=d=2:r=24000:cl=mono")
    error = engine.make("audio_trim_pauses", {}, audio=source).error
    assert error.code == "UNPROCESSABLE_MEDIA"
    assert "inputs.audio_asset_id" in error.message
