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
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.part_source import pictures_from
from gala_renderer.ffmpeg.video_source import even_size, rate_text
from gala_renderer.probe.media import Media
from gala_renderer.timeline.graph import Span
from gala_renderer.timeline.studio import Round, Studio

_PART_BYTES: Final = 256 * 1024**2
"""Of decoded frames that one part may hold in memory."""
_MAX_FRAMES: Final = 600
_NEARLY_LOSSLESS: Final = {"c:v": "libx264", "preset": "ultrafast", "crf": 6, "bf": 0}
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


def is_shared(layer: Layer, media: Media, studio: Studio) -> bool:
    """Return True if one round of a whole file is encoded for all parts of a film that show it.

    Each part would decode what is before it, too. What is transparent is not shared.
    """
    part, picture = studio.seen, media.require_picture(layer.pointer)
    if part is None or layer.source is None or not layer.source.loop or picture.alpha:
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
    speed = Fraction(source.speed).limit_denominator(1000)
    end = source.end if source.end is not None else Fraction(media.length)
    frames = max(1, round((end - source.start) / speed * span.rate))
    number = span.first - layer.first_frame
    number = number % frames if source.loop else min(number, frames - 1)
    if source.reverse:
        number = frames - 1 - number
    return source.start + number * speed / span.rate, span.rate / speed


def prepared_round(layer: Layer, media: Media, studio: Studio) -> Round:
    """Return the part that a layer plays, and have it encoded."""
    source, picture = layer.source, media.require_picture(layer.pointer)
    if source is None:
        raise ValueError("a layer without a part of a file")
    if layer.number in studio.rounds:
        return studio.rounds[layer.number]
    if picture.alpha:
        studio.warnings[f"{layer.pointer}: what is transparent becomes black when it repeats or"
                        " plays backwards"] = None  # fmt: skip
    speed = Fraction(source.speed).limit_denominator(1000)
    end = source.end if source.end is not None else Fraction(media.length)
    frames = max(1, round((end - source.start) / speed * studio.rate))
    width, height = even_size(picture)
    size = min(_MAX_FRAMES, max(8, _PART_BYTES * 2 // (width * height * 3)))
    starts = list(range(0, frames, size))
    names = []
    for at in reversed(starts) if source.reverse else starts:
        name = f"layer-{layer.number}-{at}.mp4"
        count = min(size, frames - at)
        begin = source.start + at * speed / studio.rate
        shown = pictures_from(media, begin, count, studio.rate / speed, an=None)
        shown = scaling.contained(normalise_colour(shown, picture), width, height)
        shown = shown.filter("settb", f"1/{studio.rate}").filter("setpts", "N")
        shown = shown.filter("fps", rate_text(studio.rate))
        if source.reverse:
            shown = shown.filter("reverse")
        options = {"f": "mp4", "pix_fmt": "yuv420p", **_NEARLY_LOSSLESS, **REPRODUCIBLE}
        arguments = ffmpeg.output(shown, str(studio.folder / name), **options).get_args()
        seconds = float(count / studio.rate)
        studio.steps.append(FFmpegStep("decoding", tuple(arguments), seconds, _WEIGHT * seconds))
        names.append(name)
    found = studio.rounds[layer.number] = Round(studio.folder, tuple(names), frames)
    return found
