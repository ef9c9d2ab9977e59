"""Building blocks for sound in FFmpeg's graph: pure, shared by every type that makes sound.

Each takes a stream of ffmpeg-python's graph and gives the next one; nothing is run here. Start with
:func:`stereo`, which brings any source to 48 kHz stereo in floats; the others expect that. AAC is
encoded once, at the final mux: joined AAC encodes click, because each begins with samples of its
own. Levels are decibels, times seconds.
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
"""The highest sample that we write; lossy encoders overshoot it a little."""

MOST_DUCKING_DB: Final = 60.0

_MEAN_DB: Final = -3.0103
"""FFmpeg adds both sides up at -3 dB each in floats; this makes it their mean."""

_SQUARE_ROOT_OF_2: Final = "1.41421356"
_SLOWEST: Final = 0.5
_FASTEST: Final = 2.0
_FLOATS: Final = "fltp"

# What is louder than this is a voice. It counts until it has been below for about half a second,
# so that the music stays down between words.
_SPEECH_DB: Final = -45.0
_DUCK_ATTACK_MS: Final = 10
_DUCK_RELEASE_MS: Final = 1600
_DUCK_GLIDE_HZ: Final = 1.5
"""The music glides down and up in about 0.3 seconds."""
_DUCK_AHEAD_SECONDS: Final = 0.3
"""It begins that long before the voice, so that the first word is heard well."""


def stereo(stream: Stream, sound: AudioStream, *, rate: int = AUDIO_RATE) -> Stream:
    """The source in two channels, in floats, from its first sample on.

    Mono keeps its level on both sides; 5.1 and the like are mixed down as ITU-R BS.775 says, the
    centre at -3 dB and no level lost to make room, what would clip being limited.
    """
    steady = stream.filter("aresample", rate, **{"async": 1, "first_pts": 0})
    return _two_channels(steady, sound.channels)


def mono(stream: Stream, sound: AudioStream, *, rate: int = AUDIO_RATE) -> Stream:
    """The source in one channel, in floats, from its first sample on: the mean of both sides."""
    if sound.channels > 1:
        both = gained(stereo(stream, sound, rate=rate), _MEAN_DB)
        return both.filter("aformat", sample_fmts=_FLOATS, channel_layouts="mono")
    steady = stream.filter("aresample", rate, **{"async": 1, "first_pts": 0})
    return steady.filter("aformat", sample_fmts=_FLOATS)


def _two_channels(stream: Stream, channels: int) -> Stream:
    # FFmpeg's own mixing takes nearly 8 dB off 5.1 in integers, and 3 dB off mono always. Filters
    # that lay mono on both sides as it is let both share one memory, which the next one that works
    # in place, `volume` say, then changes twice.
    mixed = stream.filter("aformat", sample_fmts=_FLOATS, channel_layouts="stereo")
    if channels == 1:
        return mixed.filter("volume", _SQUARE_ROOT_OF_2)
    return mixed if channels == 2 else limited(mixed)


def silence(seconds: float, *, rate: int = AUDIO_RATE) -> Stream:
    """Exactly that much silence."""
    source = ffmpeg.input(f"anullsrc=r={rate}:cl=stereo", f="lavfi", t=_seconds(seconds)).audio
    return source.filter("aformat", sample_fmts=_FLOATS)


def fitted(stream: Stream, seconds: float, *, rate: int = AUDIO_RATE) -> Stream:
    """Exactly that long, to the sample: cut at its end, or silent there."""
    samples = round(seconds * rate)
    return stream.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)


def cut(stream: Stream, start: float, end: float | None = None) -> Stream:
    """The part between two times, beginning at 0."""
    bounds = {"start": _seconds(start)} | ({} if end is None else {"end": _seconds(end)})
    return stream.filter("atrim", **bounds).filter("asetpts", "PTS-STARTPTS")


def repeated(stream: Stream, seconds: float, *, rate: int = AUDIO_RATE) -> Stream:
    """Again and again without a gap, and cut to that length; the whole sound is kept in memory.

    For a file of its own, ``argv.looped_input`` costs no memory.
    """
    looped = stream.filter("aloop", loop=-1, size=int(seconds * rate) + 1)
    return looped.filter("atrim", end_sample=round(seconds * rate))


def gained(stream: Stream, db: float) -> Stream:
    """Louder or softer; 0 leaves the stream as it is."""
    return stream if db == 0 else stream.filter("volume", f"{db:.3f}dB")


def faded(stream: Stream, *, fade_in: float, fade_out: float, seconds: float) -> Stream:
    """Faded at both ends of its length ``seconds``; each fade takes at most half of it."""
    if fade_in > 0:
        stream = stream.filter("afade", type="in", d=_seconds(min(fade_in, seconds / 2)))
    if fade_out > 0:
        length = min(fade_out, seconds / 2)
        stream = stream.filter(
            "afade", type="out", st=_seconds(seconds - length), d=_seconds(length)
        )
    return stream


def delayed(stream: Stream, seconds: float, *, rate: int = AUDIO_RATE) -> Stream:
    """Later by that much silence, to the sample."""
    samples = round(seconds * rate)
    return stream.filter("adelay", f"{samples}S", all=1) if samples else stream


def at_tempo(stream: Stream, factor: float) -> Stream:
    """Faster (more than 1) or slower, at the same pitch."""
    while factor > _FASTEST:
        stream, factor = stream.filter("atempo", _FASTEST), factor / _FASTEST
    while factor < _SLOWEST:
        stream, factor = stream.filter("atempo", _SLOWEST), factor / _SLOWEST
    return stream if factor == 1 else stream.filter("atempo", f"{factor:.6f}")


def joined(streams: Sequence[Stream]) -> Stream:
    """One after the other."""
    return streams[0] if len(streams) == 1 else ffmpeg.concat(*streams, v=0, a=1)


def mixed(streams: Sequence[Stream], *, peak_db: float = PEAK_DB) -> Stream:
    """All at once, each at its own level, as long as the longest; what would clip is limited."""
    if len(streams) == 1:
        return streams[0]
    return limited(added(streams), peak_db=peak_db)


def added(streams: Sequence[Stream]) -> Stream:
    """All at once, as long as the longest, not limited yet: floats may go above full scale."""
    # By default `amix` makes each the softer the more there are.
    return ffmpeg.filter(
        streams, "amix", inputs=len(streams), duration="longest", normalize=0, dropout_transition=0
    )


def ducked(music: Stream, voice: Stream, db: float) -> tuple[Stream, Stream]:
    """Music that falls by ``db`` (0 to 60) while there is a voice, and the voice as it was.

    The music must be finite; it is as long as before. What counts is that somebody speaks (louder
    than -42 dB), not how loudly, so that the music falls by just that much under every voice.
    """
    if db <= 0:
        return music, voice
    heard = voice.asplit()
    # The gate is open (1) while there is a voice, shut (0) while there is none. It takes a start
    # in exact silence for an open one, which a hundred-millionth prevents.
    key = heard[0].filter("apad").filter("dcshift", shift="0.0000001")
    spoken = ffmpeg.filter(
        [_ones(), key],
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
    taken = 1 - 10 ** (-min(db, MOST_DUCKING_DB) / 20)
    level = (
        spoken.filter("lowpass", f=_DUCK_GLIDE_HZ, poles=1, precision="f64")
        .filter("volume", f"-{taken:.6f}")
        .filter("dcshift", shift=1)
    )
    level = cut(level, _DUCK_AHEAD_SECONDS).filter("aformat", sample_fmts=_FLOATS)
    return ffmpeg.filter([music, level], "amultiply"), heard[1]


def _ones() -> Stream:
    source = ffmpeg.input(f"anullsrc=r={AUDIO_RATE}:cl=stereo", f="lavfi").audio
    return source.filter("dcshift", shift=1)


def music_under(
    voice: Stream, music: Stream, *, duck_db: float = 0.0, peak_db: float = PEAK_DB
) -> Stream:
    """A voice at its own level over music, which falls by ``duck_db`` while there is a voice."""
    music, voice = ducked(music, voice, duck_db)
    return mixed([voice, music], peak_db=peak_db)


def limited(stream: Stream, *, peak_db: float = PEAK_DB) -> Stream:
    """No sample above that level; nothing is made louder, and nothing comes later."""
    return stream.filter(
        "alimiter", limit=_linear(peak_db), level=0, attack=5, release=50, latency=1
    )


def true_peak_limited(stream: Stream, *, peak_db: float, rate: int = AUDIO_RATE) -> Stream:
    """No peak above that level, those between the samples included."""
    finer = stream.filter("aresample", rate * 4)
    return limited(finer, peak_db=peak_db).filter("aresample", rate)


def _linear(db: float) -> str:
    return f"{10 ** (db / 20):.6f}"


def _seconds(value: float) -> str:
    return f"{value:.6f}"
