"""Audio filters of FFmpeg's graph, shared by every render type that produces sound.

Each function takes a stream of ffmpeg-python's graph and returns the next one; nothing is run here.
Start with :func:`stereo`, which converts any source to 48 kHz stereo in floats, as the others
expect. AAC is encoded once, at the final mux: concatenated AAC streams click, because each begins
with priming samples. Levels are in decibels, times in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import ffmpeg

from gala_renderer.ffmpeg.encoder_options import AUDIO_RATE
from gala_renderer.probe.media import AudioStream

Stream: TypeAlias = Any
"""A node of ffmpeg-python's graph (that package has no types)."""

PEAK_DB: Final = -1.0
"""The highest sample that is written; lossy encoders overshoot it slightly."""

MOST_DUCKING_DB: Final = 60.0

ON_THE_CLOCK: Final[dict[str, Any]] = {
    "async": 1,
    "min_comp": 0.0001,
    "min_hard_comp": 0.02,
    "first_pts": 0,
}
"""Options of ``aresample`` that keep a source's time: silence up to its start, to 0.1 ms, and for
gaps in its time stamps from 20 ms on; overlaps of that length are dropped. FFmpeg's own limits are
1 and 100 ms; the latter is seen on lips."""

_MEAN_DB: Final = -3.0103
"""In floats, FFmpeg sums both channels at -3 dB each; this turns the sum into their mean."""

_SQUARE_ROOT_OF_2: Final = "1.41421356"
_SLOWEST: Final = 0.5
_FASTEST: Final = 2.0
_FLOATS: Final = "fltp"
_QUEUE: Final = 8
"""FFmpeg's own ``thread_queue_size``."""

# Anything louder is taken for speech, until the level has been below for about half a second, so
# that the music stays down between words.
_SPEECH_DB: Final = -45.0
_DUCK_ATTACK_MS: Final = 10
_DUCK_RELEASE_MS: Final = 1600
_DUCK_GLIDE_HZ: Final = 1.5
"""The music fades down and up in about 0.3 seconds."""
_DUCK_AHEAD_SECONDS: Final = 0.3
"""It starts that long before the voice, so that the first word is clear."""


def stereo(stream: Stream, sound: AudioStream, *, rate: int = AUDIO_RATE) -> Stream:
    """Convert the source to two channels, in floats, from its first sample on.

    Mono keeps its level in both channels. 5.1 and the like are mixed down by ITU-R BS.775, the
    centre at -3 dB; the level is not lowered for headroom, peaks that would clip are limited.
    """
    steady = finite(stream, sound).filter("aresample", rate, **ON_THE_CLOCK)
    return _two_channels(steady, sound.channels)


def mono(stream: Stream, sound: AudioStream, *, rate: int = AUDIO_RATE) -> Stream:
    """Convert the source to one channel, the mean, in floats, from its first sample on."""
    if sound.channels > 1:
        both = gained(stereo(stream, sound, rate=rate), _MEAN_DB)
        return both.filter("aformat", sample_fmts=_FLOATS, channel_layouts="mono")
    steady = finite(stream, sound).filter("aresample", rate, **ON_THE_CLOCK)
    return steady.filter("aformat", sample_fmts=_FLOATS)


def finite(stream: Stream, sound: AudioStream | None) -> Stream:
    """Silence samples of the source that are no numbers, or infinite; only floats can be.

    One of them spreads through filters, and encoders fail at it.
    """
    if sound is None or not (sound.codec or "").startswith("pcm_f"):
        return stream
    return stream.filter("aeval", "if(between(val(ch),-99,99),val(ch),0)", c="same")


def _two_channels(stream: Stream, channels: int) -> Stream:
    # FFmpeg's own mix lowers 5.1 by nearly 8 dB in integers, and mono by 3 dB always. Filters that
    # copy mono to both channels let both share one buffer, which the next filter that works in
    # place, such as `volume`, then changes twice.
    mixed = stream.filter("aformat", sample_fmts=_FLOATS, channel_layouts="stereo")
    if channels == 1:
        return mixed.filter("volume", _SQUARE_ROOT_OF_2)
    return mixed if channels == 2 else limited(mixed)


def silence(seconds: float, *, number: int = 0, rate: int = AUDIO_RATE) -> Stream:
    """Return silence of exactly that length.

    ``number`` differs for each silence of a graph.
    """
    source = _digital_silence(rate, number, t=_seconds(seconds))
    return source.filter("aformat", sample_fmts=_FLOATS)


def lasting(stream: Stream, seconds: float, *, rate: int = AUDIO_RATE) -> Stream:
    """Pad the stream with silence to at least that length."""
    return stream.filter("apad", whole_len=round(seconds * rate))


def fitted(stream: Stream, seconds: float, *, rate: int = AUDIO_RATE) -> Stream:
    """Cut the stream, or pad it with silence, to exactly that length in samples."""
    return lasting(stream, seconds, rate=rate).filter("atrim", end_sample=round(seconds * rate))


def cut(stream: Stream, start: float, end: float | None = None) -> Stream:
    """Return the part between two times, with time stamps from 0."""
    bounds = {"start": _seconds(start)} | ({} if end is None else {"end": _seconds(end)})
    return stream.filter("atrim", **bounds).filter("asetpts", "PTS-STARTPTS")


def repeated(stream: Stream, seconds: float, *, rate: int = AUDIO_RATE) -> Stream:
    """Repeat the stream without gaps, cut to that length; all of it is held in memory.

    For a file, ``inputs.looped_input`` takes no memory.
    """
    looped = stream.filter("aloop", loop=-1, size=int(seconds * rate) + 1)
    return looped.filter("atrim", end_sample=round(seconds * rate))


def gained(stream: Stream, db: float) -> Stream:
    """Change the level; 0 returns the stream unchanged."""
    return stream if db == 0 else stream.filter("volume", f"{db:.3f}dB")


def faded(stream: Stream, *, fade_in: float, fade_out: float, seconds: float) -> Stream:
    """Fade in and out over a length of ``seconds``; each fade takes at most half of it."""
    if fade_in > 0:
        stream = stream.filter("afade", type="in", d=_seconds(min(fade_in, seconds / 2)))
    if fade_out > 0:
        length = min(fade_out, seconds / 2)
        stream = stream.filter(
            "afade", type="out", st=_seconds(seconds - length), d=_seconds(length)
        )
    return stream


def delayed(stream: Stream, seconds: float, *, rate: int = AUDIO_RATE) -> Stream:
    """Delay the stream by that much silence, exact to the sample."""
    samples = round(seconds * rate)
    return stream.filter("adelay", f"{samples}S", all=1) if samples else stream


def at_tempo(stream: Stream, factor: float) -> Stream:
    """Play faster (``factor`` above 1) or slower, at the same pitch."""
    while factor > _FASTEST:
        stream, factor = stream.filter("atempo", _FASTEST), factor / _FASTEST
    while factor < _SLOWEST:
        stream, factor = stream.filter("atempo", _SLOWEST), factor / _SLOWEST
    return stream if factor == 1 else stream.filter("atempo", f"{factor:.6f}")


def joined(streams: Sequence[Stream]) -> Stream:
    """Concatenate the streams."""
    return streams[0] if len(streams) == 1 else ffmpeg.concat(*streams, v=0, a=1)


def mixed(streams: Sequence[Stream], *, peak_db: float = PEAK_DB) -> Stream:
    """Mix the streams at their own levels, to the longest length, with a limiter."""
    if len(streams) == 1:
        return streams[0]
    return limited(added(streams), peak_db=peak_db)


def added(streams: Sequence[Stream]) -> Stream:
    """Mix the streams to the longest length, without a limiter: floats may exceed full scale."""
    # By default `amix` lowers each input by their number.
    return ffmpeg.filter(
        streams, "amix", inputs=len(streams), duration="longest", normalize=0, dropout_transition=0
    )


def ducked(music: Stream, voice: Stream, db: float, *, number: int = 0) -> tuple[Stream, Stream]:
    """Lower the music by ``db`` (0 to 60) during speech; return it, and the voice unchanged.

    The music must be finite; it keeps its length. Any speech (louder than -42 dB) lowers it by the
    same amount, however loud the voice is. ``number`` differs for each use in a graph.
    """
    if db <= 0:
        return music, voice
    voices = voice.asplit()
    # The gate is open (1) during speech and closed (0) otherwise. It would take digital silence at
    # the start for an open gate, which an offset of 1e-7 prevents.
    key = voices[0].filter("apad").filter("dcshift", shift="0.0000001")
    gate = ffmpeg.filter(
        [_ones(number), key],
        "sidechaingate",
        threshold=_linear(_SPEECH_DB),
        range=0,
        ratio=9000,
        knee=1,
        attack=_DUCK_ATTACK_MS,
        release=_DUCK_RELEASE_MS,
        detection="peak",
        link="maximum",
    )
    reduction = 1 - 10 ** (-min(db, MOST_DUCKING_DB) / 20)
    level = (
        gate.filter("lowpass", f=_DUCK_GLIDE_HZ, poles=1, precision="f64")
        .filter("volume", f"-{reduction:.6f}")
        .filter("dcshift", shift=1)
    )
    level = cut(level, _DUCK_AHEAD_SECONDS).filter("aformat", sample_fmts=_FLOATS)
    return ffmpeg.filter([music, level], "amultiply"), voices[1]


def _ones(number: int) -> Stream:
    return _digital_silence(AUDIO_RATE, number).filter("dcshift", shift=1)


def _digital_silence(rate: int, number: int, **options: str) -> Stream:
    # ffmpeg-python merges equal inputs, and then refuses what is used twice.
    apart = {"thread_queue_size": _QUEUE + number}
    return ffmpeg.input(f"anullsrc=r={rate}:cl=stereo", f="lavfi", **options, **apart).audio


def music_under(
    voice: Stream, music: Stream, *, duck_db: float = 0.0, peak_db: float = PEAK_DB
) -> Stream:
    """Mix a voice at its own level with music that is lowered by ``duck_db`` during speech."""
    music, voice = ducked(music, voice, duck_db)
    return mixed([voice, music], peak_db=peak_db)


def limited(stream: Stream, *, peak_db: float = PEAK_DB) -> Stream:
    """Limit samples to that level, without make-up gain and without delay."""
    return stream.filter(
        "alimiter", limit=_linear(peak_db), level=0, attack=5, release=50, latency=1
    )


def true_peak_limited(stream: Stream, *, peak_db: float, rate: int = AUDIO_RATE) -> Stream:
    """Limit true peaks, including those between samples, to that level."""
    finer = stream.filter("aresample", rate * 4)
    return limited(finer, peak_db=peak_db).filter("aresample", rate)


def _linear(db: float) -> str:
    return f"{10 ** (db / 20):.6f}"


def _seconds(value: float) -> str:
    return f"{value:.6f}"
