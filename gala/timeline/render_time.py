"""About how long a film takes to render: its pixels times what was measured for each kind of work.

The costs are seconds of two processor cores, from films of 10 s at 1080x1920 that were rendered
without anything kept from before. A renderer compares its own films with them: see ``pace``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from gala.render_types.params.motion import MotionName
from gala.render_types.params.video_encoding import Quality
from gala.render_types.params.voice import SpeechEngineName
from gala.timeline.compilation.layers import CompiledTimeline, Layer
from gala.timeline.document.output import (
    ANIMATIONS,
    SOUNDS,
    STILLS,
    FileFormat,
    OutputParams,
    VideoCodec,
)
from gala.timeline.measurements import Measurements

_PREVIEW_SIDE: Final = 360
"""Shorter side of a preview in pixels."""

_START_SECONDS: Final = 0.6
_ESPEAK: Final = 0.02
_SPEECH: Final = 0.3
"""Of each second that is spoken, by espeak-ng and by other engines."""
_SOUND: Final = 0.005
"""Of each second of sound."""
_FRAME: Final = 0.0075
"""Of a million pixels of the film that are put together, encoded and looked at."""
_VIDEO_FRAME: Final = 0.0065
"""Of a frame that is decoded."""
_COVERED: Final[dict[str, float]] = {
    "video": 0.001, "waveform": 0.028, "lottie": 0.01, "html": 0.05, "presenter": 0.01,
}  # fmt: skip
"""Of a million pixels that an element covers, by its type."""
_MOVED: Final = 0.0075
"""Of a million pixels that move."""
_EFFECT: Final = 0.006
"""Of a million pixels with a filter, a mask, a blend mode, blur or a blurred copy."""
_TRANSITION: Final = 0.01
_MOVING: Final = frozenset(
    {"video", "waveform", "lottie", "html", "presenter", "chart", "countdown", "caption"}
)
_NEARING: Final = frozenset({MotionName.KEN_BURNS, MotionName.ZOOM_IN})
_EFFECTS: Final = ("blur", "mask", "chroma_key", "lut", "radius")
_ROUND_SECONDS: Final = 10
"""What is encoded of a film in which nothing moves; the rest are copies."""

_ENCODER: Final[dict[VideoCodec, tuple[float, float]]] = {
    VideoCodec.H264: (0.0, 0.0),
    VideoCodec.HEVC: (0.017, 0.012),
    VideoCodec.AV1: (0.003, 0.002),
    VideoCodec.VP9: (0.003, 0.002),
    VideoCodec.PRORES: (0.041, 0.041),
}
"""Of a million pixels, beside H.264: where something moves, and where nothing does."""
_QUALITY: Final[dict[Quality, tuple[float, float]]] = {
    Quality.DRAFT: (-0.004, -0.002),
    Quality.PREVIEW: (0.0, 0.0),
    Quality.PRODUCTION: (0.025, 0.004),
}
_ANIMATION: Final[dict[FileFormat, float]] = {FileFormat.GIF: 0.07, FileFormat.WEBP: 0.035}
_NEARED: Final = 0.2
"""Of a film of one picture that a camera slowly comes nearer to: few of its frames are drawn."""
_SLOWLY: Final = 0.025
"""How much larger the picture becomes in a second, at most."""
_LADDER: Final = 1.7
"""HLS has several sizes."""


def render_seconds(
    params: OutputParams, film: CompiledTimeline, known: Measurements, *, pace: float = 1.0
) -> float:
    """Return about how many seconds the rendering takes, without waiting in the queue.

    ``pace`` is how much longer the films of a renderer took than this says; see
    :class:`~gala.renderer_features.RendererFeatures`. Scenes that are kept from an earlier
    rendering take no time, which this does not know.
    """
    work = _Work(params, film, known)
    pictures = 0.0 if params.file_format in SOUNDS else work.pictures()
    return round((_START_SECONDS + work.sound() + pictures) * pace, 1)


@dataclass(frozen=True, slots=True)
class _Work:
    params: OutputParams
    film: CompiledTimeline
    known: Measurements

    def sound(self) -> float:
        heard = [layer for layer in self.film.layers if layer.is_audible]
        spoken = {
            (one.speech.text, one.speech.voice): float(one.length)
            for one in heard
            if one.speech is not None and one.speech.text is not None and one.speech.source is None
        }
        speaking = sum(
            seconds * (_ESPEAK if voice.engine is SpeechEngineName.ESPEAK else _SPEECH)
            for (_, voice), seconds in spoken.items()
        )
        return _SOUND * sum(float(one.length) for one in heard) + speaking

    def pictures(self) -> float:
        frame, scale = self.film.frame, 1.0
        if self.params.preview:
            scale = min(1.0, (_PREVIEW_SIDE / min(frame.width, frame.height)) ** 2)
        pixels = frame.width * frame.height / 1e6 * scale
        share = self._encoded_part()
        seen = [layer for layer in self.film.layers if layer.is_visible]
        drawn = sum(_drawn(layer, scale) for layer in seen)
        mixed = sum(end - first for first, end in self._transitions())
        each = self._each(_share_moving(seen, self.film.frames))
        whole = self.film.frames * pixels * max(each, 0.001) + drawn + _TRANSITION * mixed * pixels
        return whole * share

    def _each(self, moving: float) -> float:
        """Return the cost of a million pixels of the film, of which a share moves."""
        params = self.params
        if params.file_format in ANIMATIONS:
            return _FRAME + _ANIMATION[params.file_format]
        codec, quality = _ENCODER[params.video_codec], _QUALITY[_quality(params)]
        extra = [one + other for one, other in zip(codec, quality, strict=True)]
        each = _FRAME + moving * extra[0] + (1 - moving) * extra[1]
        return each * _LADDER if params.file_format is FileFormat.HLS else each

    def _encoded_part(self) -> float:
        """Return the part of the frames that is encoded; the others are copies of it."""
        frames = max(self.film.frames, 1)
        if self.params.file_format in STILLS:
            return 1 / frames
        is_copied = (self.params.file_format, self.params.video_codec) == (
            FileFormat.MP4, VideoCodec.H264,
        )  # fmt: skip
        seen = [layer for layer in self.film.layers if layer.is_visible]
        if is_copied and len(seen) == 1 and self._is_neared(seen[0]):
            return _NEARED
        moving = [layer for layer in seen if _moves(layer)]
        whole = all(one.first_frame == 0 and one.end_frame == frames for one in seen)
        if not is_copied or not whole or len(self.film.scenes) > 1 or len(moving) > 1:
            return 1.0
        length = self._loop_seconds(moving[0]) if moving else float(_ROUND_SECONDS)
        if length is None or 2 * length > self.film.length:
            return 1.0
        count, rest = divmod(float(self.film.length), length)
        return (length + rest) / float(self.film.length) if count else 1.0

    def _is_neared(self, layer: Layer) -> bool:
        """Return True if a camera slowly comes nearer to a picture, and nothing else happens."""
        element: Any = layer.element
        motion = getattr(element, "motion", None)
        if layer.element.type != "image" or motion is None or motion.type not in _NEARING:
            return False
        others = ("keyframes", "fade_in", "fade_out", "animation_in", "animation_out")
        plain = not any(getattr(element, name, None) for name in others) and layer.group is None
        usual = _quality(self.params) is Quality.PREVIEW and self.params.max_bit_rate_kbps is None
        return plain and usual and motion.amount <= _SLOWLY * float(self.film.length)

    def _loop_seconds(self, layer: Layer) -> float | None:
        source = layer.source
        if source is None or not source.loop or source.reverse or _is_moved(layer):
            return None
        media = self.known.media(str(getattr(layer.element, "src", "")))
        found = None if media is None else media.duration
        return None if found is None else float(found) / source.speed

    def _transitions(self) -> Iterator[tuple[int, int]]:
        changes = [one.transition for one in self.film.scenes]
        changes += [one.transition for one in self.film.layers]
        for change in changes:
            if change is not None:
                yield change.first_frame, change.end_frame


def _quality(params: OutputParams) -> Quality:
    return Quality.DRAFT if params.preview else params.quality


def _drawn(layer: Layer, scale: float) -> float:
    """Return the cost of a layer's pictures, on a film of ``scale`` times its pixels."""
    frames = layer.end_frame - layer.first_frame
    covered = _covered(layer) * scale
    is_played = layer.element.type == "video" and not (layer.source and layer.source.freeze)
    cost = _VIDEO_FRAME if is_played else 0.0
    cost += covered * _COVERED.get(layer.element.type, 0.0)
    cost += covered * _MOVED * _is_moved(layer)
    element: Any = layer.element
    effects = sum(bool(getattr(element, name, None)) for name in _EFFECTS)
    effects += getattr(element, "blend", "normal") != "normal"
    effects += getattr(element, "fit", None) == "blur"
    return frames * (cost + covered * _EFFECT * effects)


def _covered(layer: Layer) -> float:
    """Return the millions of pixels that a layer covers; those of captions are a part."""
    frame = layer.frame
    whole = frame.width * frame.height / 1e6
    if layer.placement is None:
        return whole * 0.1
    box = layer.placement.box
    return min(box.width * box.height / 1e6, whole)


def _moves(layer: Layer) -> bool:
    is_frozen = layer.source is not None and layer.source.freeze
    return (layer.element.type in _MOVING and not is_frozen) or _is_moved(layer)


def _is_moved(layer: Layer) -> bool:
    """Return True if keyframes, camera motion or an animation move a layer, or its groups."""
    for part in (layer, *layer.groups):
        element: Any = part.element
        if any(
            getattr(element, name, None) for name in ("keyframes", "motion", "fade_in", "fade_out")
        ):
            return True
        if any(getattr(element, name, None) for name in ("animation_in", "animation_out")):
            return True
    return False


def _share_moving(layers: Iterable[Layer], frames: int) -> float:
    """Return the share of the film's frames in which something moves."""
    spans = sorted((one.first_frame, one.end_frame) for one in layers if _moves(one))
    covered, reached = 0, 0
    for first, end in spans:
        covered += max(0, end - max(first, reached))
        reached = max(reached, end)
    return covered / frames if frames else 0.0
