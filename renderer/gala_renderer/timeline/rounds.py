"""Parts of videos that play backwards or repeat: encoded first, nearly without loss, in parts.

FFmpeg holds what it reverses in memory, and cannot repeat a part of a file.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import ffmpeg

from gala.timeline.compilation.layers import Layer, SourceSpan
from gala_renderer.engine.plan import FFmpegStep
from gala_renderer.ffmpeg import scaling
from gala_renderer.ffmpeg.color import normalise_colour
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE, Options
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.ffmpeg.part_source import pictures_from
from gala_renderer.ffmpeg.video_source import even_size, rate_text
from gala_renderer.probe.media import Media, VideoStream
from gala_renderer.timeline.graph import Span
from gala_renderer.timeline.studio import Round, Studio

_PART_BYTES: Final = 256 * 1024**2
"""Of decoded frames that one part may hold in memory."""
_MAX_FRAMES: Final = 600
_PLAIN_BYTES: Final = 1.5
"""Of a pixel in 4:2:0."""
_DEEP_BYTES: Final = 8.0
"""Of a pixel with transparency in 16 bits."""
_NEARLY_LOSSLESS: Final[Options] = {
    "f": "mp4", "pix_fmt": "yuv420p", "c:v": "libx264", "preset": "ultrafast", "crf": 6, "bf": 0,
    **REPRODUCIBLE,
}  # fmt: skip
_LOSSLESS: Final[Options] = {"f": "matroska", "c:v": "ffv1", **REPRODUCIBLE}
"""Keeps transparency, in the pixels of the file."""
_MAX_DRIFT_FRAMES: Final = Fraction(1, 2)
_WEIGHT: Final = 0.3
"""Of encoding a second."""


def is_prepared(source: SourceSpan) -> bool:
    """Return True if the frames of a file are encoded before the film is."""
    return source.reverse or (source.loop and bool(source.start or source.end is not None))


def steady_frames(layer: Layer, media: Media, rate: Fraction) -> int | None:
    """Return the frames of one round of a whole file that repeats.

    None if its sound, whose rounds are not exactly as long, would drift off.
    """
    source, count = layer.source, layer.end_frame - layer.first_frame
    if source is None:
        raise ValueError("a layer without a part of a file")
    exact = Fraction(media.length) / Fraction(source.speed) * rate
    frames = max(1, round(exact))
    drift = abs(exact - frames) * (count // frames)
    is_heard = media.sound is not None and getattr(layer.element, "volume", 0.0) > 0
    return None if is_heard and drift > _MAX_DRIFT_FRAMES else frames


def plays_round(layer: Layer, media: Media, studio: Studio) -> bool:
    """Return True if a layer shows a round that is encoded before; see :func:`prepared_round`.

    So does what repeats with transparency, which FFmpeg's option for repeating would lay on black,
    or with a first or last frame that is held, which it would not hold.
    """
    source, picture = layer.source, media.require_picture(layer.pointer)
    if source is None:
        return False
    is_special = source.loop and (picture.alpha or media.holds_frames)
    return is_special or is_prepared(source) or _is_shared(layer, media, studio)


def _is_shared(layer: Layer, media: Media, studio: Studio) -> bool:
    """Return True if one round of a whole file is encoded for all parts of a film that show it.

    Each part would decode what is before it, too.
    """
    part = studio.seen
    if part is None or layer.source is None or not layer.source.loop:
        return False
    if part.first <= layer.first_frame and layer.end_frame <= part.end:
        return False
    frames = steady_frames(layer, media, studio.rate)
    return frames is not None and layer.end_frame - layer.first_frame >= 2 * frames


def played_at(layer: Layer, media: Media, span: Span) -> tuple[Fraction, Fraction]:
    """Return what to read for one frame of a layer that plays backwards or repeats.

    That is the second of the file, and the rate at which the file is read.
    """
    source = layer.source
    if source is None:
        raise ValueError("a layer without a part of a file")
    speed, frames = _speed_and_frames(source, media, span.rate)
    number = span.first - layer.first_frame
    number = number % frames if source.loop else min(number, frames - 1)
    if source.reverse:
        number = frames - 1 - number
    return source.start + number * speed / span.rate, span.rate / speed


def _speed_and_frames(source: SourceSpan, media: Media, rate: Fraction) -> tuple[Fraction, int]:
    """Return the speed of a part of a file, and how many frames of the film one round has."""
    speed = Fraction(source.speed).limit_denominator(1000)
    end = source.end if source.end is not None else Fraction(media.length)
    return speed, max(1, round((end - source.start) / speed * rate))


def prepared_round(layer: Layer, media: Media, studio: Studio) -> Round:
    """Return the part that a layer plays, and have it encoded."""
    source, picture = layer.source, media.require_picture(layer.pointer)
    if source is None:
        raise ValueError("a layer without a part of a file")
    if layer.number in studio.rounds:
        return studio.rounds[layer.number]
    speed, frames = _speed_and_frames(source, media, studio.rate)
    size = _frames_at_once(picture)
    starts = list(range(0, frames, size))
    names = []
    for at in reversed(starts) if source.reverse else starts:
        name = f"layer-{layer.number}-{at}.{'mkv' if picture.alpha else 'mp4'}"
        count = min(size, frames - at)
        shown = _played(media, source.start + at * speed / studio.rate, count, studio.rate, speed)
        if source.reverse:
            shown = shown.filter("reverse")
        options = _LOSSLESS if picture.alpha else _NEARLY_LOSSLESS
        arguments = ffmpeg.output(shown, str(studio.folder / name), **options).get_args()
        seconds = float(count / studio.rate)
        studio.steps.append(FFmpegStep("decoding", tuple(arguments), seconds, _WEIGHT * seconds))
        names.append(name)
    found = Round(studio.folder, tuple(names), frames, alpha=picture.alpha)
    studio.rounds[layer.number] = found
    return found


def _frames_at_once(picture: VideoStream) -> int:
    """Return how many frames a part has, which FFmpeg holds in memory to reverse them."""
    width, height = even_size(picture)
    each = width * height * (_DEEP_BYTES if picture.alpha else _PLAIN_BYTES)
    return min(_MAX_FRAMES, max(8, int(_PART_BYTES / each)))


def _played(media: Media, begin: Fraction, count: int, rate: Fraction, speed: Fraction) -> Stream:
    """Return frames of a file from a second on, at the film's rate; opaque ones in BT.709."""
    picture = media.require_picture("picture")
    shown = pictures_from(media, begin, count, rate / speed, an=None)
    if not picture.alpha:
        shown = scaling.contained(normalise_colour(shown, picture), *even_size(picture))
    shown = shown.filter("settb", f"1/{rate}").filter("setpts", "N")
    return shown.filter("fps", rate_text(rate))
