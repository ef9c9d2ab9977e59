"""Concatenate decoded parts of files: video on one canvas, sound as one stream. Pure.

Every part lasts a whole number of frames and its sound exactly as long, so that nothing drifts
however many are joined. ``merge`` and the other types that join clips use this module.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate
from typing import Any, Final

import ffmpeg

from gala.render_types.params.framing import Fit
from gala_renderer.cutting.ranges import frame_count, late_frames
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg.color import normalise_colour
from gala_renderer.ffmpeg.encoder_options import AUDIO_RATE
from gala_renderer.ffmpeg.inputs import Stream, audio_of, seconds_text, video_of
from gala_renderer.ffmpeg.part_source import part_input, pictures_from, seek_before
from gala_renderer.ffmpeg.scaling import fitted
from gala_renderer.ffmpeg.video_source import Size, language_of, rate_text
from gala_renderer.ffmpeg.xfade import crossed
from gala_renderer.probe.media import Media

_MANY: Final = 4
"""With more inputs than this, each is decoded by one thread, as all are open at once."""
_EXTRA_SECONDS: Final = 1.0
_DISTINCT_SECONDS: Final = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A part of a file: ``frames`` output frames from the frame shown at ``start`` (seconds).

    A still picture is repeated for that long.
    """

    media: Media
    start: Fraction = Fraction(0)
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Takes in order on a canvas of ``size`` at ``rate``; with a transition they overlap."""

    takes: tuple[Take, ...]
    size: Size
    rate: Fraction
    fit: Fit = Fit.CONTAIN
    transition: str | None = None
    """The name of an FFmpeg ``xfade`` transition."""
    transition_frames: int = 0

    @property
    def frames(self) -> int:
        """The number of frames of the result."""
        overlaps = (len(self.takes) - 1) * self.transition_frames if self.transition else 0
        return sum(take.frames for take in self.takes) - overlaps

    @property
    def language(self) -> str | None:
        """The language of the sound, if the files give it and agree."""
        return language_of(*(take.media for take in self.takes))

    @property
    def seconds(self) -> float:
        """The length of the result, in seconds."""
        return float(self.frames / self.rate)


def as_stored(join: Join) -> Join:
    """Return the join with takes that start at a stored frame, to be copied.

    A take that starts before the first one gets as many frames from there on: at most a tenth of a
    second, because other files are encoded.
    """
    takes = []
    for take in join.takes:
        late = late_frames(take.media)
        first = max(0, round(take.start * join.rate) - late)
        frames = min(take.frames, frame_count(take.media) - late - first)
        start = Fraction(take.media.late_picture) + first / join.rate
        takes.append(replace(take, start=start, frames=frames))
    return replace(join, takes=tuple(takes))


def joined_pictures(join: Join) -> Stream:
    """Return the video of all takes as one stream, in BT.709."""
    parts = [take_pictures(take, join, at) for at, take in enumerate(join.takes)]
    if not join.transition:
        if len(parts) == 1:
            return parts[0]
        # `concat` takes a part of one frame to have no duration.
        concatenated = ffmpeg.concat(*parts, v=1, a=0).filter("settb", f"1/{_ticks(join.rate)}")
        return concatenated.filter("setpts", f"N*{join.rate.denominator}")
    whole = parts[0]
    offsets = accumulate(take.frames - join.transition_frames for take in join.takes)
    for part, begin in zip(parts[1:], offsets, strict=False):
        whole = crossed(
            whole,
            part,
            join.transition,
            duration=seconds_text(float(join.transition_frames / join.rate)),
            offset=seconds_text(float(begin / join.rate)),
        )
    return whole


def joined_sound(join: Join, *, mono: bool = False) -> Stream | None:
    """Return the sound of all takes as one stream, or None if no take has sound.

    Takes without sound are silent. The stream is stereo, or mono if ``mono``. Transitions
    cross-fade the sound.
    """
    if not any(take.media.sound for take in join.takes):
        return None
    parts = [take_sound(take, join, at, mono=mono) for at, take in enumerate(join.takes)]
    if not join.transition:
        return sounds.joined(parts)
    whole = parts[0]
    samples = round(join.transition_frames / join.rate * AUDIO_RATE)
    for part in parts[1:]:
        whole = ffmpeg.filter([whole, part], "acrossfade", nb_samples=samples, c1="tri", c2="tri")
    return whole


def take_pictures(take: Take, join: Join, at: int = 0) -> Stream:
    """Return one take's frames on the canvas; its index ``at`` distinguishes equal takes."""
    picture = take.media.require_picture("picture")
    if picture.still:
        base = _repeated(video_of(take.media, _input(take, join, at)), join.rate, take.frames)
    else:
        base = pictures_from(take.media, take.start, take.frames, join.rate, **_options(join, at))
    normalised = normalise_colour(base, picture)
    if (picture.width, picture.height) != join.size or picture.sample_aspect != 1:
        normalised = fitted(normalised, *join.size, join.fit)
    return normalised.filter("settb", f"1/{_ticks(join.rate)}").filter("setsar", 1)


def take_sound(take: Take, join: Join, at: int = 0, *, mono: bool = False) -> Stream:
    """Return one take's sound, exactly as long as its video."""
    seconds = float(take.frames / join.rate)
    sound = take.media.sound
    if sound is None:
        quiet = sounds.silence(seconds, number=at)
        return quiet.filter("aformat", channel_layouts="mono") if mono else quiet
    form = sounds.mono if mono else sounds.stereo
    sound_stream = form(audio_of(take.media, _input(take, join, at)), sound)
    early = take.start - seek_before(take.media, take.start, join.rate).seconds
    return sounds.fitted(sounds.cut(sound_stream, float(early)) if early else sound_stream, seconds)


def _input(take: Take, join: Join, at: int) -> Stream:
    length = take.frames / join.rate
    return part_input(take.media, take.start, length, join.rate, **_options(join, at))


def _options(join: Join, at: int) -> dict[str, Any]:
    # ffmpeg-python merges equal nodes; different durations keep equal takes separate.
    options: dict[str, Any] = {"extra": _EXTRA_SECONDS + at * _DISTINCT_SECONDS}
    if len(join.takes) > _MANY:
        options["threads"] = 1
    return options


def _repeated(one: Stream, rate: Fraction, frames: int) -> Stream:
    return (
        one.filter("loop", loop=frames - 1, size=1)
        .filter("settb", f"1/{_ticks(rate)}")
        .filter("setpts", f"N*{rate.denominator}")
        .filter("fps", rate_text(rate))
    )


def _ticks(rate: Fraction) -> int:
    return rate.numerator
