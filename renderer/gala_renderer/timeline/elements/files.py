"""Videos and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal, cast

from gala.render_types.params.framing import Fit
from gala.timeline.compilation.layers import WHOLE_PICTURE, Box, Layer
from gala.timeline.document.elements import ImageElement, VideoElement
from gala_renderer.engine.plan import FFmpegStep
from gala_renderer.ffmpeg import scaling, transparency
from gala_renderer.ffmpeg.color import normalise_colour, transparent_rgb
from gala_renderer.ffmpeg.inputs import Stream, user_input
from gala_renderer.ffmpeg.part_source import pictures_from
from gala_renderer.ffmpeg.video_source import pictures, rate_text
from gala_renderer.probe.media import Media, VideoStream
from gala_renderer.timeline.drawing.job import Material
from gala_renderer.timeline.drawn import Area, drawn_mask, save_png
from gala_renderer.timeline.elements.moved import Rest, clip_file, material_size, raw_file
from gala_renderer.timeline.elements.stationary import Stationary
from gala_renderer.timeline.frozen import frame_holds, interrupted, played_frame
from gala_renderer.timeline.graph import Branch, Span
from gala_renderer.timeline.kept_frames import FrameShape
from gala_renderer.timeline.looks import is_keyed, looked, looked_rgb
from gala_renderer.timeline.rounds import played_at, plays_round, prepared_round
from gala_renderer.timeline.studio import Shown, Studio

_DECODING: Final = 0.3
"""Weight of decoding a second of a video."""
_TO_RGB: Final = "bicubic+accurate_rnd+full_chroma_int"


def make(layer: Layer, studio: Studio) -> Shown | None:
    """Return a video or a picture, fitted to the part of its box that is on the frame."""
    element, placement = cast(VideoElement | ImageElement, layer.element), layer.placement
    if placement is None:
        return None
    area = Area.of(placement.backdrop or placement.box, studio.size)
    if area is None:
        return None
    mask = studio.path(layer, "-mask.png") if element.radius else None
    if mask is not None:
        save_png(drawn_mask(area, element.radius), mask)
    media = studio.files[element.src]
    return FilePicture(layer=layer, area=area, studio=studio, media=media, mask=mask)


def rest(layer: Layer, studio: Studio, zoom: float) -> Rest | None:
    """Return the whole of a picture or video that is shown, for a layer that moves.

    It is decoded before the film is encoded: a picture to a raw file, a video nearly without loss.
    """
    element, placement = cast(VideoElement | ImageElement, layer.element), layer.placement
    if placement is None:
        return None
    box = placement.backdrop or placement.box
    media = studio.files[element.src]
    picture = media.require_picture(layer.pointer)
    largest = max(1.0, picture.width * placement.crop.width / box.width)
    size, _ = material_size(box, min(zoom, largest))
    span = studio.wanted(layer.first_frame, layer.end_frame)
    frames = file_frames(layer, media, span, studio)
    source = None if frames.is_converted else picture
    one = frames.is_still or span.frames == 1
    alpha = picture.alpha and placement.backdrop is None
    rgba = _in_rgba(frames.stream, source, layer, Area.whole(*size), alpha=alpha)
    rgba = looked_rgb(rgba, layer, studio)
    alpha = alpha or is_keyed(layer)
    path = studio.path(layer, ".rgba" if one else ".mp4")
    kind: Literal["picture", "video"] = "picture" if one else "video"
    if one:
        arguments = raw_file(rgba, path)
    else:
        arguments = clip_file(rgba.filter("fps", rate_text(span.rate)), path, alpha=alpha)
    seconds = 0.1 if one else float(span.frames / span.rate)
    studio.steps.append(FFmpegStep("decoding", arguments, seconds, _DECODING * seconds))
    material = Material(kind=kind, path=path, width=size[0], height=size[1], alpha=alpha)
    return Rest(material, box, radius=element.radius, is_opaque=not alpha, first=span.first)


def _in_rgba(
    stream: Stream, picture: VideoStream | None, layer: Layer, area: Area, *, alpha: bool
) -> Stream:
    if alpha and picture is not None and layer.placement is not None:
        crop = layer.placement.crop
        rgb = transparent_rgb(stream, picture)
        scaled = transparency.scaled(
            rgb, lambda frames: _scaled(frames, crop, area, flags=transparency.SMOOTH)
        )
        return scaled.filter("format", "rgba")
    shown = fitted(stream, picture, layer, area)
    rgb = shown.filter("scale", in_color_matrix="bt709", in_range="tv", flags=_TO_RGB)
    return rgb.filter("format", "rgba")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePicture(Stationary):
    """A layer whose frames come from a file."""

    media: Media

    @property
    def _has_alpha(self) -> bool:
        picture = self.media.picture
        return is_keyed(self.layer) or (picture is not None and picture.alpha)

    def _picture(self, span: Span) -> Branch:
        """Return the frames of the file, fitted to the area."""
        picture = self.media.require_picture(self.layer.pointer)
        frames = file_frames(self.layer, self.media, span, self.studio)
        source = None if frames.is_converted else picture
        shown = fitted(frames.stream, source, self.layer, self.area)
        is_blurred = self.layer.placement is not None and self.layer.placement.backdrop is not None
        alpha = source is not None and picture.alpha and not is_blurred
        if self.studio.kept is not None and source is not None:
            shape = FrameShape(self.area.width, self.area.height, alpha)
            what = self._described(span, is_still=frames.is_still)
            number = self.studio.number()
            shown = self.studio.kept.frame(
                shown, self.media.path, what, shape, span.rate, number=number
            )
        return Branch(looked(shown, self.layer, self.studio, alpha=alpha), frames.is_still)

    def _described(self, span: Span, *, is_still: bool) -> str:
        """Return all that decides which frame of the file is seen, and how it is fitted."""
        layer = self.layer
        lasts = layer.first_frame, layer.end_frame
        place = (
            None if layer.placement is None else (layer.placement.crop, layer.placement.backdrop)
        )
        seen = None if is_still else (span.first, *lasts, layer.start, layer.end, span.rate)
        return repr((layer.source, seen, place, self.area))


@dataclass(frozen=True, slots=True)
class FileFrames:
    """Frames of a file from time 0 on; a single one if ``is_still``."""

    stream: Stream
    is_still: bool = False
    is_converted: bool = False
    """Whether they are in BT.709 already."""


def file_frames(layer: Layer, media: Media, span: Span, studio: Studio) -> FileFrames:
    """Return the frames of a layer's file that are seen in a span of the film."""
    # The number keeps them apart from the same frames elsewhere in the graph.
    number = studio.number()
    picture, source = media.require_picture(layer.pointer), layer.source
    if picture.still:
        first = user_input(media, an=None).video.filter("setpts", f"{number}-{number}")
        return FileFrames(first.trim(end_frame=1), is_still=True)
    if source is None or source.freeze:
        start = Fraction(0) if source is None else source.start
        return FileFrames(_one_frame(studio, number, media, start, span.rate), is_still=True)
    if studio.seen is not None and span.frames == 1 and (source.loop or source.reverse):
        return FileFrames(_one_frame(studio, number, media, *played_at(layer, media, span)))
    if plays_round(layer, media, studio):
        play = prepared_round(layer, media, studio)
        part = play.stream(span, layer.first_frame, number, loops=source.loop)
        return FileFrames(part, is_converted=not play.alpha)
    passed = span.first - layer.first_frame
    if source.loop:
        seconds = float((passed + span.frames) / span.rate)
        endless = pictures(
            media,
            span.rate,
            loop_for=seconds * source.speed,
            factor=source.speed,
            **_input_options(studio, number),
        )
        part = endless.trim(start_frame=passed, end_frame=passed + span.frames)
        return FileFrames(part.filter("setpts", "PTS-STARTPTS"), is_converted=True)
    held_from = layer.end_frame - layer.first_frame
    if source.holds_from is not None:
        held_from = max(1, round(source.holds_from * span.rate))
    skipped = min(passed, held_from - 1)
    played = min(span.frames, held_from - skipped)
    holds = frame_holds(source.holds, span.rate)
    first, last = (played_frame(one, holds) for one in (skipped, skipped + played - 1))
    speed = Fraction(source.speed).limit_denominator(1000)
    start = source.start + first * speed / span.rate
    if span.frames == 1:
        shown = _one_frame(studio, number, media, start, span.rate / speed)
    else:
        options = _input_options(studio, number)
        shown = pictures_from(media, start, last - first + 1, span.rate / speed, **options)
        shown = interrupted(shown, holds, (skipped, skipped + played), span.rate)
    shown = shown.filter("settb", f"1/{span.rate}").filter("setpts", "N")
    return FileFrames(shown.filter("tpad", stop=span.frames - played, stop_mode="clone"))


def _one_frame(
    studio: Studio, number: int, media: Media, start: Fraction, rate: Fraction
) -> Stream:
    """Return the frame that is shown at ``start`` seconds of a file that is read at ``rate``."""
    kept = None if studio.runs is None else studio.runs.frame(media, start, rate)
    if kept is not None:
        return kept
    return pictures_from(media, start, 1, rate, **_apart(number))


def _input_options(studio: Studio, number: int) -> dict[str, Any]:
    """Return the options of an input of a film."""
    threads = studio.decoder_threads
    return {**_apart(number), **({} if threads is None else {"threads": threads})}


def _apart(number: int) -> dict[str, Any]:
    """Return an option that makes an input unlike others, which ffmpeg-python would merge."""
    return {"thread_queue_size": 8 + number}


def fitted(stream: Stream, picture: VideoStream | None, layer: Layer, area: Area) -> Stream:
    """Return frames in SDR, cropped and scaled to an area; ``picture`` describes their colours."""
    placement = layer.placement
    if placement is None:
        return stream
    if placement.backdrop is not None:
        shown = stream if picture is None else normalise_colour(stream, picture)
        width, height = _whole_size(area)
        shown = scaling.fitted(shown, width, height, Fit.BLUR)
        return _scaled(shown, area.part, area) if area.part != WHOLE_PICTURE else shown
    crop = _within(placement.crop, area.part)
    if picture is not None and picture.alpha:
        return transparency.layer(
            transparent_rgb(stream, picture),
            lambda frames: _scaled(frames, crop, area, flags=transparency.SMOOTH),
        )
    shown = stream if picture is None else normalise_colour(stream, picture)
    return _scaled(shown, crop, area)


def _whole_size(area: Area) -> tuple[int, int]:
    return (
        2 * round(area.width / area.part.width / 2),
        2 * round(area.height / area.part.height / 2),
    )


def _within(crop: Box, part: Box) -> Box:
    return Box(
        crop.left + part.left * crop.width,
        crop.top + part.top * crop.height,
        part.width * crop.width,
        part.height * crop.height,
    )


def _scaled(stream: Stream, crop: Box, area: Area, flags: str = "bicubic") -> Stream:
    if crop != WHOLE_PICTURE:
        stream = stream.filter(
            "crop",
            w=f"max(min(2,iw),iw*{crop.width:.6f})",
            h=f"max(min(2,ih),ih*{crop.height:.6f})",
            x=f"iw*{crop.left:.6f}",
            y=f"ih*{crop.top:.6f}",
        )
    scaled = stream.filter("scale", w=area.width, h=area.height, flags=flags)
    return scaled.filter("setsar", 1)
