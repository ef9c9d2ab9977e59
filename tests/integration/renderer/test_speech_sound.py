"""Audio of speech: joins, limits and effects, as arguments and as samples."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from gala.render_types.params.voice import VoiceEffects
from gala_renderer.speech import effects, pcm_track
from gala_renderer.speech.resampling import resample_arguments
from gala_renderer.speech.turns import TextPiece

_RATE = 8000


def _tone(seconds: float, level: float = 0.5) -> pcm_track.Samples:
    moment = np.arange(round(seconds * _RATE)) / _RATE
    return (level * np.cos(2 * np.pi * 440 * moment)).astype(np.float32)


def test_a_track_is_exactly_as_long_as_its_pieces(tmp_path: Path) -> None:
    track = pcm_track.SampleTrack(tmp_path / "t.f32", _RATE)
    for _ in range(50):
        track.add(_tone(0.0371))
        track.silence(0.0123)
    assert track.samples == 50 * (297 + 98)
    assert pcm_track.length(track.path) == track.samples


def test_joins_have_no_jump_above_the_sound_beside_them(tmp_path: Path) -> None:
    # Each piece starts at the crest of a wave and ends elsewhere: a plain join would click.
    track = pcm_track.SampleTrack(tmp_path / "t.f32", _RATE)
    for _ in range(50):
        track.add(_tone(0.1006))
    joined = np.concatenate(list(pcm_track.blocks(track.path)))
    within = np.max(np.abs(np.diff(_tone(0.1))))
    assert np.max(np.abs(np.diff(joined))) <= within * 1.01


def test_others_are_served_while_a_long_sound_is_appended(tmp_path: Path) -> None:
    sound, track = (
        pcm_track.SampleTrack(tmp_path / "a.f32", _RATE),
        pcm_track.SampleTrack(tmp_path / "b.f32", _RATE),
    )
    sound.silence(500)
    reached: list[int] = []

    async def append() -> None:
        appending = asyncio.create_task(track.extend(sound.path))
        while not appending.done():
            reached.append(track.samples)
            await asyncio.sleep(0)

    asyncio.run(append())
    assert track.samples == sound.samples
    assert any(0 < samples < sound.samples for samples in reached)


def test_silence_at_the_ends_of_a_piece_is_found() -> None:
    quiet = np.zeros(_RATE, np.float32)
    piece = np.concatenate([quiet, _tone(0.5), quiet])
    start, end = pcm_track.audible_span(piece, _RATE)
    assert start == pytest.approx(_RATE, abs=0.02 * _RATE)
    assert end == pytest.approx(1.5 * _RATE, abs=0.04 * _RATE)
    assert pcm_track.audible_span(quiet, _RATE) == (0, _RATE)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    track = pcm_track.SampleTrack(tmp_path / "t.f32", _RATE)
    asyncio.run(track.extend(_raw(tmp_path, _tone(1.0)), gain=3.0))
    pcm_track.write_wav(track.path, tmp_path / "t.wav", rate=_RATE)
    rate, samples = pcm_track.read_wav(tmp_path / "t.wav")
    assert (rate, len(samples)) == (_RATE, _RATE)
    assert np.max(np.abs(samples)) == pytest.approx(1.0, abs=1e-4)


def _raw(folder: Path, samples: pcm_track.Samples) -> Path:
    path = folder / "raw.f32"
    path.write_bytes(samples.astype("<f4").tobytes())
    return path


def test_pitch_and_tempo_are_one_filter_and_the_length_is_told_in_samples() -> None:
    arguments = effects.arguments(
        Path("/a.f32"), Path("/b.f32"), rate=24000, samples=48000,
        effects=VoiceEffects(pitch=12, tempo=1.5), fine=True,
    )  # fmt: skip
    graph = arguments[arguments.index("-filter_complex") + 1]
    assert "rubberband=pitch=2.000000:pitchq=quality:tempo=1.500000:window=short" in graph
    assert "apad=whole_len=32000" in graph
    assert "atrim=end_sample=32000" in graph
    assert "highpass" not in graph


def test_an_ffmpeg_without_rubber_band_shifts_pitch_and_tempo_too(tmp_path: Path) -> None:
    source, target = _raw(tmp_path, _tone(1.0)), tmp_path / "shifted.f32"
    arguments = effects.arguments(
        source, target, rate=_RATE, samples=_RATE, effects=VoiceEffects(pitch=12, tempo=0.5),
        fine=False,
    )  # fmt: skip
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments], check=True)
    shifted = np.concatenate(list(pcm_track.blocks(target)))
    assert len(shifted) == 2 * _RATE
    spectrum = np.abs(np.fft.rfft(shifted))
    assert np.argmax(spectrum) / 2 == pytest.approx(880, rel=0.02)


def test_a_telephone_leaves_the_pitch_alone() -> None:
    arguments = effects.arguments(
        Path("/a.f32"),
        Path("/b.f32"),
        rate=24000,
        samples=10,
        effects=VoiceEffects(telephone=True),
        fine=True,
    )
    graph = arguments[arguments.index("-filter_complex") + 1]
    assert "rubberband" not in graph
    assert graph.count("lowpass=f=3400") == 2


def test_another_rate_has_exactly_as_many_samples_as_it_should() -> None:
    arguments = resample_arguments(Path("/a.f32"), Path("/b.f32"), 22050, 24000, 24001)
    assert (
        "aresample=24000[s0];[s0]apad=whole_len=24001[s1];[s1]atrim=end_sample=24001"
        in " ".join(arguments)
    )


def test_only_the_ends_beside_a_pause_lose_their_silence() -> None:
    quiet = np.zeros(_RATE, np.float32)
    sound = np.concatenate([quiet, _tone(0.5), quiet])
    whole = TextPiece("a", cut_start=False, cut_end=False).span(sound, _RATE)
    cut = TextPiece("a", cut_start=False, cut_end=True).span(sound, _RATE)
    assert whole == (0, len(sound))
    assert cut[0] == 0
    assert cut[1] == pytest.approx(1.5 * _RATE, abs=0.04 * _RATE)
