"""Captions: of the words of a voice, or of a file of subtitles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from gala.timeline.compilation.layers import WHOLE_PICTURE, Layer
from gala.timeline.document.elements import CaptionElement
from gala_renderer.captions.overlay_track import CaptionTrack, track_pictures
from gala_renderer.captions.pipeline import from_subtitles, from_words
from gala_renderer.captions.rasterizer import Frame, draw_track
from gala_renderer.captions.segmentation import TimedCaption
from gala_renderer.ffmpeg.video_source import rate_text
from gala_renderer.speech.words import Word
from gala_renderer.timeline.drawn import Area
from gala_renderer.timeline.elements.stationary import Stationary
from gala_renderer.timeline.graph import Branch, Span
from gala_renderer.timeline.studio import Shown, Studio


def make(layer: Layer, studio: Studio) -> Shown | None:
    """Return captions, drawn once for each that looks different."""
    element, params = cast(CaptionElement, layer.element), layer.captions
    if params is None:
        return None
    shown = tuple(_wanted(_within(_captions(layer, element, studio), layer), studio))
    if not shown:
        return None
    chain = studio.fonts.chain(
        params.font, bold=params.bold, italic=params.italic, field=f"{layer.pointer}/font"
    )
    frame = Frame(*studio.size, studio.rate)
    track = draw_track(shown, params, frame, chain, studio.folder / f"captions-{layer.number}")
    studio.warnings.update(dict.fromkeys(f"{layer.pointer}: {one}" for one in track.warnings))
    area = Area(track.x, track.y, *track.size, WHOLE_PICTURE)
    return CaptionPictures(layer=layer, area=area, studio=studio, track=track)


def _captions(layer: Layer, element: CaptionElement, studio: Studio) -> tuple[TimedCaption, ...]:
    params = layer.captions
    if params is None:
        return ()
    if element.src is not None:
        # The times of a file are those of the film, from the start of the element.
        start = float(layer.start)
        return from_subtitles(
            [
                replace(one, start=one.start + start, end=one.end + start)
                for one in studio.subtitles.get(element.src, ())
            ],
            params,
        )
    return from_words(list(_spoken(layer, studio)), params)


def _spoken(layer: Layer, studio: Studio) -> Iterator[Word]:
    """Yield the words that are shown, at their times in the film."""
    speaker = next(one for one in studio.compiled.layers if one.pointer == layer.words_of)
    for word in studio.words.get(speaker.pointer, ()):
        moved = word.shifted(float(speaker.start))
        if moved.start < speaker.end:
            yield moved


def _within(captions: tuple[TimedCaption, ...], layer: Layer) -> Iterator[TimedCaption]:
    """Yield the captions in the time of the layer."""
    start, end = float(layer.start), float(layer.end)
    for one in captions:
        if one.end > start and one.start < end:
            yield replace(one, start=max(start, one.start), end=min(end, one.end))


def _wanted(captions: Iterable[TimedCaption], studio: Studio) -> Iterator[TimedCaption]:
    """Yield the captions that are in frames which are wanted, or next to them."""
    for one in captions:
        if studio.seen is None or (
            one.start * studio.rate < studio.seen.end + 1
            and one.end * studio.rate > studio.seen.first - 1
        ):
            yield one


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionPictures(Stationary):
    """Captions as timed pictures."""

    track: CaptionTrack

    @property
    def _has_alpha(self) -> bool:
        return True

    def _picture(self, span: Span) -> Branch:
        shown = track_pictures(self.track, self.studio.number() + 1)
        endless = shown.filter("tpad", stop=-1, stop_mode="clone")
        steady = endless.filter("fps", rate_text(span.rate))
        part = steady.trim(start_frame=span.first, end_frame=span.end)
        return Branch(part.filter("setpts", "PTS-STARTPTS"))
