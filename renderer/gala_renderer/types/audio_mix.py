"""Plans ``audio_mix``: several sounds mixed in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from gala.errors import InvalidRequest
from gala.render_types.audio_mix import AudioMixParams, MixLength, Track
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.engine.together import together
from gala_renderer.ffmpeg import audio_filters, audio_output
from gala_renderer.ffmpeg.encoder_options import AUDIO_RATE
from gala_renderer.ffmpeg.inputs import audio_of, looped_input, user_input
from gala_renderer.probe.media import MAX_INPUT_SECONDS, AudioStream, Media

NAME: Final = "audio_mix"

_MAX_SOUNDS: Final = 32


@dataclass(frozen=True, slots=True)
class _MixInput:
    """One sound of the mix."""

    media: Media
    sound: AudioStream
    track: Track

    @property
    def ends(self) -> float:
        """The time at which it ends if it is not looped."""
        return self.track.offset + self.media.sound_end


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one pass of FFmpeg; raise ``InvalidRequest`` for more tracks than sounds."""
    params = cast(AudioMixParams, order.params)
    files = order.files("audio")
    _check(params, files)
    tracks = (*params.tracks, *(Track() for _ in files[len(params.tracks) :]))
    parts = await together(map(_inspect_part(context), files, tracks))
    seconds = _length(parts, params.length)
    rate, channels = _form(params, parts)
    name = audio_output.file_name(params.audio_format)
    mix = _mixed(parts, seconds, params.duck_db)
    arguments = audio_output.written(
        audio_output.shaped(
            mix, AudioStream(rate=AUDIO_RATE, channels=2), rate=rate, channels=channels
        ),
        context.part(name),
        params,
        rate=rate,
        channels=channels,
    )
    return Plan((FFmpegStep("mixing", arguments, seconds),), {"audio": name})


def _check(params: AudioMixParams, files: Sequence[InputFile]) -> None:
    if len(files) > _MAX_SOUNDS:
        field = files[0].field
        raise InvalidRequest(f"{field}: a mix takes {_MAX_SOUNDS} sounds at most.", field=field)
    if len(params.tracks) > len(files):
        raise InvalidRequest(
            f"params.tracks: there are {len(params.tracks)} tracks, but {len(files)} sounds.",
            field="params.tracks",
        )


def _inspect_part(context: RenderContext) -> Any:
    async def inspect(file: InputFile, track: Track) -> _MixInput:
        media = await context.inspect(file)
        return _MixInput(media, media.require_sound(file.field), track)

    return inspect


def _length(parts: Sequence[_MixInput], length: MixLength) -> float:
    """Return the duration of the mix in seconds."""
    if length is MixLength.FIRST:
        parts = parts[:1]
    ends = [part.ends for part in parts if not part.track.loop] or [parts[0].ends]
    seconds = max(ends)
    if not 0 < seconds <= MAX_INPUT_SECONDS:
        raise InvalidRequest(
            f"params.tracks: the mix would last {seconds:.0f} seconds; at most"
            f" {MAX_INPUT_SECONDS:.0f} are made.",
            field="params.tracks",
        )
    return seconds


def _form(params: AudioMixParams, parts: Sequence[_MixInput]) -> tuple[int, int]:
    """Return sample rate and channels: the highest of all sounds."""
    best = AudioStream(
        rate=max(part.sound.rate for part in parts),
        channels=max(part.sound.channels for part in parts),
    )
    return audio_output.rate_of(params, best), audio_output.channels_of(params, best)


def _mixed(parts: Sequence[_MixInput], seconds: float, duck_db: float) -> Any:
    streams = [_stream(part, seconds) for part in parts]
    if len(streams) == 1:
        return audio_filters.limited(streams[0])
    voice, others = streams[0], audio_filters.added(streams[1:])
    return audio_filters.music_under(voice, others, duck_db=duck_db)


def _stream(part: _MixInput, seconds: float) -> Any:
    """Return one sound at its level and offset, padded to the length of the mix."""
    track = part.track
    available = max(0.0, seconds - track.offset)
    if track.loop:
        source, lasts = looped_input(part.media, available, vn=None), available
    else:
        source, lasts = (
            user_input(part.media, vn=None),
            min(available, part.media.sound_end or available),
        )
    stream = audio_filters.gained(
        audio_filters.stereo(audio_of(part.media, source), part.sound), track.gain_db
    )
    stream = audio_filters.cut(stream, 0, lasts)
    stream = audio_filters.faded(
        stream, fade_in=track.fade_in, fade_out=track.fade_out, seconds=lasts
    )
    return audio_filters.fitted(audio_filters.delayed(stream, track.offset), seconds)
