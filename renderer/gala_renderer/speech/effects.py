"""Voice effects applied after synthesis: pitch, tempo, telephone, reverb."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ffmpeg
import numpy as np

from gala.render_types.params.voice import Reverb, VoiceEffects
from gala_renderer.engine.context import RenderContext
from gala_renderer.ffmpeg.audio_filters import at_tempo
from gala_renderer.speech import pcm_track

_LIMIT_SECONDS: Final = 60 * 60.0


@dataclass(frozen=True, slots=True)
class _Room:
    """A room: reverberation time to -60 dB and delay of the first echo in seconds, and level."""

    seconds: float
    wet: float
    first: float


_ROOMS: Final = {
    Reverb.ROOM: _Room(seconds=0.45, wet=0.28, first=0.006),
    Reverb.HALL: _Room(seconds=1.9, wet=0.34, first=0.022),
}


async def apply(context: RenderContext, track: Path, *, rate: int, effects: VoiceEffects) -> Path:
    """Return the track's file with these effects; the caller divides word times by the tempo.

    Reverb makes the sound longer by its echo.
    """
    if effects.pitch or effects.tempo != 1 or effects.telephone:
        samples = pcm_track.length(track)
        fine = await context.ffmpeg.has_filter("rubberband")
        changed = track.with_name(f"{track.name}.changed")
        await context.ffmpeg.run(
            arguments(track, changed, rate=rate, samples=samples, effects=effects, fine=fine),
            cwd=context.scratch,
            limit_seconds=_LIMIT_SECONDS,
            media_seconds=max(samples, 1) / rate / effects.tempo,
            report=lambda _: None,
        )
        track = changed
    if effects.reverb is not Reverb.NONE:
        room = _ROOMS[effects.reverb]
        echoing = track.with_name(f"{track.name}.echo")
        await asyncio.to_thread(_add_reverb, track, echoing, rate, room)
        track = echoing
    return track


def arguments(
    track: Path, target: Path, *, rate: int, samples: int, effects: VoiceEffects, fine: bool
) -> tuple[str, ...]:
    """Return FFmpeg's arguments for pitch, tempo and telephone; the length is ``samples / tempo``.

    ``fine`` uses Rubber Band, which not every FFmpeg has; otherwise resampling and ``atempo``.
    """
    sound = ffmpeg.input(str(track), f="f32le", ar=rate, ac=1).audio
    if effects.pitch or effects.tempo != 1:
        ratio = 2 ** (effects.pitch / 12)
        shift = _finely_shifted if fine else _plainly_shifted
        sound = shift(sound, rate, effects.tempo, ratio)
    if effects.telephone:
        sound = _telephone(sound)
    expected = round(samples / effects.tempo)
    sound = sound.filter("apad", whole_len=expected).filter("atrim", end_sample=expected)
    return tuple(ffmpeg.output(sound, str(target), f="f32le").get_args())


def _finely_shifted(sound: Any, _: int, tempo: float, ratio: float) -> Any:
    # The short window preserves the attacks of speech better than the default one.
    return sound.filter(
        "rubberband",
        tempo=f"{tempo:.6f}",
        pitch=f"{ratio:.6f}",
        window="short",
        pitchq="quality",
    )


def _plainly_shifted(sound: Any, rate: int, tempo: float, ratio: float) -> Any:
    if ratio != 1:
        sound = sound.filter("asetrate", round(rate * ratio)).filter("aresample", rate)
    return at_tempo(sound, tempo / ratio)


def _telephone(sound: Any) -> Any:
    """Limit to the telephone band, 300 to 3400 Hz, with compression and soft clipping."""
    return (
        sound.filter("highpass", f=300, p=2)
        .filter("highpass", f=300, p=2)
        .filter("lowpass", f=3400, p=2)
        .filter("lowpass", f=3400, p=2)
        .filter("acompressor", threshold=0.06, ratio=4, attack=3, release=60, makeup=2)
        .filter("asoftclip", type="tanh", threshold=0.7)
    )


def _add_reverb(track: Path, target: Path, rate: int, room: _Room) -> None:
    """Convolve with the room's impulse response, block by block."""
    response = _impulse_response(rate, room)
    size = 1 << (2 * len(response)).bit_length()
    step = size - len(response) + 1
    spectrum = np.fft.rfft(response, size)
    tail = np.zeros(len(response) - 1, np.float64)
    sound = np.memmap(track, "<f4", "r") if pcm_track.length(track) else np.zeros(0, np.float32)
    with target.open("wb") as file:
        for start in range(0, len(sound), step):
            block = sound[start : start + step]
            wet = np.fft.irfft(np.fft.rfft(block, size) * spectrum, size)
            wet[: len(tail)] += tail
            tail = wet[len(block) : len(block) + len(tail)].copy()
            file.write((block + wet[: len(block)]).astype("<f4").tobytes())
        file.write(tail.astype("<f4").tobytes())


def _impulse_response(rate: int, room: _Room) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return an impulse response: decaying noise that loses its high frequencies first."""
    count = round(room.seconds * rate)
    noise = np.random.default_rng(1).standard_normal(count)
    # Walls absorb high frequencies.
    dull = np.convolve(noise, np.hanning(9) / np.hanning(9).sum(), "same")
    seconds = np.arange(count) / rate
    mixed = dull + noise * np.exp(-seconds * 30)
    decayed = mixed * np.exp(-6.91 * seconds / room.seconds)
    decayed[: round(room.first * rate)] = 0
    return np.asarray(room.wet * decayed / np.sqrt(np.sum(decayed**2)))
