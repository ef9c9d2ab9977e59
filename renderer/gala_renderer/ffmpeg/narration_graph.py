"""FFmpeg's arguments for a voice over one background with captions. Pure.

Still frames are drawn once per caption and not once per frame; moving ones come from a video, from
``ken_burns`` or from a program that draws presenters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Final

import ffmpeg

from gala.render_types.params.framing import Fit
from gala.render_types.params.presenters import TransparentFormat
from gala_renderer.captions.overlay_track import (
    CaptionTrack,
    over_still,
    over_transparent,
    over_video,
)
from gala_renderer.engine.plan import Canvas
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg import ken_burns, scaling, video_source
from gala_renderer.ffmpeg.color import normalise_colour, opaque
from gala_renderer.ffmpeg.drawn_layer import (
    DrawnLayer,
    LogoLayer,
    frames_of,
    over_background,
    overlaid,
    with_logo,
)
from gala_renderer.ffmpeg.encoder_options import (
    AAC,
    MP4,
    REPRODUCIBLE,
    TRANSPARENT,
    VideoEncoding,
    h264,
    tagged,
    uploaded,
)
from gala_renderer.ffmpeg.inputs import (
    Stream,
    audio_of,
    cover,
    looped_input,
    one_frame,
    repeat,
    seconds_text,
    user_input,
)
from gala_renderer.ffmpeg.ken_burns import MovingPicture
from gala_renderer.probe.media import Media, VideoStream

_THUMBNAIL_SECONDS: Final = 1.5
NO_TAGS: Final[Mapping[str, str]] = MappingProxyType({})
_TWO_CHANNELS_DB: Final = 3.01
_BT709: Final = {"out_color_matrix": "bt709", "out_range": "tv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceTrack:
    """The voice: a file written by GALA (``own``) or a user's; its gain in decibels."""

    media: Media
    own: bool
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicTrack:
    """Music under the voice; its gain, and by how much it is lowered during speech, in decibels."""

    media: Media
    gain_db: float
    duck_db: float
    fade_in: float = 0.5
    fade_out: float = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Narration:
    """The parts of the video; at most one of ``still``, ``moving`` and ``video`` is set."""

    canvas: Canvas
    colour: str
    voice: VoiceTrack
    music: MusicTrack | None = None
    still: Media | None = None
    moving: MovingPicture | None = None
    video: Media | None = None
    fit: Fit = Fit.COVER
    """How ``still`` and ``video`` fill the canvas."""
    layer: DrawnLayer | None = None
    """Shown over the background."""
    logo: LogoLayer | None = None
    captions: CaptionTrack | None = None

    @property
    def moves(self) -> bool:
        """True if the background moves."""
        return self.moving is not None or self.video is not None


def encode(
    narration: Narration,
    *,
    scratch: Path,
    video: Path,
    thumbnail: Path,
    encoding: VideoEncoding,
    threads: int,
    tags: Mapping[str, str] = NO_TAGS,
) -> tuple[str, ...]:
    """Return arguments that write the MP4 and, in the same pass, a JPEG of an early frame."""
    canvas = narration.canvas
    shown = _pictures(narration, scratch).split()
    movie = ffmpeg.output(
        uploaded(shown[0], encoding),
        sound_of(narration),
        str(video),
        **MP4,
        **h264(encoding, fps=canvas.fps, threads=threads),
        **AAC,
        **{"frames:v": canvas.frames, "t": seconds_text(canvas.seconds)},
        **REPRODUCIBLE,
        **tagged(tags),
    )
    still = one_frame(shown[1], thumbnail_frame(canvas), "image/jpeg", str(thumbnail))
    return (*encoding.device, *ffmpeg.merge_outputs(movie, still).get_args())


def encode_transparent(
    narration: Narration,
    *,
    video: Path,
    thumbnail: Path,
    form: TransparentFormat,
    tags: Mapping[str, str] = NO_TAGS,
) -> tuple[str, ...]:
    """Return arguments that write the layer, which has transparency, without a background.

    ``video`` is a WebM or MOV file, or the pattern of the names of PNGs. The thumbnail shows the
    background's colour.
    """
    canvas = narration.canvas
    shown = _transparent(narration).split()
    sound = () if form is TransparentFormat.PNG else (sound_of(narration),)
    movie = ffmpeg.output(
        shown[0],
        *sound,
        str(video),
        **TRANSPARENT[form],
        **{"r": canvas.fps, "frames:v": canvas.frames, "t": seconds_text(canvas.seconds)},
        **REPRODUCIBLE,
        **tagged(tags),
    )
    laid = overlaid(repeat(background_of(narration), canvas, canvas.frames), shown[1], 0, 0)
    still = one_frame(laid, thumbnail_frame(canvas), "image/jpeg", str(thumbnail))
    return tuple(ffmpeg.merge_outputs(movie, still).get_args())


def _transparent(narration: Narration) -> Stream:
    canvas, layer = narration.canvas, narration.layer
    if layer is None:
        raise ValueError("a video without a background needs a layer")
    shown = frames_of(layer, canvas)
    if narration.logo is not None:
        shown = with_logo(shown, narration.logo, canvas)
    if narration.captions is not None:
        shown = over_transparent(shown, narration.captions)
    whole = shown.filter("tpad", stop=-1, stop_mode="clone").trim(end_frame=canvas.frames)
    return whole.filter("format", "yuva420p")


def thumbnail_frame(canvas: Canvas) -> int:
    """Return the number of the frame that the thumbnail shows."""
    return min(round(_THUMBNAIL_SECONDS * canvas.fps), canvas.frames // 2)


def _pictures(narration: Narration, scratch: Path) -> Stream:
    canvas, captions = narration.canvas, narration.captions
    base = _layered(narration, _moving(narration, scratch))
    if base is None:
        shown = _static(narration)
    elif captions is None:
        shown = base
    else:
        shown = over_video(base, captions)
    # A source may be shorter than its header says: its last frame is then held.
    whole = shown.filter("tpad", stop=-1, stop_mode="clone").trim(end_frame=canvas.frames)
    return whole.filter("format", "yuv420p").filter(
        "setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv"
    )


def _moving(narration: Narration, scratch: Path) -> Stream | None:
    if narration.moving is not None:
        return ken_burns.stream(narration.moving, scratch)
    return None if narration.video is None else _video_background(narration.video, narration)


def _layered(narration: Narration, base: Stream | None) -> Stream | None:
    """Return the background with the layer and the logo, or None if it is still."""
    canvas, layer, logo = narration.canvas, narration.layer, narration.logo
    if layer is not None and layer.covers(canvas):
        base = frames_of(layer, canvas)
    elif layer is not None:
        below = base or repeat(background_of(narration), canvas, canvas.frames)
        base = over_background(below, layer, canvas)
    if logo is None:
        return base
    return with_logo(base or repeat(background_of(narration), canvas, canvas.frames), logo, canvas)


def _static(narration: Narration) -> Stream:
    canvas, picture = narration.canvas, background_of(narration)
    if narration.captions is None:
        return repeat(picture, canvas, canvas.frames)
    return over_still(
        picture,
        narration.captions,
        width=canvas.width,
        height=canvas.height,
        frames=canvas.frames,
    )


def background_of(narration: Narration) -> Stream:
    """Return one frame of what is behind everything: 8-bit 4:2:0, BT.709."""
    canvas = narration.canvas
    if narration.still is None:
        source = f"color=c={narration.colour}:s={canvas.width}x{canvas.height}:r={canvas.fps}"
        picture = ffmpeg.input(source, f="lavfi").video.filter("format", "rgb24")
    else:
        source = user_input(narration.still).video
        found = narration.still.require_picture("background")
        picture = still_background(source, found, canvas, narration.fit, narration.colour)
    one = picture.trim(end_frame=1).filter("scale", **_BT709).filter("format", "yuv420p")
    return one.filter("setpts", "0")


def still_background(
    source: Stream, picture: VideoStream, canvas: Canvas, fit: Fit, colour: str
) -> Stream:
    """Return a picture that fills the canvas: in its own colours, or 8-bit 4:2:0, BT.709."""
    if fit is Fit.COVER:
        return cover(opaque(source, picture, colour), canvas, "lanczos")
    one = normalise_colour(source.trim(end_frame=1), picture, background=colour)
    return scaling.fitted(one, canvas.width, canvas.height, fit, colour=colour)


def _video_background(media: Media, narration: Narration) -> Stream:
    canvas = narration.canvas
    moving = video_source.pictures(
        media, Fraction(canvas.fps), loop_for=canvas.seconds, background=narration.colour
    )
    if narration.fit is not Fit.COVER:
        size = (canvas.width, canvas.height)
        return scaling.fitted(moving, *size, narration.fit, colour=narration.colour)
    return cover(moving, canvas, "bicubic")


def sound_of(narration: Narration) -> Stream:
    """Return the voice with the music, as long as the video."""
    seconds = narration.canvas.seconds
    voice = _voice(narration.voice)
    if narration.music is None:
        return sounds.fitted(voice, seconds)
    music = narration.music
    bed = _level(
        audio_of(music.media, looped_input(music.media, seconds, vn=None)),
        music.media,
        music.gain_db,
    )
    bed = sounds.fitted(bed, seconds)
    bed = sounds.faded(bed, fade_in=music.fade_in, fade_out=music.fade_out, seconds=seconds)
    whole = sounds.music_under(sounds.fitted(voice, seconds), bed, duck_db=music.duck_db)
    return sounds.fitted(whole, seconds)


def _voice(voice: VoiceTrack) -> Stream:
    if voice.own:
        source = ffmpeg.input(str(voice.media.path), f="wav").audio
    else:
        source = audio_of(voice.media, user_input(voice.media, vn=None))
    levelled = _level(source, voice.media, voice.gain_db)
    return sounds.limited(levelled) if voice.gain_db > 0 else levelled


def _level(source: Stream, media: Media, gain_db: float) -> Stream:
    """Convert to stereo and apply the gain; mono is lowered, as two equal channels are louder."""
    sound = media.require_sound("voice")
    louder_by = _TWO_CHANNELS_DB if sound.channels == 1 else 0.0
    return sounds.gained(sounds.stereo(source, sound), gain_db - louder_by)
